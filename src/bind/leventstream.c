/* bedrock.core.eventstream: the frames of Bedrock's streams as Lua values.
 *
 *   d = decoder { max_frame=, max_headers=, json_depth=, json_size=, json_values=, blobs=, gather= }
 *   d:feed(bytes)          a string or a buffer, however the stream was cut
 *   d:next(form, texts)    one of
 *     nil                            more bytes are needed
 *     nil, err                       broken, and it stays so; err = { code, message, position, line, column }
 *     "event", name, value
 *     "text", string, index          with `texts`: a text delta of Converse or Messages
 *     "exception", name, value       a table, or a string where the payload is not JSON
 *     "error", code, message
 *     with `gather`, and where the event goes on with a run (see ldelta.h): further, whether there are bytes
 *     behind it. With `texts` what goes on with a run of another kind than text is gathered and passed over
 *   d:more(form, list, most, texts)  at most so many events, or with `texts` texts, that go on with the run,
 *                          into list[1] and so on: how many, and the index of their block
 *   d:gathered()           the text of what went on with a run since it was last asked, the index of its
 *                          block, and its kind: "text", "thinking" or "input"; nothing where nothing did
 *   d:finish()             true, or nil and err when the bytes ended inside of a frame
 *   d:headers()            of the frame that next gave last, until more is fed: list of { name, type, value }
 *   d:buffered()           bytes held
 *   encode(headers, payload) -> frame
 *   decode(frame) -> { headers, payload } | nil, err
 *
 * The form says what an event's value is. "json": the payload's table. "union": a table that holds the same
 * under the event's name, nil without a name. "chunk": of a chunk the table of the
 * JSON that its base64 stands for, under the name of its `type`; of other events as "json". "bytes": a
 * chunk's bytes. "raw": the payload as it came. Padding is part of the raw form only. `blobs` says where
 * payloads hold bytes as base64.
 *
 * The decoder is one userdata, and all memory that outlives a call into Lua is inside of it. A frame is
 * skipped only after its values are on the stack, so that no event is lost when Lua runs out of memory on the
 * way. */
#include "leventstream.h"

#include "base64.h"
#include "bind.h"
#include "lbuf.h"
#include "ldelta.h"
#include "ljson.h"
#include "ljson_values.h"

#include <limits.h>

#define DECODER "bedrock.eventstream"

/* What every method has at hand without a look-up: the metatable, the words of deltas, and these. */
enum {
    UP_METATABLE = 1,
    UP_EXCEPTION = LBR_WORD_NEXT,
    UP_ERROR,
    UP_P,
    UP_NAMES, /* the first of the names of Bedrock's events, in the order of enum br_eventstream_event */
    UPVALUES = UP_NAMES + BR_EVENTSTREAM_EVENTS - BR_EVENTSTREAM_CHUNK - 1
};

static const char *const words[] = {
    "exception",
    "error",
    "p",
    "chunk",
    "messageStart",
    "contentBlockStart",
    "contentBlockDelta",
    "contentBlockStop",
    "messageStop",
    "metadata",
};

struct decoder {
    struct br_eventstream stream;
    struct lbr_json_opts json;
    struct br_buf inner; /* what the base64 of a chunk stands for */
    struct lbr_fault fault;
    struct lbr_run run;
    int plain_deltas; /* neither the limits nor the blobs have a say about a delta */
    int has_blobs;    /* the user value is the table that says where payloads hold base64 */
    int shown;        /* the frame that next handed out last is still in the buffer */
};

static struct decoder *check_decoder(lua_State *L) {
    void *p = lua_touserdata(L, 1);
    if (p != NULL && lua_getmetatable(L, 1)) {
        int same = lua_rawequal(L, -1, lua_upvalueindex(UP_METATABLE));
        lua_pop(L, 1);
        if (same)
            return p;
    }
    luaL_argerror(L, 1, "an event stream decoder expected");
    return NULL;
}

/* ---- faults ---- */

/* Ends the stream, whose fault is set; answers 0, to be returned. */
static int break_decoder(struct decoder *self) {
    self->shown = 0;
    br_eventstream_clear(&self->stream);
    return 0;
}

static int frame_broken(struct decoder *self) {
    const struct br_eventstream_error *error = &self->stream.error;
    lbr_fault_set(&self->fault, br_eventstream_code_name(error->code), error->message, error->offset);
    return break_decoder(self);
}

