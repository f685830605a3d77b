#include "http_parts.h"

#include <ctype.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* ---- the headers that go out ---- */

static enum br_http_fault add_line(struct br_http_request *r, struct curl_slist **list, const char *line) {
    struct curl_slist *longer = curl_slist_append(*list, line);
    if (longer == NULL)
        return br_http_fail(r, BR_HTTP_MEMORY, "out of memory");
    *list = longer;
    return BR_HTTP_OK;
}

static int is_token(const char *s, size_t n) {
    size_t i;
    for (i = 0; i < n; i++)
        if (!isalnum((unsigned char)s[i]) && strchr("!#$%&'*+-.^_`|~", s[i]) == NULL)
            return 0;
    return n > 0 && memchr(s, 0, n) == NULL;
}

static int breaks_line(const char *s, size_t n) {
    return memchr(s, '\r', n) != NULL || memchr(s, '\n', n) != NULL || memchr(s, 0, n) != NULL;
}

static int is_blank(const char *s, size_t n) {
    while (n > 0 && isspace((unsigned char)s[n - 1]))
        n--;
    return n == 0;
}

enum br_http_fault br_http_request_header(struct br_http_request *r, const char *name, size_t name_size,
                                          const char *value, size_t value_size) {
    enum br_http_fault fault;
    char *line;
    if (!is_token(name, name_size))
        return br_http_fail(r, BR_HTTP_REQUEST,
                            "the name of a header is empty or holds a character that is not allowed there");
    if (breaks_line(value, value_size))
        return br_http_fail(r, BR_HTTP_REQUEST,
                            "the value of header \"%.*s\" holds a line break or a zero byte", (int)name_size,
                            name);
    line = malloc(name_size + value_size + 3);
    if (line == NULL)
        return br_http_fail(r, BR_HTTP_MEMORY, "out of memory");
    /* "name;" is libcurl's way to write a header without a value; "name: " would take the header away. */
    if (is_blank(value, value_size))
        sprintf(line, "%.*s;", (int)name_size, name);
    else
        sprintf(line, "%.*s: %.*s", (int)name_size, name, (int)value_size, value);
    fault = add_line(r, &r->lines, line);
    OPENSSL_cleanse(line, strlen(line));
    free(line);
    return fault;
}

enum br_http_fault br_http_request_connect_to(struct br_http_request *r, const char *rule) {
    return add_line(r, &r->connect_to, rule);
}

static int has_header(const struct br_http_request *r, const char *name) {
    const struct curl_slist *l;
    size_t n = strlen(name);
    for (l = r->lines; l != NULL; l = l->next)
        if (strncasecmp(l->data, name, n) == 0 && (l->data[n] == ':' || l->data[n] == ';'))
            return 1;
    return 0;
}

/* What libcurl would add by itself is either ours or not sent at all: "Name:" takes it away. */
static enum br_http_fault own_headers(struct br_http_request *r) {
    static const struct {
        const char *name, *line;
    } rows[] = {
        {"Accept-Encoding", "Accept-Encoding: identity"},
        {"Accept", "Accept:"},
        {"Content-Type", "Content-Type:"},
        {"Expect", "Expect:"},
        {"User-Agent", "User-Agent:"},
    };
    size_t i;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (!has_header(r, rows[i].name) && add_line(r, &r->lines, rows[i].line) != BR_HTTP_OK)
            return BR_HTTP_MEMORY;
    return BR_HTTP_OK;
}

/* The parts of a URL that matter here, borrowed from it: scheme://authority, authority = host[:port]. */
struct origin {
    const char *authority, *host;
    size_t authority_size, host_size;
    int https;
    unsigned long port;
};

static int is_plain(const char *url) {
    for (; *url != 0; url++)
        if ((unsigned char)*url <= ' ' || (unsigned char)*url >= 0x7f)
            return 0;
    return 1;
}

static int split_url(const char *url, struct origin *o) {
    const char *colon;
    o->https = strncasecmp(url, "https://", 8) == 0;
    if (!is_plain(url) || (!o->https && strncasecmp(url, "http://", 7) != 0))
        return -1;
    o->authority = url + (o->https ? 8 : 7);
    o->authority_size = strcspn(o->authority, "/?#");
    if (o->authority_size == 0 || memchr(o->authority, '@', o->authority_size) != NULL)
        return -1;
    o->host = o->authority;
    o->host_size = o->authority_size;
    o->port = o->https ? 443 : 80;
    colon = memchr(o->authority, ']', o->authority_size);
    if (colon == NULL)
        colon = o->authority;
    colon = memchr(colon, ':', o->authority_size - (size_t)(colon - o->authority));
    if (colon != NULL) {
        o->host_size = (size_t)(colon - o->authority);
        o->port = strtoul(colon + 1, NULL, 10);
    }
    if (o->host[0] == '[' && o->host_size > 2) {
        o->host++;
        o->host_size -= 2;
    }
    return 0;
}

