/* bedrock.core.sse: server-sent events as Lua values, with the answers of core.eventstream.
 *
 *   d = decoder { max=, json_depth=, json_size=, json_values=, gather= }
 *   d:feed(bytes), d:finish(), d:buffered()
 *   d:next(form, texts)    nil | nil, err | "event", name, value | "text", string, index
 *                          with `gather`, where it goes on with a run: further, whether bytes follow
 *   d:more(form, list, most, texts)
 *   d:gathered()
 *
 * The form "raw" gives the data as a string and the name of its line, nil without one. "json" gives the
 * data's table, under the name of its `type` where no line has one; "[DONE]", with which some services end,
 * and data that is empty, with which some keep a connection awake, as that string. */
#include "bind.h"
#include "lbuf.h"
#include "ldelta.h"
#include "ljson.h"
#include "sse.h"

#include <limits.h>

#define DECODER "bedrock.sse"

enum { UP_METATABLE = 1, UPVALUES = LBR_WORD_NEXT - 1 };

struct decoder {
    struct br_sse sse;
    struct lbr_json_opts json;
    struct lbr_fault fault;
    struct lbr_run run;
    int plain_deltas; /* the limits have no say about a delta */
};

static struct decoder *check_decoder(lua_State *L) {
    void *p = lua_touserdata(L, 1);
    if (p != NULL && lua_getmetatable(L, 1)) {
        int same = lua_rawequal(L, -1, lua_upvalueindex(UP_METATABLE));
        lua_pop(L, 1);
        if (same)
            return p;
    }
    luaL_argerror(L, 1, "a decoder of server-sent events expected");
    return NULL;
}

static int stream_broken(lua_State *L, struct decoder *self) {
    const struct br_sse_error *error = &self->sse.error;
    lbr_fault_set(&self->fault, br_sse_code_name(error->code), error->message, error->offset);
    return lbr_fault_push(L, &self->fault);
}

static int data_broken(lua_State *L, struct decoder *self, const struct br_json_error *error) {
    const struct br_buf *name = &self->sse.name;
    lbr_fault_set_json(&self->fault, "data", name->len > 0 ? name->data : "", name->len, self->sse.data.data,
                       error);
    br_sse_clear(&self->sse);
    return lbr_fault_push(L, &self->fault);
}

static void push_name(lua_State *L, const struct br_buf *name) {
    if (name->len > 0)
        lua_pushlstring(L, name->data, name->len);
    else
        lua_pushnil(L);
}

/* What stands between the events of a stream is no JSON and means none. */
static int is_mark(const struct br_buf *data) {
    return data->len == 0 || (data->len == 6 && memcmp(data->data, "[DONE]", 6) == 0);
}

/* An event without a name has its type in the JSON alone. */
static int push_value(lua_State *L, struct decoder *self) {
    const struct br_buf *data = &self->sse.data;
    struct br_json_error error;
    lua_pushliteral(L, "event");
    push_name(L, &self->sse.name);
    if (is_mark(data))
        lua_pushlstring(L, data->len > 0 ? data->data : "", data->len);
    else if (!lbr_json_push(L, data->data, data->len, &self->json, &error))
        return data_broken(L, self, &error);
    else if (self->sse.name.len == 0)
        lbr_payload_name_by_type(L, lua_upvalueindex(LBR_WORD_TYPE));
    return 3;
}

/* Whether the event at the front is a delta of Messages; notes it then. */
static int is_delta(lua_State *L, struct decoder *self) {
    const struct br_buf *data = &self->sse.data;
    struct br_payload_delta delta;
    self->run.at_delta = 0;
    if (!self->plain_deltas || !lbr_delta_fits(&self->json, data->len) ||
        !br_payload_messages_delta(data->data, data->len, &delta))
        return 0;
    lbr_run_note(L, &self->run, &delta);
    return 1;
}

static int push_raw(lua_State *L, const struct decoder *self) {
    lua_pushliteral(L, "event");
    push_name(L, &self->sse.name);
    lua_pushlstring(L, self->sse.data.data, self->sse.data.len);
    return 3;
}

/* With `texts` 0 where it is no text and goes on with a run: it is kept and passed over. */
static int push_delta(lua_State *L, struct decoder *self, int texts) {
    struct lbr_run *run = &self->run;
    if (texts && run->now.kind == BR_PAYLOAD_TEXT)
        return lbr_delta_push_text(L, run);
    if (texts && lbr_run_continues(run)) {
        lbr_run_keep(L, run);
        return 0;
    }
    lua_pushvalue(L, lua_upvalueindex(LBR_WORD_EVENT));
    if (self->sse.name.len > 0)
        push_name(L, &self->sse.name);
    else
        lua_pushvalue(L, lua_upvalueindex(LBR_WORD_CONTENT_BLOCK_DELTA));
    lbr_delta_push_messages(L, run);
    return 3;
}

/* The results for the event at the front; 0 where it is passed over. */
static int push_event(lua_State *L, struct decoder *self, int json, int texts) {
    int results;
    if (!json)
        return push_raw(L, self);
    results = is_delta(L, self) ? push_delta(L, self, texts) : push_value(L, self);
    if (results > 0 && self->fault.code == NULL && lbr_run_settle(L, &self->run)) {
        lua_pushboolean(L, br_sse_held(&self->sse) > 0);
        results++;
    }
    return results;
}

static int check_form(lua_State *L) {
    static const char *const forms[] = {"json", "raw", NULL};
    return luaL_checkoption(L, 2, "json", forms) == 0;
}

