// Anthropic's own TypeScript client for Bedrock against the emulator, with nothing changed but the address and the keys.

import assert from "node:assert/strict";
import AnthropicBedrock from "@anthropic-ai/bedrock-sdk";
import { BadRequestError, PermissionDeniedError } from "@anthropic-ai/sdk";
import { failure, test } from "./check.mjs";
import { API_KEY, KEYS, emulator } from "./emulator.mjs";

const model = "global.anthropic.claude-opus-4-6-v1";
const dated = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const messages = [{ role: "user", content: "Hello, world" }];
const HELLO = "Hello! I am a local emulator of Amazon Bedrock. How can I help you today?";
const tools = [{ name: "get_weather", description: "The weather of a city", input_schema: {
  type: "object", properties: { city: { type: "string" } }, required: ["city"] } }];

const service = await emulator();

function client(settings = {}, url = service.url) {
  return new AnthropicBedrock({ awsAccessKey: KEYS.accessKeyId, awsSecretKey: KEYS.secretAccessKey, awsRegion: "us-west-2",
    baseURL: url, ...settings });
}

test("anthropic: a message is created", async () => {
  const message = await client().messages.create({ model, max_tokens: 256, messages });
  assert.equal(message.content[0].text, HELLO);
  assert.equal(message.stop_reason, "end_turn");
  assert.ok(message.usage.input_tokens > 0);
});

test("anthropic: a dated model id, whose colon travels bare, signs right", async () => {
  const message = await client().messages.create({ model: dated, max_tokens: 256, messages });
  assert.equal(message.content[0].text, HELLO);
});

test("anthropic: an ARN signs right", async () => {
  const arn = `arn:aws:bedrock:us-west-2:123456789012:inference-profile/${dated}`;
  const message = await client().messages.create({ model: arn, max_tokens: 256, messages });
  assert.equal(message.content[0].text, HELLO);
});

test("anthropic: a stream gives the same message as create", async () => {
  const stream = client().messages.stream({ model, max_tokens: 256, messages });
  const pieces = [];
  stream.on("text", (piece) => pieces.push(piece));
  const message = await stream.finalMessage();
  assert.ok(pieces.length > 5);
  assert.equal(pieces.join(""), HELLO);
  assert.equal(message.content[0].text, HELLO);
});

test("anthropic: raw events come in order", async () => {
  const stream = await client().messages.create({ model, max_tokens: 256, messages, stream: true });
  const types = [];
  for await (const event of stream) types.push(event.type);
  assert.deepEqual(types.filter((t) => t !== "content_block_delta"),
    ["message_start", "content_block_start", "content_block_stop", "message_delta", "message_stop"]);
});

test("anthropic: a tool is used, and its result is answered", async () => {
  const ask = { model, max_tokens: 256, tools, messages: [{ role: "user", content: "What is the weather in Paris?" }] };
  const first = await client().messages.create(ask);
  const use = first.content[0];
  assert.equal(first.stop_reason, "tool_use");
  assert.deepEqual(use.input, { city: "Paris" });
  ask.messages.push({ role: "assistant", content: first.content },
    { role: "user", content: [{ type: "tool_result", tool_use_id: use.id, content: "sunny" }] });
  assert.equal((await client().messages.create(ask)).content[0].text, "The tool answered: sunny");
});

test("anthropic: a streamed tool use is put together", async () => {
  const message = await client().messages.stream({ model, max_tokens: 256, tools, tool_choice: { type: "any" }, messages: [
    { role: "user", content: "And in Rome?" }] }).finalMessage();
  assert.deepEqual(message.content[0].input, { city: "Rome" });
});

test("anthropic: thinking comes with its signature", async () => {
  const message = await client().messages.stream({ model, max_tokens: 4000, messages,
    thinking: { type: "enabled", budget_tokens: 1024 } }).finalMessage();
  assert.equal(message.content[0].type, "thinking");
  assert.ok(message.content[0].signature);
});

test("anthropic: structured output fits its schema", async () => {
  const schema = { type: "object", properties: { answer: { type: "integer" } }, required: ["answer"], additionalProperties: false };
  const message = await client().messages.create({ model, max_tokens: 256, messages: [{ role: "user", content: "Say 42" }],
    output_config: { format: { type: "json_schema", schema } } });
  assert.deepEqual(JSON.parse(message.content[0].text), { answer: 42 });
});

test("anthropic: max_tokens and stop sequences cut the answer", async () => {
  const short = await client().messages.create({ model, max_tokens: 3, messages });
  assert.equal(short.stop_reason, "max_tokens");
  assert.equal(short.usage.output_tokens, 3);
  const stopped = await client().messages.create({ model, max_tokens: 256, messages, stop_sequences: ["emulator"] });
  assert.equal(stopped.stop_sequence, "emulator");
});

test("anthropic: a wrong secret is a PermissionDeniedError", async () => {
  const error = await failure(client({ awsSecretKey: "wrong" }).messages.create({ model, max_tokens: 256, messages }));
  assert.ok(error instanceof PermissionDeniedError);
  assert.equal(error.status, 403);
});

test("anthropic: an API key is taken, another is refused", async () => {
  const bearer = (apiKey) => new AnthropicBedrock({ apiKey, awsRegion: "us-west-2", baseURL: service.url });
  assert.equal((await bearer(API_KEY).messages.create({ model, max_tokens: 256, messages })).content[0].text, HELLO);
  assert.ok((await failure(bearer("nonsense").messages.create({ model, max_tokens: 256, messages }))) instanceof PermissionDeniedError);
});

test("anthropic: what the service refuses is a BadRequestError", async () => {
  const error = await failure(client().messages.create({ model, max_tokens: 256, messages: [{ role: "user", content: " " }] }));
  assert.ok(error instanceof BadRequestError);
  assert.match(error.message, /non-whitespace/);
});

test("anthropic: a throttled call is sent again", async () => {
  const slow = await emulator("--fault", "throttle:1");
  const message = await client({}, slow.url).messages.create({ model, max_tokens: 256, messages });
  assert.equal(message.content[0].text, HELLO);
  assert.deepEqual((await slow.log(2)).map((r) => r.status), [429, 200]);
});

test("anthropic: an exception in mid-stream ends the stream with an error", async () => {
  const failing = await emulator("--fault", "exception:modelStreamErrorException:3");
  const stream = client({ maxRetries: 0 }, failing.url).messages.stream({ model, max_tokens: 256, messages });
  assert.match(String(await failure(stream.finalMessage())), /modelStreamErrorException|asked to fail/);
});

test("anthropic: a stream that is given up is noticed by the server", async () => {
  const slow = await emulator("--pace", "50");
  const stream = await client({}, slow.url).messages.create({ model, max_tokens: 256, messages, stream: true });
  for await (const event of stream) {
    if (event.type === "content_block_delta") break;
  }
  assert.equal((await slow.log(1))[0].ended, "client left");
});
