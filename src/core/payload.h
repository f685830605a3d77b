/* What Bedrock puts into the frames of its streams, found without building a value: the padding, the base64
 * of a chunk, the text of a delta. Each function takes only what it knows completely; for anything else,
 * and for anything that is not JSON, it answers 0 and the caller reads the whole payload. */
#ifndef BR_PAYLOAD_H
#define BR_PAYLOAD_H

#include "json.h"

#include <stddef.h>
#include <stdint.h>

/* Takes the padding off: a last member "p" of plain characters is cut out of the text in place. Answers the
 * length that is left, n where there is no such member. What remains is JSON if and only if the text was. */
size_t br_payload_trim(char *text, size_t n);

/* {"bytes":"..."} to the letter, as Bedrock sends it around base64. What is between the quotes was not looked
 * at: if it is base64, then the text is JSON and has no other member. */
int br_payload_chunk(const char *text, size_t n, struct br_json_string *base64);

/* What a piece of text is a piece of: the names are those of the core's Lua. */
enum br_payload_kind { BR_PAYLOAD_TEXT, BR_PAYLOAD_THINKING, BR_PAYLOAD_INPUT, BR_PAYLOAD_KINDS };

extern const char *const br_payload_kind_names[BR_PAYLOAD_KINDS];

struct br_payload_delta {
    enum br_payload_kind kind;
    struct br_json_string text;
    int64_t index;
};

/* A contentBlockDelta of Converse that is a piece of text with its block's index and nothing else but
 * padding. Text is known in any spelling, thinking and the input of a tool as Bedrock spells them. */
int br_payload_converse_delta(const char *text, size_t n, struct br_payload_delta *delta);

/* The same for a content_block_delta of Messages. */
int br_payload_messages_delta(const char *text, size_t n, struct br_payload_delta *delta);

#endif