static int message_type_broken(struct decoder *self, const char *why) {
    lbr_fault_set(&self->fault, "message_type", why, self->stream.window.taken);
    return break_decoder(self);
}

/* The text inside of a good frame is not what it should be. */
static int payload_broken(struct decoder *self, const char *text, const struct br_json_error *error) {
    const struct br_eventstream_slice *name = &self->stream.frame.event_type;
    const char *known = name->at != NULL ? (const char *)name->at : "";
    lbr_fault_set_json(&self->fault, "payload", known, name->size, text, error);
    return break_decoder(self);
}

/* ---- payloads ---- */

/* Up to FORM_CHUNK payloads become values. */
enum form { FORM_UNION, FORM_JSON, FORM_CHUNK, FORM_BYTES, FORM_RAW };

static void push_event_name(lua_State *L, const struct br_eventstream_frame *frame) {
    if (frame->event != BR_EVENTSTREAM_OTHER)
        lua_pushvalue(L, lua_upvalueindex(UP_NAMES + (int)frame->event - BR_EVENTSTREAM_CHUNK));
    else if (frame->event_type.at != NULL)
        lbr_eventstream_push_slice(L, &frame->event_type);
    else
        lua_pushnil(L);
}

/* ---- deltas ---- */

/* Whether a payload of that size may be taken for a delta without asking further. */
static int may_be_delta(const struct decoder *self, size_t size) {
    return self->plain_deltas && lbr_delta_fits(&self->json, size);
}

/* Whether the frame at the front is a delta of Converse; notes it then. */
static int is_converse_delta(lua_State *L, struct decoder *self, enum form form) {
    const struct br_eventstream_frame *frame = &self->stream.frame;
    struct br_payload_delta delta;
    if (frame->event != BR_EVENTSTREAM_CONTENT_BLOCK_DELTA || form > FORM_CHUNK ||
        !may_be_delta(self, frame->payload.size) ||
        !br_payload_converse_delta((const char *)frame->payload.at, frame->payload.size, &delta))
        return 0;
    lbr_run_note(L, &self->run, &delta);
    return 1;
}

/* The same for Messages, whose event is in self->inner. */
static int is_messages_delta(lua_State *L, struct decoder *self, enum form form) {
    struct br_payload_delta delta;
    if (form != FORM_CHUNK || !may_be_delta(self, self->inner.len) ||
        !br_payload_messages_delta(self->inner.data, self->inner.len, &delta))
        return 0;
    lbr_run_note(L, &self->run, &delta);
    return 1;
}

/* With `texts`: the text of the delta at hand; of another kind nothing where it is gathered all the same. */
static int is_passed_over(lua_State *L, struct decoder *self) {
    if (self->run.now.kind == BR_PAYLOAD_TEXT || !lbr_run_continues(&self->run))
        return 0;
    lbr_run_keep(L, &self->run);
    return 1;
}

/* The payload without padding at its end. Cut in the buffer itself, and remembered in the frame. */
static char *trimmed_payload(struct decoder *self, size_t *size) {
    struct br_eventstream_slice *payload = &self->stream.frame.payload;
    char *text = br_window_at(&self->stream.window) +
                 (payload->at - (const unsigned char *)br_window_at(&self->stream.window));
    *size = payload->size = br_payload_trim(text, payload->size);
    return text;
}

/* Padding that was not the last member is taken out of the table on top. */
static void drop_padding(lua_State *L) {
    if (!lua_istable(L, -1))
        return;
    lua_pushvalue(L, lua_upvalueindex(UP_P));
    lua_rawget(L, -2);
    if (lua_type(L, -1) == LUA_TSTRING) {
        lua_pushvalue(L, lua_upvalueindex(UP_P));
        lua_pushnil(L);
        lua_rawset(L, -4);
    }
    lua_pop(L, 1);
}

/* Pushes the value of a payload, with blobs. 0 and nothing pushed: see *error. */
static int push_json(lua_State *L, struct decoder *self, const char *text, size_t size,
                     struct br_json_error *error) {
    struct lbr_json_opts opts = self->json;
    int base = lua_gettop(L), good;
    if (!self->has_blobs)
        return lbr_json_push(L, text, size, &opts, error);
    lbr_getuservalue(L, 1);
    opts.blobs = base + 1;
    good = lbr_json_push(L, text, size, &opts, error);
    if (good)
        lua_replace(L, base + 1);
    lua_settop(L, base + good);
    return good;
}

