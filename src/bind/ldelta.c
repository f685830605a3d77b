#include "ldelta.h"

/* ---- words ---- */

static const char *const words[] = {
    "text",
    "event",
    "type",
    "delta",
    "thinking",
    "input",
    "contentBlockIndex",
    "contentBlockDelta",
    "reasoningContent",
    "toolUse",
    "index",
    "content_block_delta",
    "partial_json",
    "text_delta",
    "thinking_delta",
    "input_json_delta",
};

void lbr_delta_push_words(lua_State *L) {
    size_t i;
    luaL_checkstack(L, (int)(sizeof(words) / sizeof(words[0])), "too many words");
    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        lua_pushstring(L, words[i]);
}

static void push_word(lua_State *L, int word) {
    lua_pushvalue(L, lua_upvalueindex(word));
}

/* ---- runs ---- */

void lbr_run_init(struct lbr_run *run) {
    memset(run, 0, sizeof(*run));
    br_buf_init(&run->text, SIZE_MAX / 2);
    br_buf_init(&run->unescaped, SIZE_MAX / 2);
}

void lbr_run_clear(struct lbr_run *run) {
    br_buf_clear(&run->text);
    br_buf_clear(&run->unescaped);
}

void lbr_run_note(lua_State *L, struct lbr_run *run, const struct br_payload_delta *delta) {
    struct lbr_delta *now = &run->now;
    now->kind = delta->kind;
    now->index = delta->index;
    now->text.at = delta->text.start;
    now->text.n = delta->text.length;
    if (delta->text.escaped) {
        char *room = lbr_payload_room(L, &run->unescaped, delta->text.length);
        now->text.n = br_json_unescape(&delta->text, room);
        now->text.at = room;
    }
    run->at_delta = 1;
}

static int same_block(const struct lbr_delta *a, const struct lbr_delta *b) {
    return a->index == b->index && a->kind == b->kind;
}

int lbr_run_continues(const struct lbr_run *run) {
    return run->gather && run->at_delta && run->open && same_block(&run->now, &run->last) &&
           (run->text.len == 0 || same_block(&run->now, &run->of));
}

void lbr_run_keep(lua_State *L, struct lbr_run *run) {
    if (br_buf_append(&run->text, run->now.text.at, run->now.text.n) != BR_BUF_OK) {
        run->text.failed = BR_BUF_OK;
        luaL_error(L, "not enough memory");
    }
    run->of = run->now;
}

int lbr_run_settle(lua_State *L, struct lbr_run *run) {
    int same = lbr_run_continues(run);
    if (same)
        lbr_run_keep(L, run);
    run->open = run->at_delta;
    run->last = run->now;
    return same;
}

int lbr_run_gathered(lua_State *L, struct lbr_run *run) {
    if (run->text.len == 0)
        return 0;
    lua_pushlstring(L, run->text.data, run->text.len);
    lua_pushinteger(L, (lua_Integer)run->of.index);
    lua_pushstring(L, br_payload_kind_names[run->of.kind]);
    br_buf_reset(&run->text);
    return 3;
}

/* ---- values ---- */

int lbr_delta_push_text(lua_State *L, const struct lbr_run *run) {
    push_word(L, LBR_WORD_TEXT);
    lua_pushlstring(L, run->now.text.at, run->now.text.n);
    lua_pushinteger(L, (lua_Integer)run->now.index);
    return 3;
}

static void set_text(lua_State *L, const struct lbr_run *run, int word) {
    push_word(L, word);
    lua_pushlstring(L, run->now.text.at, run->now.text.n);
    lua_rawset(L, -3);
}

static void set_index(lua_State *L, const struct lbr_run *run, int word) {
    push_word(L, word);
    lua_pushinteger(L, (lua_Integer)run->now.index);
    lua_rawset(L, -3);
}

static void set_type(lua_State *L, int type) {
    push_word(L, LBR_WORD_TYPE);
    push_word(L, type);
    lua_rawset(L, -3);
}

/* Under that name in the table on top: { member = text }. */
static void set_inside(lua_State *L, const struct lbr_run *run, int name, int member) {
    push_word(L, name);
    lua_createtable(L, 0, 1);
    set_text(L, run, member);
    lua_rawset(L, -3);
}

void lbr_delta_push_converse(lua_State *L, const struct lbr_run *run) {
    lua_createtable(L, 0, 2);
    set_index(L, run, LBR_WORD_BLOCK_INDEX);
    push_word(L, LBR_WORD_DELTA);
    lua_createtable(L, 0, 1);
    if (run->now.kind == BR_PAYLOAD_TEXT)
        set_text(L, run, LBR_WORD_TEXT);
    else if (run->now.kind == BR_PAYLOAD_THINKING)
        set_inside(L, run, LBR_WORD_REASONING, LBR_WORD_TEXT);
    else
        set_inside(L, run, LBR_WORD_TOOL_USE, LBR_WORD_INPUT);
    lua_rawset(L, -3);
}

void lbr_delta_push_messages(lua_State *L, const struct lbr_run *run) {
    static const struct {
        int type, member;
    } rows[BR_PAYLOAD_KINDS] = {
        {LBR_WORD_TEXT_DELTA, LBR_WORD_TEXT},
        {LBR_WORD_THINKING_DELTA, LBR_WORD_THINKING},
        {LBR_WORD_INPUT_DELTA, LBR_WORD_PARTIAL_JSON},
    };
    lua_createtable(L, 0, 3);
    set_type(L, LBR_WORD_CONTENT_BLOCK_DELTA);
    set_index(L, run, LBR_WORD_INDEX);
    push_word(L, LBR_WORD_DELTA);
    lua_createtable(L, 0, 2);
    set_type(L, rows[run->now.kind].type);
    set_text(L, run, rows[run->now.kind].member);
    lua_rawset(L, -3);
}

/* ---- limits ---- */

/* Of any kind, one value in the other: the event, delta, what is in it; and all in all the event, its type,
 * index and padding, the delta, its type or what is in it, the text. */
int lbr_delta_allowed(const struct lbr_json_opts *json) {
    enum { DEPTH = 3, VALUES = 7 };
    return (json->depth == 0 || json->depth >= DEPTH) && (json->values == 0 || json->values >= VALUES);
}

int lbr_delta_fits(const struct lbr_json_opts *json, size_t size) {
    return json->size == 0 || size <= json->size;
}
