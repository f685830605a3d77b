/* A payload that is taken the short way must say the same as the whole JSON does: the padding is a member of
 * the text, what is left without it is JSON exactly when the text was, and a delta's text is found where a
 * reader finds it. */
#include "base64.h"
#include "payload.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int skip_value(struct br_json_scan *s, int depth);

static int skip_list(struct br_json_scan *s, int depth, char bracket) {
    struct br_json_string key;
    if (depth > 200)
        return 0;
    if (br_json_closes(s, bracket))
        return 1;
    do {
        if (bracket == '}' && !br_json_take_key(s, &key))
            return 0;
        if (!skip_value(s, depth + 1))
            return 0;
    } while (br_json_continues(s, bracket));
    return s->error.code == BR_JSON_OK;
}

static int skip_value(struct br_json_scan *s, int depth) {
    struct br_json_string string;
    struct br_json_number number;
    switch (br_json_peek(s)) {
    case BR_JSON_END:
        return 0;
    case BR_JSON_STRING:
        return br_json_take_string(s, &string);
    case BR_JSON_NUMBER:
        return br_json_take_number(s, &number);
    case BR_JSON_ARRAY:
        return skip_list(s, depth, ']');
    case BR_JSON_OBJECT:
        return skip_list(s, depth, '}');
    default:
        return 1;
    }
}

static int is_json(const char *text, size_t n) {
    struct br_json_scan s;
    br_json_scan_init(&s, text, n);
    return skip_value(&s, 0) && br_json_finish(&s);
}

static void check(int condition) {
    if (!condition)
        abort();
}

/* Base64 between the quotes makes it JSON. */
static void check_chunk(const char *text, size_t size, int json) {
    struct br_json_string base64;
    size_t written, position;
    char *room;
    if (!br_payload_chunk(text, size, &base64))
        return;
    room = malloc(br_base64_decoded_bound(base64.length));
    if (br_base64_decode(room, &written, base64.start, base64.length, &position) == NULL)
        check(json);
    free(room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct br_payload_delta delta;
    char *text = malloc(size + 1);
    size_t left;
    int json;
    memcpy(text, data, size);
    json = is_json(text, size);
    check_chunk(text, size, json);
    if (br_payload_converse_delta(text, size, &delta) || br_payload_messages_delta(text, size, &delta))
        check(json);
    left = br_payload_trim(text, size);
    check(left <= size && is_json(text, left) == json);
    free(text);
    return 0;
}