/* Pushes the payload as a value and answers 1; 0 when the stream is broken now. What may hold anything
 * (exceptions, events that Bedrock does not know today) is handed over as it is where it is not JSON. */
static int push_payload(lua_State *L, struct decoder *self, int anything) {
    struct br_json_error error;
    size_t size;
    const char *text = trimmed_payload(self, &size);
    if (push_json(L, self, text, size, &error))
        drop_padding(L);
    else if (anything)
        lua_pushlstring(L, text, size);
    else if (size == 0)
        lua_newtable(L);
    else
        return payload_broken(self, text, &error);
    return 1;
}

/* ---- chunks ---- */

/* Decodes base64 into self->inner; 0 with *error filled in where it is none. */
static int take_base64(lua_State *L, struct decoder *self, const char *text, size_t size,
                       struct br_json_error *error) {
    char *room = lbr_payload_room(L, &self->inner, br_base64_decoded_bound(size));
    size_t written = 0;
    error->code = BR_JSON_BASE64;
    error->message = br_base64_decode(room, &written, text, size, &error->position);
    br_buf_added(&self->inner, written);
    return error->message == NULL;
}

/* The payload has more than bytes and padding, or another order or spacing: it is read as a whole. 1 when
 * self->inner is filled, else 0 with the payload's own value on the stack or the stream broken. */
static int take_odd_chunk(lua_State *L, struct decoder *self) {
    struct br_json_error error = {BR_JSON_OK, NULL, 0};
    const char *text;
    size_t size;
    if (!push_payload(L, self, 0) || !lua_istable(L, -1))
        return 0;
    lua_getfield(L, -1, "bytes");
    text = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &size) : NULL;
    lua_pop(L, 1); /* the table still holds it */
    return text != NULL && (take_base64(L, self, text, size, &error) || payload_broken(self, text, &error));
}

static int take_chunk(lua_State *L, struct decoder *self) {
    struct br_json_string base64;
    struct br_json_error error = {BR_JSON_OK, NULL, 0};
    size_t size;
    const char *text = trimmed_payload(self, &size);
    return (br_payload_chunk(text, size, &base64) &&
            take_base64(L, self, base64.start, base64.length, &error)) ||
           take_odd_chunk(L, self);
}

/* Text that begins like an object or a list is meant as JSON; other bytes are some model's own. */
static int is_meant_as_json(const struct br_buf *inner) {
    size_t i;
    for (i = 0; i < inner->len && memchr(" \t\r\n", inner->data[i], 4) != NULL; i++) {
    }
    return i < inner->len && (inner->data[i] == '{' || inner->data[i] == '[');
}

static int push_inner(lua_State *L, struct decoder *self, enum form form) {
    const struct br_buf *inner = &self->inner;
    struct br_json_error error;
    if (form == FORM_BYTES) {
        lua_pushlstring(L, inner->data, inner->len);
    } else if (lbr_json_push(L, inner->data, inner->len, &self->json, &error)) {
        lbr_payload_name_by_type(L, lua_upvalueindex(LBR_WORD_TYPE));
    } else if (is_meant_as_json(inner)) {
        return payload_broken(self, inner->data, &error);
    } else {
        lua_pushlstring(L, inner->data, inner->len);
    }
    return 3;
}

static int push_chunk(lua_State *L, struct decoder *self, enum form form, int texts) {
    int top = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(LBR_WORD_EVENT));
    push_event_name(L, &self->stream.frame);
    if (!take_chunk(L, self))
        return self->fault.code == NULL ? 3 : 0;
    lua_settop(L, top + 2);
    if (!is_messages_delta(L, self, form))
        return push_inner(L, self, form);
    if (texts && self->run.now.kind == BR_PAYLOAD_TEXT)
        return lbr_delta_push_text(L, &self->run);
    if (texts && is_passed_over(L, self)) {
        lua_settop(L, top);
        return 0;
    }
    lua_pushvalue(L, lua_upvalueindex(LBR_WORD_CONTENT_BLOCK_DELTA));
    lua_replace(L, -2);
    lbr_delta_push_messages(L, &self->run);
    return 3;
}

