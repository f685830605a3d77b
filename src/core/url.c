#include "url.h"

#include <string.h>

static int is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int is_digit(char c) {
    return c >= '0' && c <= '9';
}

static int is_host_byte(char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
}

static int is_address_byte(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.';
}

static int is_user_byte(char c) {
    return is_host_byte(c) || (c != '\0' && strchr("~!$&'()*+,;=:%", c) != NULL);
}

/* How many bytes at the front are of a kind. */
static inline size_t run_of(struct br_span text, int (*is_kind)(char)) {
    size_t n = 0;
    while (n < text.n && is_kind(text.at[n]))
        n++;
    return n;
}

/* How many bytes stand before the first `mark`. */
static size_t run_until(struct br_span text, char mark) {
    const char *at = text.n > 0 ? memchr(text.at, mark, text.n) : NULL;
    return at != NULL ? (size_t)(at - text.at) : text.n;
}

static int is_authority_byte(char c) {
    return c != '/' && c != '?' && c != '#';
}

/* Cuts `n` bytes off the front. */
static struct br_span take(struct br_span *text, size_t n) {
    struct br_span front = {text->at, n};
    text->at += n;
    text->n -= n;
    return front;
}

static int skip(struct br_span *text, const char *what, size_t n) {
    if (text->n < n || memcmp(text->at, what, n) != 0)
        return 0;
    take(text, n);
    return 1;
}

/* Compares with a text in lower case. */
static int is_word(struct br_span text, const char *word, size_t n) {
    size_t i;
    if (text.n != n)
        return 0;
    for (i = 0; i < n; i++) {
        if ((text.at[i] | 0x20) != word[i])
            return 0;
    }
    return 1;
}

/* What stands before an "@" must be made of what may stand there. */
static void skip_user(struct br_span *authority) {
    size_t n = run_until(*authority, '@');
    if (n < authority->n && run_of(*authority, is_user_byte) == n)
        take(authority, n + 1);
}

/* "[::1]" or "localhost" off the front of the authority; empty when there is neither. */
static struct br_span take_host(struct br_span *authority) {
    struct br_span none = {authority->at, 0}, host;
    if (!skip(authority, "[", 1))
        return take(authority, run_of(*authority, is_host_byte));
    host = take(authority, run_of(*authority, is_address_byte));
    return skip(authority, "]", 1) && memchr(host.at, ':', host.n) != NULL ? host : none;
}

static int is_port_of(struct br_span scheme, struct br_span port) {
    return scheme.n == 5 ? is_word(port, "443", 3) : is_word(port, "80", 2);
}

/* "host", "host:" or "host:port". */
static int split_authority(struct br_span authority, struct br_url *url) {
    struct br_span port;
    skip_user(&authority);
    url->authority = authority;
    url->host = take_host(&authority);
    url->authority.n -= authority.n;
    if (url->host.n == 0)
        return -1;
    if (authority.n == 0)
        return 0;
    if (!skip(&authority, ":", 1) || run_of(authority, is_digit) < authority.n)
        return -1;
    port = authority;
    if (port.n > 0 && !is_port_of(url->scheme, port))
        url->authority.n += 1 + port.n;
    return 0;
}

int br_url_split(struct br_span text, struct br_url *url) {
    static const struct br_span root = {"/", 1};
    url->scheme = take(&text, run_of(text, is_letter));
    if ((!is_word(url->scheme, "http", 4) && !is_word(url->scheme, "https", 5)) || !skip(&text, "://", 3) ||
        split_authority(take(&text, run_of(text, is_authority_byte)), url) != 0)
        return -1;
    text.n = run_until(text, '#');
    url->path = take(&text, run_until(text, '?'));
    if (url->path.n == 0)
        url->path = root;
    skip(&text, "?", 1);
    url->query = text;
    return 0;
}
