/* Prelude, checksums, headers: in the order in which a byte may be believed. */
#include "eventstream.h"

#include "crc32.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

enum {
    PRELUDE = BR_EVENTSTREAM_PRELUDE,
    CRC = 4,
    FEW = 32 /* up to so many headers are compared one with another */
};

static const char *const code_names[] = {"ok",
                                         "too_short",
                                         "prelude_crc",
                                         "message_crc",
                                         "length",
                                         "headers_length",
                                         "header_truncated",
                                         "header_type",
                                         "empty_header_name",
                                         "duplicate_header",
                                         "utf8",
                                         "cut",
                                         "memory"};

static const char *const messages[] = {
    "ok",
    "fewer than 16 bytes are no frame",
    "the checksum of the frame's prelude differs",
    "the checksum of the frame differs",
    "the frame's length is impossible or above the limit",
    "the length of the frame's headers is impossible or above the limit",
    "a header runs past the end of the headers",
    "a header has an unknown type",
    "a header has an empty name",
    "two headers have the same name",
    "a header's name or text is not UTF-8",
    "the data ended inside of a frame",
    "not enough memory",
};

static const char *const type_names[] = {"bool_true", "bool_false", "byte",   "int16",     "int32",
                                         "int64",     "bytes",      "string", "timestamp", "uuid"};

const char *br_eventstream_code_name(enum br_eventstream_code code) {
    return code_names[code];
}

const char *br_eventstream_type_name(enum br_eventstream_type type) {
    return type_names[type];
}

/* ---- integers of the wire ---- */