/* ---- messages ---- */

static int is_initial_response(const struct br_eventstream_frame *frame) {
    static const char name[] = "initial-response";
    return frame->event_type.size == sizeof(name) - 1 &&
           memcmp(frame->event_type.at, name, sizeof(name) - 1) == 0;
}

/* The value on top becomes one of a union, under the name below it; nil where that is nil. */
static void wrap(lua_State *L) {
    if (lua_isnil(L, -2)) {
        lua_pop(L, 1);
        lua_pushnil(L);
        return;
    }
    lua_createtable(L, 0, 1);
    lua_insert(L, -2);
    lua_pushvalue(L, -3);
    lua_insert(L, -2);
    lua_rawset(L, -3);
}

static int push_event(lua_State *L, struct decoder *self, enum form form, int texts) {
    const struct br_eventstream_frame *frame = &self->stream.frame;
    int is_delta;
    if (frame->event == BR_EVENTSTREAM_CHUNK && (form == FORM_CHUNK || form == FORM_BYTES))
        return push_chunk(L, self, form, texts);
    if (frame->event == BR_EVENTSTREAM_OTHER && form != FORM_RAW && is_initial_response(frame))
        return 0;
    is_delta = is_converse_delta(L, self, form);
    if (is_delta && texts && self->run.now.kind == BR_PAYLOAD_TEXT)
        return lbr_delta_push_text(L, &self->run);
    if (is_delta && texts && is_passed_over(L, self))
        return 0;
    lua_pushvalue(L, lua_upvalueindex(LBR_WORD_EVENT));
    push_event_name(L, frame);
    if (is_delta)
        lbr_delta_push_converse(L, &self->run);
    else if (form >= FORM_BYTES)
        lbr_eventstream_push_slice(L, &frame->payload);
    else if (!push_payload(L, self, frame->event == BR_EVENTSTREAM_OTHER))
        return 0;
    if (form == FORM_UNION)
        wrap(L);
    return 3;
}

static void push_or(lua_State *L, const struct br_eventstream_slice *slice, const char *otherwise) {
    if (slice->at != NULL)
        lbr_eventstream_push_slice(L, slice);
    else
        lua_pushstring(L, otherwise);
}

static int push_exception(lua_State *L, struct decoder *self, enum form form) {
    const struct br_eventstream_frame *frame = &self->stream.frame;
    lua_pushvalue(L, lua_upvalueindex(UP_EXCEPTION));
    push_or(L, &frame->exception_type, "unknownException");
    if (form == FORM_RAW)
        lbr_eventstream_push_slice(L, &frame->payload);
    else
        push_payload(L, self, 1);
    return 3;
}

static int push_stream_error(lua_State *L, const struct br_eventstream_frame *frame) {
    lua_pushvalue(L, lua_upvalueindex(UP_ERROR));
    push_or(L, &frame->error_code, "UnknownError");
    push_or(L, &frame->error_message, "");
    return 3;
}

/* The values of the frame at the front; 0 when it has none to show, or when the stream is broken now. A frame
 * without a message type is nobody's event, but as bytes it is as good as any. */
static int push_frame(lua_State *L, struct decoder *self, enum form form, int texts) {
    const struct br_eventstream_frame *frame = &self->stream.frame;
    switch (frame->kind) {
    case BR_EVENTSTREAM_EVENT:
        return push_event(L, self, form, texts);
    case BR_EVENTSTREAM_EXCEPTION:
        return push_exception(L, self, form);
    case BR_EVENTSTREAM_ERROR:
        return push_stream_error(L, frame);
    case BR_EVENTSTREAM_UNKNOWN:
        return message_type_broken(self, "a frame has an unknown :message-type");
    default:
        return form == FORM_RAW ? push_event(L, self, form, 0)
                                : message_type_broken(self, "a frame has no :message-type");
    }
}

/* ---- methods ---- */

static enum form check_form(lua_State *L, int i) {
    static const char *const forms[] = {"union", "json", "chunk", "bytes", "raw", NULL};
    return (enum form)luaL_checkoption(L, i, "json", forms);
}

