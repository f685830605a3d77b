/* Eight bytes as a double and as an integer, more bytes as digits: what is written reads back as the same, is
 * the shortest that does, and what is read is what the C library reads. */
#include "decimal.h"
#include "json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void promise(int kept) {
    if (!kept)
        abort();
}

static size_t digits_of(const char *text) {
    size_t n = 0, zeros = 0;
    for (; *text != '\0' && *text != 'e' && *text != 'E'; text++) {
        if (*text < '0' || *text > '9')
            continue;
        if (n > 0 || *text != '0')
            n++;
        zeros = *text == '0' ? zeros + 1 : 0;
    }
    return n > zeros ? n - zeros : n;
}

/* The fewest digits with which the C library's text reads back. */
static size_t fewest_digits(double value) {
    char text[64];
    int precision = 1;
    do
        snprintf(text, sizeof(text), "%.*e", precision - 1, value);
    while (strtod(text, NULL) != value && precision++ < 17);
    return digits_of(text);
}

static void check_double(double value) {
    char text[BR_DOUBLE_TEXT + 1];
    size_t n = br_double_write(text, value);
    promise(n <= BR_DOUBLE_TEXT);
    text[n] = '\0';
    promise(strtod(text, NULL) == value);
    promise(value == 0 || digits_of(text) <= fewest_digits(value));
}

static void check_integer(int64_t value) {
    char text[BR_DOUBLE_TEXT + 1];
    size_t n = br_integer_write(text, value);
    promise(n <= BR_DOUBLE_TEXT);
    text[n] = '\0';
    promise(strtoll(text, NULL, 10) == value);
}

static void check_text(const char *text, size_t n) {
    struct br_json_scan s;
    struct br_json_number number;
    br_json_scan_init(&s, text, n);
    if (br_json_peek(&s) != BR_JSON_NUMBER || !br_json_take_number(&s, &number) || !br_json_finish(&s))
        return;
    if (number.kind == BR_JSON_DOUBLE)
        promise(number.real == strtod(text, NULL));
    else if (number.kind == BR_JSON_INTEGER)
        promise(number.integer == strtoll(text, NULL, 10));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    double value;
    int64_t integer;
    memcpy(text, data, size);
    text[size] = '\0';
    check_text(text, size);
    free(text);
    if (size < sizeof(value))
        return 0;
    memcpy(&value, data, sizeof(value));
    memcpy(&integer, data, sizeof(integer));
    check_integer(integer);
    if (isfinite(value))
        check_double(value);
    return 0;
}
