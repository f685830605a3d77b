/* Deltas of a stream (pieces of text, of thinking, of a tool's input) as Lua values, and runs of them.
 *
 * A run is what follows one another in one block and is of one kind. Whoever adds up the answer looks at its
 * first delta and gets the text of the rest in one piece. */
#ifndef LBR_LDELTA_H
#define LBR_LDELTA_H

#include "ljson.h"
#include "lpayload.h"
#include "span.h"

/* Words that stand in the upvalues of a decoder's functions, behind its metatable, so that no event costs a
 * look-up: see lbr_delta_push_words. */
enum lbr_word {
    LBR_WORD_TEXT = 2,
    LBR_WORD_EVENT,
    LBR_WORD_TYPE,
    LBR_WORD_DELTA,
    LBR_WORD_THINKING,
    LBR_WORD_INPUT,
    LBR_WORD_BLOCK_INDEX,
    LBR_WORD_BLOCK_DELTA, /* as Converse spells it */
    LBR_WORD_REASONING,
    LBR_WORD_TOOL_USE,
    LBR_WORD_INDEX,
    LBR_WORD_CONTENT_BLOCK_DELTA, /* as Messages spells it */
    LBR_WORD_PARTIAL_JSON,
    LBR_WORD_TEXT_DELTA,
    LBR_WORD_THINKING_DELTA,
    LBR_WORD_INPUT_DELTA,
    LBR_WORD_NEXT /* the first upvalue behind them */
};

/* Pushes all of them, in their order. */
void lbr_delta_push_words(lua_State *L);

/* A delta without its escapes. The bytes are the decoder's. */
struct lbr_delta {
    enum br_payload_kind kind;
    int64_t index;
    struct br_span text;
};

struct lbr_run {
    int gather;   /* whether texts are kept */
    int at_delta; /* the event at hand is `now` */
    int open;     /* the event before was a delta: `last`, without its text */
    struct lbr_delta now, last;
    struct br_buf text;  /* of all but the first of a run, until somebody asks */
    struct lbr_delta of; /* what it is text of */
    struct br_buf unescaped;
    int unreported; /* what stands in the list of a call of `more` that did not come to its end */
};

void lbr_run_init(struct lbr_run *run);
void lbr_run_clear(struct lbr_run *run);

/* Makes it the event at hand. */
void lbr_run_note(lua_State *L, struct lbr_run *run, const struct br_payload_delta *delta);

/* Whether the delta at hand goes on with the run, and with what was gathered of it. */
int lbr_run_continues(const struct lbr_run *run);

/* Keeps the text of the delta at hand; raises without memory. */
void lbr_run_keep(lua_State *L, struct lbr_run *run);

/* After the values of an event are on the stack: keeps its text where it goes on with the run. Whether it
 * does. */
int lbr_run_settle(lua_State *L, struct lbr_run *run);

/* gathered(): pushes what was kept since it was last asked, the index of its block and the name of its kind;
 * nothing where there is nothing. */
int lbr_run_gathered(lua_State *L, struct lbr_run *run);

/* The delta at hand: "text", its text, its index. */
int lbr_delta_push_text(lua_State *L, const struct lbr_run *run);

/* { contentBlockIndex = i, delta = { text = t } }, { reasoningContent = { text = t } }, { toolUse = { input
 * = t } } */
void lbr_delta_push_converse(lua_State *L, const struct lbr_run *run);

/* { type = "content_block_delta", index = i, delta = { type = "text_delta", text = t } }, and so on */
void lbr_delta_push_messages(lua_State *L, const struct lbr_run *run);

/* Whether limits on JSON have no say about a delta: its own text is no longer than the payload, which is
 * looked at by lbr_delta_fits. */
int lbr_delta_allowed(const struct lbr_json_opts *json);
int lbr_delta_fits(const struct lbr_json_opts *json, size_t size);

#endif
