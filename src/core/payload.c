#include "payload.h"

#include <string.h>

/* ---- from the ends ---- */

/* Whether a value may end in this character: of a string, a list, an object, a number or a literal. */
static int ends_value(char c) {
    return c == '"' || c == ']' || c == '}' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

/* Read from the end: `}` closes the payload, so the string before it is a value, and it begins at the first
 * quote found going back, if all between is plain. The colon before it, without a backslash, follows a key,
 * which in the same way is exactly "p". The comma must follow a value, or cutting it out would make
 * `{,"p":"x"}` good. */
size_t br_payload_trim(char *text, size_t n) {
    static const char member[] = ",\"p\":\"";
    const size_t size = sizeof(member) - 1;
    const char *end, *p;
    if (n < size + 3 || memcmp(text + n - 2, "\"}", 2) != 0)
        return n;
    p = end = text + n - 2;
    while (p > text && p[-1] != '"')
        p--;
    if ((size_t)(p - text) < size + 1 || memcmp(p - size, member, size) != 0 ||
        br_json_skip_plain(p, end) != end)
        return n;
    p -= size;
    if (!ends_value(p[-1]))
        return n;
    n = (size_t)(p - text);
    text[n] = '}';
    return n + 1;
}

int br_payload_chunk(const char *text, size_t n, struct br_json_string *base64) {
    static const char head[] = "{\"bytes\":\"", tail[] = "\"}";
    const size_t around = sizeof(head) - 1 + sizeof(tail) - 1;
    if (n < around || memcmp(text, head, sizeof(head) - 1) != 0 || memcmp(text + n - 2, tail, 2) != 0)
        return 0;
    base64->start = text + sizeof(head) - 1;
    base64->length = n - around;
    base64->escaped = 0;
    return 1;
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