/* next(form, texts): one event, nil when it takes more bytes, or nil and an error. An event is skipped only
 * after its values are on the stack. */
static int decoder_next(lua_State *L) {
    struct decoder *self = check_decoder(L);
    int json = check_form(L), texts = lua_toboolean(L, 3), results = 0;
    while (self->fault.code == NULL && results == 0) {
        switch (br_sse_peek(&self->sse)) {
        case BR_SSE_MORE:
            lua_pushnil(L);
            return 1;
        case BR_SSE_BROKEN:
            return stream_broken(L, self);
        default:
            results = push_event(L, self, json, texts);
            br_sse_skip(&self->sse);
        }
    }
    return results > 0 ? results : lbr_fault_push(L, &self->fault);
}

/* more(form, list, most, texts), as that of frames. */
static int decoder_more(lua_State *L) {
    struct decoder *self = check_decoder(L);
    struct lbr_run *run = &self->run;
    int json = check_form(L), most = (int)luaL_checkinteger(L, 4), texts = lua_toboolean(L, 5);
    int count = run->unreported;
    luaL_checktype(L, 3, LUA_TTABLE);
    while (json && self->fault.code == NULL && count < most && run->open &&
           (!texts || run->last.kind == BR_PAYLOAD_TEXT) && br_sse_peek(&self->sse) == BR_SSE_EVENT &&
           is_delta(L, self) && lbr_run_continues(run)) {
        if (texts)
            lua_pushlstring(L, run->now.text.at, run->now.text.n);
        else
            lbr_delta_push_messages(L, run);
        lua_rawseti(L, 3, count + 1);
        lbr_run_keep(L, run);
        br_sse_skip(&self->sse);
        run->unreported = ++count;
    }
    run->unreported = 0;
    lua_pushinteger(L, count);
    lua_pushinteger(L, (lua_Integer)run->last.index);
    return 2;
}

static int decoder_gathered(lua_State *L) {
    return lbr_run_gathered(L, &check_decoder(L)->run);
}

static int decoder_feed(lua_State *L) {
    struct decoder *self = check_decoder(L);
    size_t size;
    const char *bytes = lbr_checkbytes(L, 2, &size);
    if (self->fault.code != NULL)
        return 0;
    if (br_sse_held(&self->sse) > self->sse.max)
        return luaL_error(L, "feed: take the events that are there with next before feeding more");
    if (!br_sse_feed(&self->sse, bytes, size))
        return luaL_error(L, "not enough memory");
    return 0;
}

static int decoder_finish(lua_State *L) {
    struct decoder *self = check_decoder(L);
    if (self->fault.code != NULL)
        return lbr_fault_push(L, &self->fault);
    if (br_sse_finish(&self->sse) == BR_SSE_BROKEN)
        return stream_broken(L, self);
    lua_pushboolean(L, 1);
    return 1;
}

static int decoder_buffered(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)br_sse_held(&check_decoder(L)->sse));
    return 1;
}

static int decoder_gc(lua_State *L) {
    struct decoder *self = check_decoder(L);
    br_sse_clear(&self->sse);
    lbr_run_clear(&self->run);
    return 0;
}

static int decoder_tostring(lua_State *L) {
    struct decoder *self = check_decoder(L);
    lua_pushfstring(L, DECODER " (%s, %d bytes held)", self->fault.code != NULL ? self->fault.code : "good",
                    (int)br_sse_held(&self->sse));
    return 1;
}

/* ---- the module ---- */

static int decoder_new(lua_State *L) {
    struct decoder *self;
    if (!lua_isnoneornil(L, 1))
        luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    self = lua_newuserdatauv(L, sizeof(*self), 0);
    memset(self, 0, sizeof(*self));
    br_sse_init(&self->sse);
    lbr_run_init(&self->run);
    lua_pushvalue(L, lua_upvalueindex(UP_METATABLE));
    lua_setmetatable(L, -2);
    if (lua_istable(L, 1)) {
        self->sse.max = lbr_payload_option(L, "max", 1, UINT32_MAX, self->sse.max);
        self->json.depth = (int)lbr_payload_option(L, "json_depth", 1, INT_MAX, 0);
        self->json.size = lbr_payload_option(L, "json_size", 1, UINT32_MAX, 0);
        self->json.values = lbr_payload_option(L, "json_values", 1, UINT32_MAX, 0);
        lua_getfield(L, 1, "gather");
        self->run.gather = lua_toboolean(L, -1);
        lua_pop(L, 1);
    }
    self->plain_deltas = lbr_delta_allowed(&self->json);
    return 1;
}

static const luaL_Reg methods[] = {
    {"feed", decoder_feed},
    {"next", decoder_next},
    {"more", decoder_more},
    {"gathered", decoder_gathered},
    {"finish", decoder_finish},
    {"buffered", decoder_buffered},
    {"close", decoder_gc},
    {"__gc", decoder_gc},
    {"__close", decoder_gc},
    {"__tostring", decoder_tostring},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"decoder", decoder_new},
    {NULL, NULL},
};

int luaopen_bedrock_sse(lua_State *L) {
    luaL_newmetatable(L, DECODER);
    lua_pushvalue(L, -1);
    lbr_delta_push_words(L);
    luaL_setfuncs(L, methods, UPVALUES);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pushliteral(L, DECODER);
    lua_setfield(L, -2, "__name");
    lua_newtable(L);
    lua_pushvalue(L, -2);
    lbr_delta_push_words(L);
    luaL_setfuncs(L, functions, UPVALUES);
    return 1;
}
