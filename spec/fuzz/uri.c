/* Any bytes as a label: what comes out holds unreserved bytes and escapes only, is the text again when it is
 * decoded (by a reader of its own), and encoding once leaves alone what is encoded. */
#include "uri.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition) {
    if (!condition)
        abort();
}

static int is_plain(char c) {
    return c != '\0' &&
           strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~", c) != NULL;
}

/* The next byte that the encoded text stands for; its digits must be upper case. */
static unsigned char decode(const char **at, const char *end, char keep) {
    static const char digits[] = "0123456789ABCDEF";
    const char *high, *low;
    char c = *(*at)++;
    if (c != '%') {
        require(is_plain(c) || (keep != '\0' && c == keep));
        return (unsigned char)c;
    }
    require(end - *at >= 2);
    high = memchr(digits, *(*at)++, 16);
    low = memchr(digits, *(*at)++, 16);
    require(high != NULL && low != NULL);
    return (unsigned char)((high - digits) * 16 + (low - digits));
}

static void check_round_trip(struct br_span text, char keep, char *room) {
    const char *end = br_uri_encode(room, text, keep), *at = room;
    size_t i;
    for (i = 0; i < text.n; i++) {
        require(at < end);
        require(decode(&at, end, keep) == (unsigned char)text.at[i]);
    }
    require(at == end);
}

static void check_encoded_stays(struct br_span text, char keep, char *room, char *again) {
    struct br_span encoded = {room, 0};
    encoded.n = (size_t)(br_uri_encode(room, text, keep) - room);
    require((size_t)(br_uri_encode_once(again, encoded, keep) - again) == encoded.n);
    require(memcmp(room, again, encoded.n) == 0);
    encoded.n = (size_t)(br_uri_encode_once(room, text, keep) - room);
    require((size_t)(br_uri_encode_once(again, encoded, keep) - again) == encoded.n);
    require(memcmp(room, again, encoded.n) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct br_span text = {(const char *)data, size};
    char *room = malloc(BR_URI_GROWTH * size + 1), *again = malloc(BR_URI_GROWTH * BR_URI_GROWTH * size + 1);
    check_round_trip(text, '\0', room);
    check_round_trip(text, '/', room);
    check_encoded_stays(text, '\0', room, again);
    check_encoded_stays(text, '/', room, again);
    free(room);
    free(again);
    return 0;
}
