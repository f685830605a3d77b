#include "payload.h"

#include "span.h"

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

/* ---- deltas in the usual spelling ---- */

const char *const br_payload_kind_names[BR_PAYLOAD_KINDS] = {"text", "thinking", "input"};

/* What stands before the index, between it and the text, and behind the text, to the letter. */
struct spelling {
    struct br_span middle[BR_PAYLOAD_KINDS], tail[BR_PAYLOAD_KINDS], head;
};

#define LITERAL(text)                                                                                        \
    { text, sizeof(text) - 1 }

static const struct spelling converse_spelling = {{LITERAL(",\"delta\":{\"text\":"),
                                                   LITERAL(",\"delta\":{\"reasoningContent\":{\"text\":"),
                                                   LITERAL(",\"delta\":{\"toolUse\":{\"input\":")},
                                                  {LITERAL("}"), LITERAL("}}"), LITERAL("}}")},
                                                  LITERAL("{\"contentBlockIndex\":")};

static const struct spelling messages_spelling = {
    {LITERAL(",\"delta\":{\"type\":\"text_delta\",\"text\":"),
     LITERAL(",\"delta\":{\"type\":\"thinking_delta\",\"thinking\":"),
     LITERAL(",\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":")},
    {LITERAL("}"), LITERAL("}"), LITERAL("}")},
    LITERAL("{\"type\":\"content_block_delta\",\"index\":")};

static int take_literal(struct br_json_scan *s, const struct br_span *literal) {
    if ((size_t)(s->end - s->at) < literal->n || memcmp(s->at, literal->at, literal->n) != 0)
        return 0;
    s->at += literal->n;
    return 1;
}

/* A number that is not written out longer than an index of a block ever is. */
static int take_short_index(struct br_json_scan *s, int64_t *index) {
    const char *p = s->at, *end = s->end - p > 9 ? p + 9 : s->end;
    int64_t number = 0;
    for (; p < end && *p >= '0' && *p <= '9'; p++)
        number = number * 10 + (*p - '0');
    if (p == s->at || (*s->at == '0' && p > s->at + 1))
        return 0;
    *index = number;
    s->at = p;
    return 1;
}

/* Which kind of delta goes on here. */
static int take_kind(struct br_json_scan *s, const struct spelling *spelling, enum br_payload_kind *kind) {
    int k;
    for (k = 0; k < BR_PAYLOAD_KINDS; k++) {
        if (take_literal(s, &spelling->middle[k])) {
            *kind = (enum br_payload_kind)k;
            return 1;
        }
    }
    return 0;
}

static int take_usual(struct br_json_scan *s, const struct spelling *spelling,
                      struct br_payload_delta *delta) {
    return take_literal(s, &spelling->head) && take_short_index(s, &delta->index) &&
           take_kind(s, spelling, &delta->kind) && s->at < s->end && *s->at == '"' &&
           br_json_take_string(s, &delta->text) && take_literal(s, &spelling->tail[delta->kind]);
}

/* The end of the object, with padding before it or without. */
static int take_usual_end(struct br_json_scan *s) {
    static const struct br_span padding = LITERAL(",\"p\":\""), end = LITERAL("\"}"),
                                plain_end = LITERAL("}");
    if (!take_literal(s, &padding))
        return take_literal(s, &plain_end) && s->at == s->end;
    s->at = br_json_skip_plain(s->at, s->end);
    return take_literal(s, &end) && s->at == s->end;
}

/* Anthropic hides the length of a delta behind blanks. */
static int take_blank_end(struct br_json_scan *s) {
    while (s->at < s->end && *s->at == ' ')
        s->at++;
    return s->end - s->at == 1 && *s->at == '}';
}

/* ---- text deltas in any spelling ---- */

/* { "text": "..." } */
static int take_converse_delta(struct br_json_scan *s, struct br_json_string *text) {
    struct br_json_string key;
    return br_json_peek(s) == BR_JSON_OBJECT && br_json_take_key(s, &key) && IS(&key, "text") &&
           take_string(s, text) && br_json_closes(s, '}');
}

static int walk_converse_text(const char *text, size_t n, struct br_payload_delta *delta) {
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

static int walk_messages_text(const char *text, size_t n, struct br_payload_delta *delta) {
    struct br_json_scan s;
    struct br_json_string key, type;
    int types = 0, indexes = 0, deltas = 0, ok;
    br_json_scan_init(&s, text, n);
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

/* ---- deltas ---- */

int br_payload_converse_delta(const char *text, size_t n, struct br_payload_delta *delta) {
    struct br_json_scan s;
    br_json_scan_init(&s, text, n);
    if (take_usual(&s, &converse_spelling, delta) && take_usual_end(&s))
        return 1;
    delta->kind = BR_PAYLOAD_TEXT;
    return walk_converse_text(text, n, delta);
}

int br_payload_messages_delta(const char *text, size_t n, struct br_payload_delta *delta) {
    struct br_json_scan s;
    br_json_scan_init(&s, text, n);
    if (take_usual(&s, &messages_spelling, delta) && take_blank_end(&s))
        return 1;
    delta->kind = BR_PAYLOAD_TEXT;
    return walk_messages_text(text, n, delta);
}