static int remember_origin(struct br_http_request *r, const struct origin *o, int http2) {
    size_t room = o->host_size + 32;
    r->origin = malloc(room);
    if (r->origin == NULL)
        return -1;
    snprintf(r->origin, room, "%.*s port %lu", (int)o->host_size, o->host, o->port);
    r->leads_to = http2 ? 0 : br_pool_origin(r->origin);
    return 0;
}

/* The Host header is the URL's authority as it stands, because that is what was signed. */
static enum br_http_fault own_host(struct br_http_request *r, const struct origin *o) {
    if (has_header(r, "Host"))
        return BR_HTTP_OK;
    return br_http_request_header(r, "Host", 4, o->authority, o->authority_size);
}

/* ---- settings ---- */

/* What became of a row of options; both can be. */
enum { REFUSED = 1, NO_MEMORY = 2 };

static int outcome(CURLcode code) {
    return code == CURLE_OK ? 0 : code == CURLE_OUT_OF_MEMORY ? NO_MEMORY : REFUSED;
}

/* Collects the results of curl_easy_setopt, so that a row of options is checked once. */
#define SET(option, value) (failed |= outcome(curl_easy_setopt(r->easy, option, value)))

static int set_method(struct br_http_request *r, const struct br_http_options *o) {
    int failed = 0;
    int always_body =
        strcmp(o->method, "POST") == 0 || strcmp(o->method, "PUT") == 0 || strcmp(o->method, "PATCH") == 0;
    if (o->body != NULL || always_body) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)o->body_size);
        SET(CURLOPT_POSTFIELDS, o->body != NULL ? o->body : "");
    } else if (strcmp(o->method, "HEAD") == 0) {
        SET(CURLOPT_NOBODY, 1L);
    }
    SET(CURLOPT_CUSTOMREQUEST, o->method);
    /* Large bodies go out in larger pieces than 64 KiB. */
    if (o->body_size > 512 * 1024)
        SET(CURLOPT_UPLOAD_BUFFERSIZE, 512L * 1024);
    return failed;
}

/* The URL goes out as it is; nothing is followed, remembered or read from files. */
static int set_request(struct br_http_request *r, const struct br_http_options *o) {
    int failed = 0;
    SET(CURLOPT_URL, o->url);
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_HTTP_CONTENT_DECODING, 0L);
    SET(CURLOPT_HTTP_VERSION, o->http2 ? (long)CURL_HTTP_VERSION_2TLS : (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_HTTPHEADER, r->lines);
    return failed;
}

static int set_connection(struct br_http_request *r, const struct br_http_options *o) {
    double connect = o->clocks[BR_CLOCK_CONNECT];
    int failed = 0;
    SET(CURLOPT_NOSIGNAL, 1L);
    /* Four times libcurl's own: what lies in the socket is read at once. */
    SET(CURLOPT_BUFFERSIZE, 64L * 1024);
    SET(CURLOPT_TCP_NODELAY, 1L);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_TCP_KEEPIDLE, (long)BR_POOL_KEEPIDLE);
    SET(CURLOPT_TCP_KEEPINTVL, (long)BR_POOL_KEEPINTVL);
    SET(CURLOPT_MAXAGE_CONN, r->engine->pool_age);
    SET(CURLOPT_CONNECT_TO, r->connect_to);
    /* Our own clock ends it; libcurl has to know the time to share it out among a name's addresses. */
    SET(CURLOPT_CONNECTTIMEOUT_MS,
        connect > 0 && connect < 86400 ? (long)(connect * 1000) + 1 : 86400L * 1000);
#if LIBCURL_VERSION_NUM >= 0x075700
    /* A name that takes for ever to resolve must not hold up who cancels it. */
    SET(CURLOPT_QUICK_EXIT, 1L);
#endif
    return failed;
}

static int set_proxy(struct br_http_request *r, const struct br_http_options *o) {
    int failed = 0;
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (o->proxy != NULL)
        SET(CURLOPT_PROXY, o->proxy);
    if (o->no_proxy != NULL)
        SET(CURLOPT_NOPROXY, o->no_proxy);
    return failed;
}