static uint32_t get16(const unsigned char *p) {
    return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t get32(const unsigned char *p) {
    return get16(p) << 16 | get16(p + 2);
}

static uint64_t get64(const unsigned char *p) {
    return (uint64_t)get32(p) << 32 | get32(p + 4);
}

/* The low `size` bytes of a number. */
static unsigned char *put(unsigned char *out, uint64_t value, size_t size) {
    size_t i;
    for (i = 0; i < size; i++)
        out[i] = (unsigned char)(value >> 8 * (size - 1 - i));
    return out + size;
}

static int fail(struct br_eventstream_error *error, enum br_eventstream_code code, uint64_t offset) {
    error->code = code;
    error->message = messages[code];
    error->offset = offset;
    return 0;
}

/* ---- headers ---- */

static int is_ascii(const unsigned char *eight) {
    uint64_t word;
    memcpy(&word, eight, sizeof(word));
    return (word & UINT64_C(0x8080808080808080)) == 0;
}

static int utf8_valid(const unsigned char *p, size_t left) {
    while (left > 0) {
        size_t size = left >= 8 && is_ascii(p) ? 8 : br_utf8_length((const char *)p, left);
        if (size == 0)
            return 0;
        p += size;
        left -= size;
    }
    return 1;
}

/* Bytes of a value whose type has a fixed width; -1 for those that bring their length. */
static const signed char widths[BR_EVENTSTREAM_TYPES] = {0, 0, 1, 2, 4, 8, -1, -1, 8, 16};

static int take(struct br_eventstream_slice *rest, size_t size, struct br_eventstream_slice *taken) {
    if (size > rest->size)
        return 0;
    taken->at = rest->at;
    taken->size = size;
    rest->at += size;
    rest->size -= size;
    return 1;
}

static int64_t widen(enum br_eventstream_type type, const unsigned char *p) {
    switch (type) {
    case BR_EVENTSTREAM_BYTE:
        return (int8_t)p[0];
    case BR_EVENTSTREAM_INT16:
        return (int16_t)get16(p);
    case BR_EVENTSTREAM_INT32:
        return (int32_t)get32(p);
    case BR_EVENTSTREAM_INT64:
    case BR_EVENTSTREAM_TIMESTAMP:
        return (int64_t)get64(p);
    default:
        return 0;
    }
}

/* The value of a header whose type is known, from the front of what is left. */
static enum br_eventstream_code take_value(struct br_eventstream_slice *rest,
                                           struct br_eventstream_header *header) {
    size_t size = (size_t)widths[header->type];
    if (widths[header->type] < 0) {
        struct br_eventstream_slice length;
        if (!take(rest, 2, &length))
            return BR_EVENTSTREAM_HEADER_TRUNCATED;
        size = get16(length.at);
    }
    if (!take(rest, size, &header->value))
        return BR_EVENTSTREAM_HEADER_TRUNCATED;
    if (header->type == BR_EVENTSTREAM_STRING && !utf8_valid(header->value.at, size))
        return BR_EVENTSTREAM_UTF8;
    header->integer = widen(header->type, header->value.at);
    return BR_EVENTSTREAM_OK;
}

enum br_eventstream_code br_eventstream_header(struct br_eventstream_slice *rest,
                                               struct br_eventstream_header *header) {
    struct br_eventstream_slice byte;
    if (!take(rest, 1, &byte))
        return BR_EVENTSTREAM_HEADER_TRUNCATED;
    if (byte.at[0] == 0)
        return BR_EVENTSTREAM_EMPTY_HEADER_NAME;
    if (!take(rest, byte.at[0], &header->name))
        return BR_EVENTSTREAM_HEADER_TRUNCATED;
    if (!utf8_valid(header->name.at, header->name.size))
        return BR_EVENTSTREAM_UTF8;
    if (!take(rest, 1, &byte))
        return BR_EVENTSTREAM_HEADER_TRUNCATED;
    if (byte.at[0] >= BR_EVENTSTREAM_TYPES)
        return BR_EVENTSTREAM_HEADER_TYPE;
    header->type = (enum br_eventstream_type)byte.at[0];
    return take_value(rest, header);
}

static int same(const struct br_eventstream_slice *a, const struct br_eventstream_slice *b) {
    return a->size == b->size && memcmp(a->at, b->at, a->size) == 0;
}

static uint32_t hash(const struct br_eventstream_slice *name) {
    uint32_t h = 2166136261u;
    size_t i;
    for (i = 0; i < name->size; i++)
        h = (h ^ name->at[i]) * 16777619u;
    return h;
}

/* Whether a name occurs twice among many headers, all of them good: a set of offsets, open addressing. */
static enum br_eventstream_code find_duplicate(struct br_eventstream_slice headers, size_t count) {
    const unsigned char *base = headers.at;
    enum br_eventstream_code code = BR_EVENTSTREAM_OK;
    struct br_eventstream_header header;
    size_t mask = 64;
    uint32_t *set;
    while (mask < 2 * count)
        mask *= 2;
    set = calloc(mask--, sizeof(*set));
    if (set == NULL)
        return BR_EVENTSTREAM_MEMORY;
    while (headers.size > 0 && code == BR_EVENTSTREAM_OK) {
        uint32_t at;
        br_eventstream_header(&headers, &header);
        for (at = hash(&header.name) & (uint32_t)mask; set[at] != 0; at = (at + 1) & (uint32_t)mask) {
            const unsigned char *name = base + set[at];
            struct br_eventstream_slice other = {name, name[-1]};
            if (same(&other, &header.name))
                code = BR_EVENTSTREAM_DUPLICATE_HEADER;
        }
        set[at] = (uint32_t)(header.name.at - base);
    }
    free(set);
    return code;
}

#define IS(slice, text)                                                                                      \
    ((slice)->size == sizeof(text) - 1 && memcmp((slice)->at, text, sizeof(text) - 1) == 0)

static enum br_eventstream_kind kind_of(const struct br_eventstream_slice *type) {
    if (IS(type, "event"))
        return BR_EVENTSTREAM_EVENT;
    if (IS(type, "exception"))
        return BR_EVENTSTREAM_EXCEPTION;
    if (IS(type, "error"))
        return BR_EVENTSTREAM_ERROR;
    return BR_EVENTSTREAM_UNKNOWN;
}

static enum br_eventstream_event event_of(const struct br_eventstream_slice *name) {
    if (IS(name, "contentBlockDelta"))
        return BR_EVENTSTREAM_CONTENT_BLOCK_DELTA;
    if (IS(name, "chunk"))
        return BR_EVENTSTREAM_CHUNK;
    if (IS(name, "contentBlockStart"))
        return BR_EVENTSTREAM_CONTENT_BLOCK_START;
    if (IS(name, "contentBlockStop"))
        return BR_EVENTSTREAM_CONTENT_BLOCK_STOP;
    if (IS(name, "messageStart"))
        return BR_EVENTSTREAM_MESSAGE_START;
    if (IS(name, "messageStop"))
        return BR_EVENTSTREAM_MESSAGE_STOP;
    if (IS(name, "metadata"))
        return BR_EVENTSTREAM_METADATA;
    return BR_EVENTSTREAM_OTHER;
}

/* Keeps what the frame's own headers say; they are strings, anything else is no such header. */
static void note_header(struct br_eventstream_frame *frame, const struct br_eventstream_header *header) {
    const struct br_eventstream_slice *name = &header->name;
    if (header->type != BR_EVENTSTREAM_STRING || name->at[0] != ':')
        return;
    if (IS(name, ":event-type")) {
        frame->event_type = header->value;
        frame->event = event_of(&header->value);
    } else if (IS(name, ":message-type")) {
        frame->kind = kind_of(&header->value);
    } else if (IS(name, ":exception-type")) {
        frame->exception_type = header->value;
    } else if (IS(name, ":error-code")) {
        frame->error_code = header->value;
    } else if (IS(name, ":error-message")) {
        frame->error_message = header->value;
    }
}

static enum br_eventstream_code read_headers(struct br_eventstream_frame *frame, const unsigned char **at) {
    struct br_eventstream_slice rest = frame->headers, names[FEW];
    struct br_eventstream_header header;
    size_t count, i;
    for (count = 0; rest.size > 0; count++) {
        enum br_eventstream_code code;
        *at = rest.at;
        code = br_eventstream_header(&rest, &header);
        if (code != BR_EVENTSTREAM_OK)
            return code;
        if (count < FEW) {
            for (i = 0; i < count; i++)
                if (same(&names[i], &header.name))
                    return BR_EVENTSTREAM_DUPLICATE_HEADER;
            names[count] = header.name;
        }
        note_header(frame, &header);
    }
    return count > FEW ? find_duplicate(frame->headers, count) : BR_EVENTSTREAM_OK;
}

/* ---- headers that came before ---- */

static struct br_eventstream_slice moved(struct br_eventstream_slice slice, const unsigned char *from,
                                         const unsigned char *to) {
    if (slice.at != NULL)
        slice.at = to + (slice.at - from);
    return slice;
}

/* Takes over what other headers say that are the same to the byte, at another place. */
static void copy_headers(struct br_eventstream_frame *frame, const struct br_eventstream_frame *other) {
    const unsigned char *from = other->headers.at, *to = frame->headers.at;
    frame->kind = other->kind;
    frame->event = other->event;
    frame->event_type = moved(other->event_type, from, to);
    frame->exception_type = moved(other->exception_type, from, to);
    frame->error_code = moved(other->error_code, from, to);
    frame->error_message = moved(other->error_message, from, to);
}

static int is_known(const struct br_eventstream_known *known, const struct br_eventstream_slice *headers) {
    return headers->size == known->frame.headers.size && headers->size <= sizeof(known->bytes) &&
           memcmp(headers->at, known->bytes, headers->size) == 0;
}

static void remember(struct br_eventstream_known *known, const struct br_eventstream_frame *frame) {
    if (frame->headers.size > sizeof(known->bytes))
        return;
    memcpy(known->bytes, frame->headers.at, frame->headers.size);
    known->frame.headers.at = known->bytes;
    known->frame.headers.size = frame->headers.size;
    copy_headers(&known->frame, frame);
}

/* `known` may be NULL. */
static enum br_eventstream_code take_headers(struct br_eventstream_frame *frame,
                                             struct br_eventstream_known *known, const unsigned char **at) {
    enum br_eventstream_code code = BR_EVENTSTREAM_OK;
    if (known != NULL && is_known(known, &frame->headers)) {
        copy_headers(frame, &known->frame);
        return code;
    }
    code = read_headers(frame, at);
    if (known != NULL && code == BR_EVENTSTREAM_OK)
        remember(known, frame);
    return code;
}

/* ---- frames ---- */

/* The first 12 bytes: the checksum before either length is believed. */
static int check_prelude(const unsigned char *p, const struct br_eventstream_limits *limits, uint64_t offset,
                         struct br_eventstream_error *error) {
    uint32_t total = get32(p), headers = get32(p + 4);
    if (br_crc32(0, p, 8) != get32(p + 8))
        return fail(error, BR_EVENTSTREAM_PRELUDE_CRC, offset);
    if (total < BR_EVENTSTREAM_LEAST || total > limits->max_frame)
        return fail(error, BR_EVENTSTREAM_LENGTH, offset);
    if (headers == 1 || headers > total - BR_EVENTSTREAM_LEAST || headers > limits->max_headers)
        return fail(error, BR_EVENTSTREAM_HEADERS_LENGTH, offset + 4);
    return 1;
}

/* Says where things are in a frame whose checksums are good. */
static enum br_eventstream_code open_frame(const unsigned char *p, struct br_eventstream_frame *frame,
                                           struct br_eventstream_known *known, const unsigned char **at) {
    uint32_t total = get32(p), headers = get32(p + 4);
    memset(frame, 0, sizeof(*frame));
    frame->headers.at = p + PRELUDE;
    frame->headers.size = headers;
    frame->payload.at = p + PRELUDE + headers;
    frame->payload.size = total - BR_EVENTSTREAM_LEAST - headers;
    return take_headers(frame, known, at);
}

/* A whole frame whose prelude is good. The CRC of the prelude is the CRC of the message so far: go on from
 * it. */
static int check_frame(const unsigned char *p, uint64_t offset, struct br_eventstream_frame *frame,
                       struct br_eventstream_known *known, struct br_eventstream_error *error) {
    uint32_t total = get32(p), crc = get32(p + 8);
    const unsigned char *at = p;
    enum br_eventstream_code code;
    if (br_crc32(crc, p + 8, total - 8 - CRC) != get32(p + (total - CRC)))
        return fail(error, BR_EVENTSTREAM_MESSAGE_CRC, offset);
    code = open_frame(p, frame, known, &at);
    return code == BR_EVENTSTREAM_OK ? 1 : fail(error, code, offset + (uint64_t)(at - p));
}

int br_eventstream_parse(const void *bytes, size_t size, const struct br_eventstream_limits *limits,
                         struct br_eventstream_frame *frame, struct br_eventstream_error *error) {
    const unsigned char *p = bytes;
    if (size < BR_EVENTSTREAM_LEAST)
        return fail(error, BR_EVENTSTREAM_TOO_SHORT, 0);
    if (!check_prelude(p, limits, 0, error))
        return 0;
    if (get32(p) != size)
        return fail(error, BR_EVENTSTREAM_LENGTH, 0);
    return check_frame(p, 0, frame, NULL, error);
}

/* ---- the decoder ---- */

void br_eventstream_init(struct br_eventstream *stream) {
    memset(stream, 0, sizeof(*stream));
    stream->limits.max_frame = BR_EVENTSTREAM_MAX_FRAME;
    stream->limits.max_headers = BR_EVENTSTREAM_MAX_HEADERS;
    br_window_init(&stream->window);
}

void br_eventstream_clear(struct br_eventstream *stream) {
    br_window_clear(&stream->window);
    stream->total = 0;
    stream->ready = 0;
}

size_t br_eventstream_held(const struct br_eventstream *stream) {
    return br_window_held(&stream->window);
}

static const unsigned char *front(const struct br_eventstream *stream) {
    return (const unsigned char *)br_window_at(&stream->window);
}

/* A frame that waits for skip has moved with the window. Its payload may have been shortened meanwhile. */
static void reopen_frame(struct br_eventstream *stream) {
    size_t payload = stream->frame.payload.size;
    const unsigned char *at;
    open_frame(front(stream), &stream->frame, &stream->known, &at);
    stream->frame.payload.size = payload;
}

int br_eventstream_feed(struct br_eventstream *stream, const void *bytes, size_t size) {
    int taken;
    if (stream->error.code != BR_EVENTSTREAM_OK || size == 0)
        return 1;
    taken = br_window_append(&stream->window, bytes, size, stream->limits.max_frame);
    if (stream->ready)
        reopen_frame(stream);
    return taken;
}

static enum br_eventstream_status broken(struct br_eventstream *stream) {
    br_eventstream_clear(stream);
    return BR_EVENTSTREAM_BROKEN;
}

enum br_eventstream_status br_eventstream_peek(struct br_eventstream *stream) {
    size_t held = br_eventstream_held(stream);
    uint64_t offset = stream->window.taken;
    if (stream->ready)
        return BR_EVENTSTREAM_FRAME;
    if (stream->error.code != BR_EVENTSTREAM_OK)
        return BR_EVENTSTREAM_BROKEN;
    if (held < PRELUDE)
        return BR_EVENTSTREAM_MORE;
    if (stream->total == 0) {
        if (!check_prelude(front(stream), &stream->limits, offset, &stream->error))
            return broken(stream);
        stream->total = get32(front(stream));
    }
    if (held < stream->total)
        return BR_EVENTSTREAM_MORE;
    if (!check_frame(front(stream), offset, &stream->frame, &stream->known, &stream->error))
        return broken(stream);
    stream->ready = 1;
    return BR_EVENTSTREAM_FRAME;
}

void br_eventstream_skip(struct br_eventstream *stream) {
    if (!stream->ready)
        return;
    br_window_skip(&stream->window, stream->total);
    stream->total = 0;
    stream->ready = 0;
}

enum br_eventstream_status br_eventstream_finish(struct br_eventstream *stream) {
    enum br_eventstream_status status = br_eventstream_peek(stream);
    size_t held = br_eventstream_held(stream);
    if (status != BR_EVENTSTREAM_MORE || held == 0)
        return status;
    fail(&stream->error, BR_EVENTSTREAM_CUT, stream->window.taken + held);
    return broken(stream);
}

/* ---- the encoder ---- */

size_t br_eventstream_header_size(const struct br_eventstream_header *header) {
    size_t length = widths[header->type] < 0 ? 2 + header->value.size : (size_t)widths[header->type];
    return 1 + header->name.size + 1 + length;
}

static unsigned char *put_bytes(unsigned char *out, const struct br_eventstream_slice *slice) {
    if (slice->size > 0)
        memcpy(out, slice->at, slice->size);
    return out + slice->size;
}

unsigned char *br_eventstream_write_header(unsigned char *out, const struct br_eventstream_header *header) {
    *out++ = (unsigned char)header->name.size;
    out = put_bytes(out, &header->name);
    *out++ = (unsigned char)header->type;
    if (widths[header->type] < 0)
        return put_bytes(put(out, header->value.size, 2), &header->value);
    if (header->type == BR_EVENTSTREAM_UUID)
        return put_bytes(out, &header->value);
    return put(out, (uint64_t)header->integer, (size_t)widths[header->type]);
}

void br_eventstream_seal(unsigned char *frame, size_t headers_size, size_t total) {
    put(put(frame, total, 4), headers_size, 4);
    put(frame + 8, br_crc32(0, frame, 8), 4);
    put(frame + (total - CRC), br_crc32(0, frame, total - CRC), 4);
}
