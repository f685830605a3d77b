#include "payload.h"

#include <string.h>

/* ---- padding ---- */

static int is_alnum(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Read from the end: `}` closes the payload, so a string before it is a value, which begins at the first
 * quote found going back (nothing between is a backslash); in the same way the key before it is exactly "p".
 * The comma must follow a value, or cutting it out would make `{,"p":"x"}` good. */
size_t br_payload_trim(char *text, size_t n) {
    static const char member[] = ",\"p\":\"";
    const size_t size = sizeof(member) - 1;
    const char *p = text + n;
    if (n < size + 3 || p[-1] != '}' || p[-2] != '"')
        return n;
    for (p -= 2; p > text && is_alnum(p[-1]); p--) {
    }
    if ((size_t)(p - text) < size + 1 || memcmp(p - size, member, size) != 0)
        return n;
    p -= size;
    if (!is_alnum(p[-1]) && p[-1] != '"' && p[-1] != '}' && p[-1] != ']')
        return n;
    n = (size_t)(p - text);
    text[n] = '}';
    return n + 1;
}

/* ---- walking ---- */

#define IS(string, word)                                                                                     \
    (!(string)->escaped && (string)->length == sizeof(word) - 1 &&                                           \
     memcmp((string)->start, word, sizeof(word) - 1) == 0)

static int take_string(struct br_json_scan *s, struct br_json_string *out) {
    return br_json_peek(s) == BR_JSON_STRING && br_json_take_string(s, out);
}

static int take_index(struct br_json_scan *s, int64_t *index) {
    struct br_json_number number;
    if (br_json_peek(s) != BR_JSON_NUMBER || !br_json_take_number(s, &number) ||
        number.kind != BR_JSON_INTEGER || number.integer < INT32_MIN || number.integer > INT32_MAX)
        return 0;
    *index = number.integer;
    return 1;
}

/* A member that may stand there once. */
static int first(int *seen) {
    return ++*seen == 1;
}

static int begin(struct br_json_scan *s, const char *text, size_t n) {
    br_json_scan_init(s, text, n);
    return br_json_peek(s) == BR_JSON_OBJECT;
}

static int done(struct br_json_scan *s) {
    return s->error.code == BR_JSON_OK && br_json_finish(s);
}

/* ---- chunk ---- */

int br_payload_chunk(const char *text, size_t n, struct br_json_string *base64) {
    struct br_json_scan s;
    struct br_json_string key, padding;
    int bytes = 0, pads = 0;
    if (!begin(&s, text, n))
        return 0;
    do {
        if (!br_json_take_key(&s, &key))
            return 0;
        if (IS(&key, "bytes") ? !first(&bytes) || !take_string(&s, base64)
                              : !IS(&key, "p") || !first(&pads) || !take_string(&s, &padding))
            return 0;
    } while (br_json_continues(&s, '}'));
    return bytes == 1 && done(&s);
}

/* ---- text deltas ---- */

/* { "text": "..." } */
static int take_converse_delta(struct br_json_scan *s, struct br_json_string *text) {
    struct br_json_string key;
    return br_json_peek(s) == BR_JSON_OBJECT && br_json_take_key(s, &key) && IS(&key, "text") &&
           take_string(s, text) && br_json_closes(s, '}');
}

int br_payload_converse_text(const char *text, size_t n, struct br_payload_delta *delta) {
    struct br_json_scan s;
    struct br_json_string key, padding;
    int indexes = 0, deltas = 0, pads = 0, ok;
    if (!begin(&s, text, n))
        return 0;
    do {
        if (!br_json_take_key(&s, &key))
            return 0;
        if (IS(&key, "contentBlockIndex"))
            ok = first(&indexes) && take_index(&s, &delta->index);
        else if (IS(&key, "delta"))
            ok = first(&deltas) && take_converse_delta(&s, &delta->text);
        else
            ok = IS(&key, "p") && first(&pads) && take_string(&s, &padding);
        if (!ok)
            return 0;
    } while (br_json_continues(&s, '}'));
    return indexes == 1 && deltas == 1 && done(&s);
}

/* { "type": "text_delta", "text": "..." } */
static int take_messages_delta(struct br_json_scan *s, struct br_json_string *text) {
    struct br_json_string key, type;
    int types = 0, texts = 0;
    if (br_json_peek(s) != BR_JSON_OBJECT)
        return 0;
    do {
        if (!br_json_take_key(s, &key))
            return 0;
        if (IS(&key, "type") ? !first(&types) || !take_string(s, &type) || !IS(&type, "text_delta")
                             : !IS(&key, "text") || !first(&texts) || !take_string(s, text))
            return 0;
    } while (br_json_continues(s, '}'));
    return types == 1 && texts == 1;
}

int br_payload_messages_text(const char *text, size_t n, struct br_payload_delta *delta) {
    struct br_json_scan s;
    struct br_json_string key, type;
    int types = 0, indexes = 0, deltas = 0, ok;
    if (!begin(&s, text, n))
        return 0;
    do {
        if (!br_json_take_key(&s, &key))
            return 0;
        if (IS(&key, "type"))
            ok = first(&types) && take_string(&s, &type) && IS(&type, "content_block_delta");
        else if (IS(&key, "index"))
            ok = first(&indexes) && take_index(&s, &delta->index);
        else
            ok = IS(&key, "delta") && first(&deltas) && take_messages_delta(&s, &delta->text);
        if (!ok)
            return 0;
    } while (br_json_continues(&s, '}'));
    return types == 1 && indexes == 1 && deltas == 1 && done(&s);
}
