/* Frames of application/vnd.amazon.eventstream: an incremental decoder and an encoder.
 *
 *   0        4          8        12            12+H             T-4       T      (big-endian)
 *   | total T | headers H | crc a | headers ...  | payload ...    | crc b |
 *                                 crc a = CRC-32 of bytes 0..7, crc b = CRC-32 of bytes 0..T-5
 *
 * The decoder owns a copy of the bytes that it was fed. A frame that it hands out points into that copy: it
 * is good until the next feed or clear; copy what you keep. Nothing is allocated for a length that a
 * frame merely announces: memory follows the bytes that came. */
#ifndef BR_EVENTSTREAM_H
#define BR_EVENTSTREAM_H

#include "window.h"

#include <stddef.h>
#include <stdint.h>

enum {
    BR_EVENTSTREAM_PRELUDE = 12,         /* two lengths and their CRC */
    BR_EVENTSTREAM_LEAST = 16,           /* prelude, its CRC and the CRC of the message */
    BR_EVENTSTREAM_MAX_FRAME = 24 << 20, /* default limits: those of AWS's C and Python readers */
    BR_EVENTSTREAM_MAX_HEADERS = 128 << 10,
    BR_EVENTSTREAM_KNOWN = 128 /* longer headers are read anew in each frame */
};

enum br_eventstream_status { BR_EVENTSTREAM_MORE, BR_EVENTSTREAM_FRAME, BR_EVENTSTREAM_BROKEN };

enum br_eventstream_code {
    BR_EVENTSTREAM_OK,
    BR_EVENTSTREAM_TOO_SHORT,
    BR_EVENTSTREAM_PRELUDE_CRC,
    BR_EVENTSTREAM_MESSAGE_CRC,
    BR_EVENTSTREAM_LENGTH,
    BR_EVENTSTREAM_HEADERS_LENGTH,
    BR_EVENTSTREAM_HEADER_TRUNCATED,
    BR_EVENTSTREAM_HEADER_TYPE,
    BR_EVENTSTREAM_EMPTY_HEADER_NAME,
    BR_EVENTSTREAM_DUPLICATE_HEADER,
    BR_EVENTSTREAM_UTF8,
    BR_EVENTSTREAM_CUT,
    BR_EVENTSTREAM_MEMORY
};

/* The type tags of the wire. */
enum br_eventstream_type {
    BR_EVENTSTREAM_TRUE,
    BR_EVENTSTREAM_FALSE,
    BR_EVENTSTREAM_BYTE,
    BR_EVENTSTREAM_INT16,
    BR_EVENTSTREAM_INT32,
    BR_EVENTSTREAM_INT64,
    BR_EVENTSTREAM_BYTES,
    BR_EVENTSTREAM_STRING,
    BR_EVENTSTREAM_TIMESTAMP,
    BR_EVENTSTREAM_UUID,
    BR_EVENTSTREAM_TYPES
};

/* What `:message-type` says. NONE: there is no such header. */
enum br_eventstream_kind {
    BR_EVENTSTREAM_NONE,
    BR_EVENTSTREAM_EVENT,
    BR_EVENTSTREAM_EXCEPTION,
    BR_EVENTSTREAM_ERROR,
    BR_EVENTSTREAM_UNKNOWN
};

/* The events that Bedrock's runtime sends, so that nobody compares their names twice. */
enum br_eventstream_event {
    BR_EVENTSTREAM_OTHER,
    BR_EVENTSTREAM_CHUNK,
    BR_EVENTSTREAM_MESSAGE_START,
    BR_EVENTSTREAM_CONTENT_BLOCK_START,
    BR_EVENTSTREAM_CONTENT_BLOCK_DELTA,
    BR_EVENTSTREAM_CONTENT_BLOCK_STOP,
    BR_EVENTSTREAM_MESSAGE_STOP,
    BR_EVENTSTREAM_METADATA,
    BR_EVENTSTREAM_EVENTS
};