/* next(form, texts): the values of one frame, nil when it takes more bytes, or nil and an error. */
static int decoder_next(lua_State *L) {
    struct decoder *self = check_decoder(L);
    enum form form = check_form(L, 2);
    int texts = lua_toboolean(L, 3);
    while (self->fault.code == NULL) {
        enum br_eventstream_status status = br_eventstream_peek(&self->stream);
        int results, goes_on;
        if (status == BR_EVENTSTREAM_MORE) {
            lua_pushnil(L);
            return 1;
        }
        if (status == BR_EVENTSTREAM_BROKEN) {
            frame_broken(self);
            break;
        }
        self->run.at_delta = 0;
        results = push_frame(L, self, form, texts);
        goes_on = results > 0 && lbr_run_settle(L, &self->run);
        br_eventstream_skip(&self->stream);
        if (results > 0) {
            self->shown = 1;
            if (goes_on)
                lua_pushboolean(L, br_eventstream_held(&self->stream) > 0);
            return results + goes_on;
        }
    }
    return lbr_fault_push(L, &self->fault);
}

/* Whether the frame at the front is an event that goes on with the run; notes it then. */
static int has_more(lua_State *L, struct decoder *self, enum form form) {
    struct br_json_string base64;
    struct br_json_error error;
    const char *text;
    size_t size;
    self->run.at_delta = 0;
    if (br_eventstream_peek(&self->stream) != BR_EVENTSTREAM_FRAME ||
        self->stream.frame.kind != BR_EVENTSTREAM_EVENT)
        return 0;
    if (self->stream.frame.event != BR_EVENTSTREAM_CHUNK)
        return is_converse_delta(L, self, form) && lbr_run_continues(&self->run);
    text = trimmed_payload(self, &size);
    return br_payload_chunk(text, size, &base64) &&
           take_base64(L, self, base64.start, base64.length, &error) && is_messages_delta(L, self, form) &&
           lbr_run_continues(&self->run);
}

/* The delta at hand as `more` gives it. */
static void push_more(lua_State *L, struct decoder *self, enum form form, int texts) {
    const struct lbr_run *run = &self->run;
    if (texts) {
        lua_pushlstring(L, run->now.text.at, run->now.text.n);
        return;
    }
    if (self->stream.frame.event == BR_EVENTSTREAM_CHUNK) {
        lbr_delta_push_messages(L, run);
        return;
    }
    push_event_name(L, &self->stream.frame);
    lbr_delta_push_converse(L, run);
    if (form == FORM_UNION)
        wrap(L);
    lua_remove(L, -2);
}

/* more(form, list, most, texts). What a call without memory left in the list is counted by the next one. */
static int decoder_more(lua_State *L) {
    struct decoder *self = check_decoder(L);
    struct lbr_run *run = &self->run;
    enum form form = check_form(L, 2);
    int most = (int)luaL_checkinteger(L, 4), texts = lua_toboolean(L, 5), count = run->unreported;
    luaL_checktype(L, 3, LUA_TTABLE);
    while (self->fault.code == NULL && count < most && run->open &&
           (!texts || run->last.kind == BR_PAYLOAD_TEXT) && has_more(L, self, form)) {
        push_more(L, self, form, texts);
        lua_rawseti(L, 3, count + 1);
        lbr_run_keep(L, run);
        br_eventstream_skip(&self->stream);
        run->unreported = ++count;
    }
    self->shown = self->shown && count == 0;
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
    self->shown = 0;
    if (self->fault.code != NULL)
        return 0;
    if (br_eventstream_held(&self->stream) > self->stream.limits.max_frame)
        return luaL_error(L, "feed: take the events that are there with next before feeding more");
    if (!br_eventstream_feed(&self->stream, bytes, size))
        return luaL_error(L, "not enough memory");
    return 0;
}

static int decoder_headers(lua_State *L) {
    struct decoder *self = check_decoder(L);
    if (!self->shown)
        return 0;
    lbr_eventstream_push_headers(L, self->stream.frame.headers);
    return 1;
}

static int decoder_finish(lua_State *L) {
    struct decoder *self = check_decoder(L);
    if (self->fault.code == NULL && br_eventstream_finish(&self->stream) == BR_EVENTSTREAM_BROKEN)
        frame_broken(self);
    if (self->fault.code != NULL)
        return lbr_fault_push(L, &self->fault);
    lua_pushboolean(L, 1);
    return 1;
}

static int decoder_buffered(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)br_eventstream_held(&check_decoder(L)->stream));
    return 1;
}