static int is_directory(const char *path) {
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

static int set_ca_text(struct br_http_request *r, const struct br_http_options *o) {
    struct curl_blob blob = {NULL, o->ca_bundle_size, CURL_BLOB_COPY};
    char *copy = malloc(o->ca_bundle_size);
    int failed = 0;
    if (copy == NULL)
        return NO_MEMORY;
    memcpy(copy, o->ca_bundle, o->ca_bundle_size);
    blob.data = copy;
    SET(CURLOPT_CAINFO_BLOB, &blob);
    SET(CURLOPT_PROXY_CAINFO_BLOB, &blob);
    free(copy);
    return failed;
}

/* A bundle of one's own replaces the system's, file and directory. */
static int set_ca(struct br_http_request *r, const struct br_http_options *o) {
    int failed = 0;
    int text = strstr(o->ca_bundle, "-----BEGIN") != NULL;
    int directory = !text && is_directory(o->ca_bundle);
    SET(CURLOPT_CAPATH, directory ? o->ca_bundle : NULL);
    SET(CURLOPT_PROXY_CAPATH, directory ? o->ca_bundle : NULL);
    if (text)
        return failed | set_ca_text(r, o);
    SET(CURLOPT_CAINFO, directory ? NULL : o->ca_bundle);
    SET(CURLOPT_PROXY_CAINFO, directory ? NULL : o->ca_bundle);
    return failed;
}

/* libcurl takes a certificate's common name for the host where it names none in the way meant for that; the
 * common name was given up for this because it is free text. */
static int refuse_nameless(int good, X509_STORE_CTX *chain) {
    X509 *certificate = X509_STORE_CTX_get_current_cert(chain);
    if (!good || X509_STORE_CTX_get_error_depth(chain) > 0 ||
        X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1) >= 0)
        return good;
    X509_STORE_CTX_set_error(chain, X509_V_ERR_HOSTNAME_MISMATCH);
    return 0;
}

static CURLcode on_tls(CURL *easy, void *context, void *unused) {
    (void)easy, (void)unused;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, refuse_nameless);
    return CURLE_OK;
}

/* Only a libcurl over OpenSSL hands out OpenSSL's structures. */
static int is_over_openssl(void) {
    const char *name = curl_version_info(CURLVERSION_NOW)->ssl_version;
    return name != NULL && strstr(name, "OpenSSL") != NULL;
}

static int set_tls(struct br_http_request *r, const struct br_http_options *o) {
    int failed = 0;
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2); /* or later */
    SET(CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (!o->insecure && is_over_openssl())
        SET(CURLOPT_SSL_CTX_FUNCTION, on_tls);
    SET(CURLOPT_SSL_VERIFYPEER, o->insecure ? 0L : 1L);
    SET(CURLOPT_SSL_VERIFYHOST, o->insecure ? 0L : 2L);
    SET(CURLOPT_PROXY_SSL_VERIFYPEER, o->insecure ? 0L : 1L);
    SET(CURLOPT_PROXY_SSL_VERIFYHOST, o->insecure ? 0L : 2L);
    return o->ca_bundle != NULL ? failed | set_ca(r, o) : failed;
}

static int set_all(struct br_http_request *r, const struct br_http_options *o) {
    return set_method(r, o) | set_request(r, o) | set_connection(r, o) | set_proxy(r, o) | set_tls(r, o);
}

enum br_http_fault br_http_setup(struct br_http_request *r, const struct br_http_options *o) {
    struct origin origin;
    if (!is_token(o->method, strlen(o->method)))
        return br_http_fail(r, BR_HTTP_REQUEST, "the method is not a word of HTTP");
    if (split_url(o->url, &origin) != 0)
        return br_http_fail(r, BR_HTTP_REQUEST, "this is not an http or https URL that can be requested");
    if (own_host(r, &origin) != BR_HTTP_OK || own_headers(r) != BR_HTTP_OK ||
        remember_origin(r, &origin, o->http2) != 0 || (r->easy = curl_easy_init()) == NULL)
        return br_http_fail(r, BR_HTTP_MEMORY, "out of memory");
    switch (set_all(r, o)) {
    case 0:
        return BR_HTTP_OK;
    case REFUSED:
        return br_http_fail(r, BR_HTTP_REQUEST, "libcurl refuses one of the request's settings");
    default:
        return br_http_fail(r, BR_HTTP_MEMORY, "out of memory");
    }
}
