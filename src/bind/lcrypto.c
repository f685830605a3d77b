/* core.crypto: digests, random bytes, checksums, and the signatures that proofs of possession need.
 *
 * The fetched digests live in a userdata that the functions hold as their upvalue. */
#include "bind.h"
#include "crypto.h"
#include "lbuf.h"

#include <zlib.h>

#define DIGESTS "bedrock.digests"
#define RANDOM_MAX 65536
#define PEM_MAX 1024 /* a P-256 key as PKCS #8 takes a quarter of it */

static struct br_crypto *to_crypto(lua_State *L) {
    return lua_touserdata(L, lua_upvalueindex(1));
}

static int crypto_gc(lua_State *L) {
    br_crypto_clear(luaL_checkudata(L, 1, DIGESTS));
    return 0;
}

static void check(lua_State *L, int status, const char *what) {
    if (status != 0)
        luaL_error(L, "libcrypto could not %s", what);
}

static int push_hex(lua_State *L, const unsigned char *bytes, size_t n) {
    char digits[2 * BR_SHA256_SIZE];
    br_crypto_hex(bytes, n, digits);
    lua_pushlstring(L, digits, 2 * n);
    return 1;
}

static void sha256_of_argument(lua_State *L, unsigned char digest[BR_SHA256_SIZE]) {
    size_t n;
    const char *bytes = lbr_checkbytes(L, 1, &n);
    check(L, br_crypto_sha256(to_crypto(L), bytes, n, digest), "compute SHA-256");
}

static int lsha256(lua_State *L) {
    unsigned char digest[BR_SHA256_SIZE];
    sha256_of_argument(L, digest);
    return push_hex(L, digest, sizeof(digest));
}

static int lsha256_raw(lua_State *L) {
    unsigned char digest[BR_SHA256_SIZE];
    sha256_of_argument(L, digest);
    lua_pushlstring(L, (char *)digest, sizeof(digest));
    return 1;
}

static int lsha1(lua_State *L) {
    unsigned char digest[BR_SHA1_SIZE];
    size_t n;
    const char *bytes = lbr_checkbytes(L, 1, &n);
    check(L, br_crypto_sha1(to_crypto(L), bytes, n, digest), "compute SHA-1");
    return push_hex(L, digest, sizeof(digest));
}

static int lhmac_sha256(lua_State *L) {
    unsigned char mac[BR_SHA256_SIZE];
    size_t key_n, n;
    const char *key = luaL_checklstring(L, 1, &key_n);
    const char *bytes = lbr_checkbytes(L, 2, &n);
    check(L, br_crypto_hmac_sha256(to_crypto(L), key, key_n, bytes, n, mac), "compute HMAC-SHA-256");
    lua_pushlstring(L, (char *)mac, sizeof(mac));
    br_crypto_wipe(mac, sizeof(mac));
    return 1;
}

static int lhex(lua_State *L) {
    size_t n;
    const char *bytes = lbr_checkbytes(L, 1, &n);
    char *digits;
    luaL_argcheck(L, n <= (size_t)-1 / 2, 1, "too long");
    digits = lua_newuserdata(L, 2 * n + 1);
    br_crypto_hex(bytes, n, digits);
    lua_pushlstring(L, digits, 2 * n);
    return 1;
}

static int lcrc32(lua_State *L) {
    size_t n;
    const char *bytes = lbr_checkbytes(L, 1, &n);
    lua_pushinteger(L, (lua_Integer)crc32_z(0, (const unsigned char *)bytes, n));
    return 1;
}

/* Random bytes may become a secret: they pass through memory that is wiped. */
static int lrandom(lua_State *L) {
    lua_Number wanted = luaL_checknumber(L, 1);
    size_t n = wanted >= 0 && wanted <= RANDOM_MAX ? (size_t)wanted : 0;
    char *bytes;
    luaL_argcheck(L, wanted == (lua_Number)n, 1, "a whole number from 0 to 65536 is wanted");
    bytes = lua_newuserdata(L, n + 1);
    check(L, br_crypto_random(bytes, n), "make random bytes");
    lua_pushlstring(L, bytes, n);
    br_crypto_wipe(bytes, n);
    return 1;
}

/* Version 4 of RFC 9562: random, but for the six bits that say so. */
static int luuid(lua_State *L) {
    static const int starts[] = {0, 4, 6, 8, 10, 16};
    unsigned char bytes[16];
    char text[36], *to = text;
    int i;
    check(L, br_crypto_random(bytes, sizeof(bytes)), "make random bytes");
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    for (i = 0; i < 5; i++) {
        size_t n = (size_t)(starts[i + 1] - starts[i]);
        if (i > 0)
            *to++ = '-';
        br_crypto_hex(bytes + starts[i], n, to);
        to += 2 * n;
    }
    lua_pushlstring(L, text, sizeof(text));
    return 1;
}

static int push_no_key(lua_State *L) {
    lua_pushnil(L);
    lua_pushliteral(L, "not an unencrypted PEM private key on the curve P-256");
    return 2;
}

/* es256_sign(pem, bytes) -> r and s, 64 bytes | nil, why */
static int les256_sign(lua_State *L) {
    unsigned char signature[BR_ES256_SIZE];
    size_t pem_n, n;
    const char *pem = luaL_checklstring(L, 1, &pem_n);
    const char *bytes = lbr_checkbytes(L, 2, &n);
    if (br_crypto_es256_sign(pem, pem_n, bytes, n, signature) != 0)
        return push_no_key(L);
    lua_pushlstring(L, (char *)signature, sizeof(signature));
    return 1;
}

/* ec_public(pem) -> x, y | nil, why */
static int lec_public(lua_State *L) {
    unsigned char x[BR_EC_COORDINATE], y[BR_EC_COORDINATE];
    size_t n;
    const char *pem = luaL_checklstring(L, 1, &n);
    if (br_crypto_ec_public(pem, n, x, y) != 0)
        return push_no_key(L);
    lua_pushlstring(L, (char *)x, sizeof(x));
    lua_pushlstring(L, (char *)y, sizeof(y));
    return 2;
}

static int lec_generate(lua_State *L) {
    char *pem =
        lua_newuserdata(L, PEM_MAX); /* the wipe is skipped only when Lua has no memory for the string */
    size_t n = PEM_MAX;
    check(L, br_crypto_ec_generate(pem, &n), "make a key");
    lua_pushlstring(L, pem, n);
    br_crypto_wipe(pem, PEM_MAX);
    return 1;
}

static const luaL_Reg functions[] = {
    {"sha256", lsha256},
    {"sha256_raw", lsha256_raw},
    {"sha1", lsha1},
    {"hmac_sha256", lhmac_sha256},
    {"hex", lhex},
    {"crc32", lcrc32},
    {"random", lrandom},
    {"uuid", luuid},
    {"es256_sign", les256_sign},
    {"ec_public", lec_public},
    {"ec_generate", lec_generate},
    {NULL, NULL},
};

static void push_digests(lua_State *L) {
    struct br_crypto *c = lua_newuserdata(L, sizeof(*c));
    memset(c, 0, sizeof(*c));
    if (luaL_newmetatable(L, DIGESTS)) {
        lua_pushcfunction(L, crypto_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    check(L, br_crypto_init(c), "offer SHA-256");
}

int luaopen_bedrock_crypto(lua_State *L) {
    lua_createtable(L, 0, sizeof(functions) / sizeof(functions[0]) - 1);
    push_digests(L);
    luaL_setfuncs(L, functions, 1);
    return 1;
}
