// Anthropic's own clients against the emulator's Messages paths: the plain one with a base URL, the one for bedrock-mantle, and the
// one for Claude Platform on AWS. Nothing is changed but addresses, keys and the workspace.

import assert from "node:assert/strict";
import { AnthropicAws } from "@anthropic-ai/aws-sdk";
import { AnthropicBedrockMantle } from "@anthropic-ai/bedrock-sdk";
import Anthropic, { InternalServerError, NotFoundError, PermissionDeniedError, RateLimitError, toFile } from "@anthropic-ai/sdk";
import { failure, test } from "./check.mjs";
import { API_KEY, KEYS, emulator } from "./emulator.mjs";

const HELLO = "Hello! I am a local emulator of Amazon Bedrock. How can I help you today?";
const ask = [{ role: "user", content: "Hello, world" }];
const service = await emulator();

const keys = { awsAccessKey: KEYS.accessKeyId, awsSecretAccessKey: KEYS.secretAccessKey, awsRegion: "us-west-2" };
const workspaceId = "wrkspc_1";
const defaultHeaders = { "anthropic-workspace-id": workspaceId };

// name, model, how to make a client of an address and settings
const clients = [
  ["the plain client on bedrock-runtime", "us.anthropic.claude-haiku-4-5-20251001-v1:0",
    (url, more) => new Anthropic({ baseURL: `${url}/anthropic`, apiKey: API_KEY, ...more })],
  ["the plain client on bedrock-mantle", "anthropic.claude-haiku-4-5",
    (url, more) => new Anthropic({ baseURL: `${url}/anthropic`, apiKey: null, authToken: API_KEY, ...more })],
  ["the plain client on the platform", "claude-haiku-4-5",
    (url, more) => new Anthropic({ baseURL: url, apiKey: API_KEY, defaultHeaders, ...more })],
  ["the client of bedrock-mantle", "anthropic.claude-haiku-4-5",
    (url, more) => new AnthropicBedrockMantle({ baseURL: `${url}/anthropic`, ...keys, ...more })],
  ["the client of bedrock-mantle, with a key", "anthropic.claude-haiku-4-5",
    (url, more) => new AnthropicBedrockMantle({ baseURL: `${url}/anthropic`, apiKey: API_KEY, ...more })],
  ["the client of the platform", "claude-haiku-4-5",
    (url, more) => new AnthropicAws({ baseURL: url, workspaceId, ...keys, ...more })],
  ["the client of the platform, with a key", "claude-haiku-4-5",
    (url, more) => new AnthropicAws({ baseURL: url, workspaceId, apiKey: API_KEY, ...more })],
];

for (const [name, model, make] of clients) {
  const params = { model, max_tokens: 256, messages: ask };

  test(`${name}: a message is created`, async () => {
    const message = await make(service.url).messages.create(params);
    assert.equal(message.content[0].text, HELLO);
    assert.equal(message.stop_reason, "end_turn");
  });

  test(`${name}: a stream gives the same`, async () => {
    const stream = make(service.url).messages.stream(params);
    const pieces = [];
    stream.on("text", (piece) => pieces.push(piece));
    assert.equal((await stream.finalMessage()).content[0].text, HELLO);
    assert.ok(pieces.length > 5);
    assert.equal(pieces.join(""), HELLO);
  });

  test(`${name}: tokens are counted`, async () => {
    const count = await make(service.url).messages.countTokens({ model, messages: ask });
    assert.ok(count.input_tokens > 0);
  });

  test(`${name}: a model of another way is not found`, async () => {
    const other = model.startsWith("claude") ? "anthropic.claude-haiku-4-5" : "claude-haiku-4-5";
    const error = await failure(make(service.url).messages.create({ ...params, model: other }));
    assert.ok(error instanceof NotFoundError || error.status === 400, String(error));
  });

  test(`${name}: a broken stream is an error`, async () => {
    const failing = await emulator("--fault", "error-event:overloaded_error:4");
    const stream = make(failing.url, { maxRetries: 0 }).messages.stream(params);
    assert.match(String(await failure(stream.finalMessage())), /[Oo]verloaded/);
  });
}

const [, model, mantle] = clients[3];
const params = { model, max_tokens: 256, messages: ask };

test("messages: a tool is used in a stream", async () => {
  const tools = [{ name: "get_weather", input_schema: { type: "object", properties: { city: { type: "string" } } } }];
  const message = await mantle(service.url).messages.stream({ ...params, tools, tool_choice: { type: "any" },
    messages: [{ role: "user", content: "And in Rome?" }] }).finalMessage();
  assert.equal(message.stop_reason, "tool_use");
  assert.deepEqual(message.content[0].input, { city: "Rome" });
});

test("messages: betas and errors have their forms", async () => {
  const message = await mantle(service.url).beta.messages.create({ ...params, betas: ["context-1m-2025-08-07"] });
  assert.equal(message.content[0].text, HELLO);
  assert.ok((await failure(mantle(service.url, { awsSecretAccessKey: "wrong" }).messages.create(params))) instanceof PermissionDeniedError);
  const busy = await emulator("--fault", "throttle");
  assert.ok((await failure(mantle(busy.url, { maxRetries: 0 }).messages.create(params))) instanceof RateLimitError);
  const full = await emulator("--fault", "status:529");
  const error = await failure(mantle(full.url, { maxRetries: 0 }).messages.create(params));
  assert.ok(error instanceof InternalServerError);
  assert.equal(error.error.error.type, "overloaded_error");
});

test("platform: a batch is made, answered and deleted", async () => {
  const { batches } = new AnthropicAws({ baseURL: service.url, workspaceId, ...keys }).messages;
  const requests = ["a", "b"].map((id) => ({ custom_id: id, params: { model: "claude-haiku-4-5", max_tokens: 64, messages: ask } }));
  let batch = await batches.create({ requests });
  while (batch.processing_status !== "ended") batch = await batches.retrieve(batch.id);
  const seen = {};
  for await (const one of await batches.results(batch.id)) seen[one.custom_id] = one.result.message.content[0].text;
  assert.deepEqual(seen, { a: HELLO, b: HELLO });
  assert.equal((await batches.list()).data[0].id, batch.id);
  assert.equal((await batches.delete(batch.id)).type, "message_batch_deleted");
});

test("platform: a file goes up and comes down, and models are listed", async () => {
  const client = new AnthropicAws({ baseURL: service.url, workspaceId, ...keys });
  const file = await client.beta.files.upload({ file: await toFile(Buffer.from("some bytes"), "a.txt", { type: "text/plain" }) });
  assert.equal(file.filename, "a.txt");
  assert.equal(await (await client.beta.files.download(file.id)).text(), "some bytes");
  assert.equal((await client.beta.files.delete(file.id)).type, "file_deleted");
  const models = [];
  for await (const one of client.models.list({ limit: 2 })) models.push(one.id);
  assert.ok(models.includes("claude-haiku-4-5") && models.length > 3);
});