struct br_eventstream_limits {
    size_t max_frame;
    size_t max_headers;
};

/* A code, a constant text, and where: the offset from the first byte that was ever fed. */
struct br_eventstream_error {
    enum br_eventstream_code code;
    const char *message;
    uint64_t offset;
};

struct br_eventstream_slice {
    const unsigned char *at;
    size_t size;
};

/* One header. `value` is the bytes of the value (16 for a UUID); `integer` holds the numbers, widened. */
struct br_eventstream_header {
    struct br_eventstream_slice name;
    enum br_eventstream_type type;
    struct br_eventstream_slice value;
    int64_t integer;
};

/* A frame whose checksums and headers were found good. */
struct br_eventstream_frame {
    struct br_eventstream_slice headers;
    struct br_eventstream_slice payload;
    enum br_eventstream_kind kind;
    enum br_eventstream_event event;
    struct br_eventstream_slice event_type; /* the values of the headers of these names; at is NULL without */
    struct br_eventstream_slice exception_type;
    struct br_eventstream_slice error_code;
    struct br_eventstream_slice error_message;
};

/* The headers of an earlier frame, all good, and what they said: the slices point into `bytes`. Most frames
 * of a stream repeat the headers of the one before to the byte, and what is the same was checked already. */
struct br_eventstream_known {
    unsigned char bytes[BR_EVENTSTREAM_KNOWN];
    struct br_eventstream_frame frame;
};

/* Yours to embed, never to touch but for `limits` (after init, before the first feed), `frame` and `error`.
 */
struct br_eventstream {
    struct br_eventstream_limits limits;
    struct br_window window;
    size_t total; /* of the frame in front, once its prelude is checked; else 0 */
    int ready;    /* that frame is whole and good, and waits for skip */
    struct br_eventstream_frame frame;
    struct br_eventstream_known known;
    struct br_eventstream_error error;
};

void br_eventstream_init(struct br_eventstream *stream);
void br_eventstream_clear(struct br_eventstream *stream);

/* Appends a copy of the bytes. 0 when there is no memory for them: nothing was taken then. */
int br_eventstream_feed(struct br_eventstream *stream, const void *bytes, size_t size);

/* The frame at the front, again and again until it is skipped. BROKEN stays BROKEN; why is in stream->error.
 */
enum br_eventstream_status br_eventstream_peek(struct br_eventstream *stream);
void br_eventstream_skip(struct br_eventstream *stream);

/* To be asked when no more bytes will come and peek said MORE: BROKEN when they ended inside of a frame. */
enum br_eventstream_status br_eventstream_finish(struct br_eventstream *stream);

/* Bytes that are held and not skipped. */
size_t br_eventstream_held(const struct br_eventstream *stream);

/* Reads bytes that must be exactly one frame. 0 with *error filled in when they are not. */
int br_eventstream_parse(const void *bytes, size_t size, const struct br_eventstream_limits *limits,
                         struct br_eventstream_frame *frame, struct br_eventstream_error *error);

/* Takes the next header off the front of *rest. Any code but OK says what is wrong with it. */
enum br_eventstream_code br_eventstream_header(struct br_eventstream_slice *rest,
                                               struct br_eventstream_header *header);

/* The bytes that a header takes, whose name, type and value.size are set; and that a frame takes. */
size_t br_eventstream_header_size(const struct br_eventstream_header *header);

/* Writes one header, and a whole frame around headers that already stand at frame + 12; both know their room
 * from the sizes above. */
unsigned char *br_eventstream_write_header(unsigned char *out, const struct br_eventstream_header *header);
void br_eventstream_seal(unsigned char *frame, size_t headers_size, size_t total);

/* The names used in messages and by Lua: "prelude_crc", "int64". */
const char *br_eventstream_code_name(enum br_eventstream_code code);
const char *br_eventstream_type_name(enum br_eventstream_type type);

#endif