static int decoder_gc(lua_State *L) {
    struct decoder *self = check_decoder(L);
    self->shown = 0;
    br_eventstream_clear(&self->stream);
    br_buf_clear(&self->inner);
    lbr_run_clear(&self->run);
    return 0;
}

static int decoder_tostring(lua_State *L) {
    struct decoder *self = check_decoder(L);
    lua_pushfstring(L, DECODER " (%s, %d bytes held)", self->fault.code != NULL ? self->fault.code : "good",
                    (int)br_eventstream_held(&self->stream));
    return 1;
}

/* ---- the module ---- */

/* Whether the table of blobs on top says that this member of a delta, or of what is in it, is bytes. */
static int has_blob(lua_State *L, const char *inside, const char *member) {
    int top = lua_gettop(L), at = lbr_json_child_blobs(L, top, "delta", 5, "{}");
    if (at > 0 && inside != NULL)
        at = lbr_json_child_blobs(L, at, inside, strlen(inside), "{}");
    if (at > 0)
        at = lbr_json_child_blobs(L, at, member, strlen(member), "{}");
    lua_settop(L, top);
    return at != LBR_JSON_NO_BLOBS;
}

static int has_blob_delta(lua_State *L) {
    return has_blob(L, NULL, "text") || has_blob(L, "reasoningContent", "text") ||
           has_blob(L, "toolUse", "input");
}

/* The options are at 1, the decoder on top. */
static void read_options(lua_State *L, struct decoder *self) {
    struct br_eventstream_limits *limits = &self->stream.limits;
    limits->max_frame =
        lbr_payload_option(L, "max_frame", BR_EVENTSTREAM_LEAST, UINT32_MAX, limits->max_frame);
    limits->max_headers = lbr_payload_option(L, "max_headers", 0, UINT32_MAX, limits->max_headers);
    self->json.depth = (int)lbr_payload_option(L, "json_depth", 1, INT_MAX, 0);
    self->json.size = lbr_payload_option(L, "json_size", 1, UINT32_MAX, 0);
    self->json.values = lbr_payload_option(L, "json_values", 1, UINT32_MAX, 0);
    lua_getfield(L, 1, "gather");
    self->run.gather = lua_toboolean(L, -1);
    lua_pop(L, 1);
    lua_getfield(L, 1, "blobs");
    self->has_blobs = lua_istable(L, -1);
    self->plain_deltas = lbr_delta_allowed(&self->json) && !(self->has_blobs && has_blob_delta(L));
    if (self->has_blobs)
        lbr_setuservalue(L, -2);
    else
        lua_pop(L, 1);
}

static int decoder_new(lua_State *L) {
    struct decoder *self;
    if (!lua_isnoneornil(L, 1))
        luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    self = lua_newuserdatauv(L, sizeof(*self), 1);
    memset(self, 0, sizeof(*self));
    br_eventstream_init(&self->stream);
    br_buf_init(&self->inner, SIZE_MAX / 2);
    lbr_run_init(&self->run);
    self->plain_deltas = 1;
    lua_pushvalue(L, lua_upvalueindex(UP_METATABLE));
    lua_setmetatable(L, -2);
    if (lua_istable(L, 1))
        read_options(L, self);
    return 1;
}

static const luaL_Reg methods[] = {
    {"feed", decoder_feed},
    {"next", decoder_next},
    {"headers", decoder_headers},
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
    {"encode", lbr_eventstream_encode},
    {"decode", lbr_eventstream_decode},
    {NULL, NULL},
};

/* The upvalues of every function; the metatable is at the given place. */
static void push_upvalues(lua_State *L, int metatable) {
    size_t i;
    luaL_checkstack(L, UPVALUES, "too many upvalues");
    lua_pushvalue(L, metatable);
    lbr_delta_push_words(L);
    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        lua_pushstring(L, words[i]);
}

int luaopen_bedrock_eventstream(lua_State *L) {
    luaL_newmetatable(L, DECODER);
    push_upvalues(L, lua_gettop(L));
    luaL_setfuncs(L, methods, UPVALUES);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, DECODER);
    lua_setfield(L, -2, "__name");
    lua_newtable(L);
    push_upvalues(L, lua_gettop(L) - 1);
    luaL_setfuncs(L, functions, UPVALUES);
    return 1;
}
