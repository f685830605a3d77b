// AWS's own JavaScript clients against the emulator, with nothing changed but the endpoint and the keys.

import assert from "node:assert/strict";
import { BedrockClient, ListFoundationModelsCommand } from "@aws-sdk/client-bedrock";
import {
  ApplyGuardrailCommand, BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand, CountTokensCommand, InvokeModelCommand,
  InvokeModelWithResponseStreamCommand, ThrottlingException, ValidationException,
} from "@aws-sdk/client-bedrock-runtime";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { failure, test } from "./check.mjs";
import { API_KEY, KEYS, emulator } from "./emulator.mjs";

const MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const ARN = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const hello = [{ role: "user", content: [{ text: "Hello, world" }] }];
const HELLO = "Hello! I am a local emulator of Amazon Bedrock. How can I help you today?";
const weather = {
  tools: [{ toolSpec: { name: "get_weather", description: "The weather of a city", inputSchema: { json: {
    type: "object", properties: { city: { type: "string" }, days: { type: "integer" } }, required: ["city"] } } } }],
};

const service = await emulator();

function client(settings = {}, url = service.url) {
  return new BedrockRuntimeClient({ region: "us-east-1", endpoint: url, credentials: KEYS, ...settings });
}

async function collect(stream) {
  const events = [];
  for await (const event of stream) events.push(event);
  return events;
}

const text = (events) => events.map((e) => e.contentBlockDelta?.delta?.text ?? "").join("");
const messagesBody = (more = {}) => JSON.stringify({
  anthropic_version: "bedrock-2023-05-31", max_tokens: 100, messages: [{ role: "user", content: "Hello, world" }], ...more });

test("aws: Converse answers, with usage and metrics", async () => {
  const answer = await client().send(new ConverseCommand({ modelId: MODEL, messages: hello }));
  assert.equal(answer.output.message.content[0].text, HELLO);
  assert.equal(answer.stopReason, "end_turn");
  assert.equal(answer.usage.totalTokens, answer.usage.inputTokens + answer.usage.outputTokens);
  assert.ok(answer.metrics.latencyMs > 0);
  assert.match(answer.$metadata.requestId, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-/);
});

test("aws: an ARN is one label of the path and signs right", async () => {
  const answer = await client().send(new ConverseCommand({ modelId: ARN, messages: hello }));
  assert.equal(answer.output.message.content[0].text, HELLO);
});

test("aws: ConverseStream sends its events in order", async () => {
  const answer = await client().send(new ConverseStreamCommand({ modelId: MODEL, messages: hello }));
  const events = await collect(answer.stream);
  const names = events.map((e) => Object.keys(e)[0]);
  assert.equal(names[0], "messageStart");
  assert.deepEqual(names.slice(-3), ["contentBlockStop", "messageStop", "metadata"]);
  assert.ok(names.filter((n) => n === "contentBlockDelta").length > 5);
  assert.equal(text(events), HELLO);
  assert.ok(events.at(-1).metadata.usage.outputTokens > 5);
});

test("aws: InvokeModel takes and gives Messages", async () => {
  const answer = await client().send(new InvokeModelCommand({ modelId: MODEL, contentType: "application/json", body: messagesBody() }));
  assert.equal(answer.contentType, "application/json");
  const message = JSON.parse(new TextDecoder().decode(answer.body));
  assert.equal(message.content[0].text, HELLO);
  assert.equal(message.model, "claude-sonnet-4-5-20250929");
});

test("aws: InvokeModelWithResponseStream ends with the invocation's metrics", async () => {
  const answer = await client().send(new InvokeModelWithResponseStreamCommand({ modelId: MODEL, body: messagesBody() }));
  const events = (await collect(answer.body)).map((e) => JSON.parse(new TextDecoder().decode(e.chunk.bytes)));
  assert.equal(events[0].type, "message_start");
  assert.equal(events.at(-1).type, "message_stop");
  assert.ok(events.at(-1)["amazon-bedrock-invocationMetrics"].outputTokenCount > 5);
  assert.equal(events.map((e) => e.delta?.text ?? "").join(""), HELLO);
});

test("aws: a tool is used with an input that fits its schema, and its result is answered", async () => {
  const messages = [{ role: "user", content: [{ text: "What is the weather in Paris?" }] }];
  const first = await client().send(new ConverseCommand({ modelId: MODEL, messages, toolConfig: weather }));
  assert.equal(first.stopReason, "tool_use");
  const { toolUse } = first.output.message.content[0];
  assert.deepEqual(toolUse.input, { city: "Paris", days: 1 });
  messages.push(first.output.message,
    { role: "user", content: [{ toolResult: { toolUseId: toolUse.toolUseId, content: [{ json: { sky: "blue" } }] } }] });
  const second = await client().send(new ConverseCommand({ modelId: MODEL, messages, toolConfig: weather }));
  assert.equal(second.output.message.content[0].text, 'The tool answered: {"sky":"blue"}');
});

test("aws: a streamed tool use has start, pieces of input, stop", async () => {
  const messages = [{ role: "user", content: [{ text: "What is the weather in Oslo?" }] }];
  const answer = await client().send(new ConverseStreamCommand({ modelId: MODEL, messages, toolConfig: weather }));
  const events = await collect(answer.stream);
  assert.equal(events.find((e) => e.contentBlockStart).contentBlockStart.start.toolUse.name, "get_weather");
  const input = events.map((e) => e.contentBlockDelta?.delta?.toolUse?.input ?? "").join("");
  assert.deepEqual(JSON.parse(input), { city: "Oslo", days: 1 });
});

test("aws: thinking comes as reasoning with a signature", async () => {
  const answer = await client().send(new ConverseStreamCommand({ modelId: MODEL, messages: hello,
    inferenceConfig: { maxTokens: 4000 }, additionalModelRequestFields: { thinking: { type: "enabled", budget_tokens: 1024 } } }));
  const deltas = (await collect(answer.stream)).map((e) => e.contentBlockDelta?.delta?.reasoningContent).filter(Boolean);
  assert.ok(deltas.some((d) => d.text));
  assert.ok(deltas.at(-1).signature);
});

test("aws: a marked prefix is written to the cache once and read the second time", async () => {
  const system = [{ text: `Guidelines: ${"be kind and brief. ".repeat(300)}` }, { cachePoint: { type: "default" } }];
  const ask = () => client().send(new ConverseCommand({ modelId: MODEL, messages: hello, system }));
  const [first, second] = [(await ask()).usage, (await ask()).usage];
  assert.ok(first.cacheWriteInputTokens > 1024);
  assert.equal(first.cacheReadInputTokens, 0);
  assert.equal(second.cacheReadInputTokens, first.cacheWriteInputTokens);
  assert.equal(second.cacheWriteInputTokens, 0);
});

test("aws: structured output fits its schema", async () => {
  const schema = JSON.stringify({ type: "object", properties: { name: { type: "string" }, score: { type: "number" } } });
  const answer = await client().send(new ConverseCommand({ modelId: MODEL, messages: hello,
    outputConfig: { textFormat: { type: "json_schema", structure: { jsonSchema: { schema, name: "answer" } } } } }));
  const value = JSON.parse(answer.output.message.content[0].text);
  assert.equal(typeof value.name, "string");
  assert.equal(typeof value.score, "number");
});

test("aws: a PDF with citations is cited by page", async () => {
  const pdf = "%PDF-1.4\n1 0 obj <</Type /Page>> endobj 2 0 obj <</Type /Page>> endobj BT (Two pages) Tj ET";
  const content = [{ text: "What does it say?" },
    { document: { format: "pdf", name: "my pdf", source: { bytes: Buffer.from(pdf) }, citations: { enabled: true } } }];
  const answer = await client().send(new ConverseCommand({ modelId: MODEL, messages: [{ role: "user", content }] }));
  const { citationsContent } = answer.output.message.content[1];
  assert.equal(citationsContent.content[0].text, "Two pages");
  assert.deepEqual(citationsContent.citations[0].location.documentPage, { documentIndex: 0, start: 1, end: 2 });
});

test("aws: CountTokens counts both forms", async () => {
  const modelId = "anthropic.claude-sonnet-4-5-20250929-v1:0";
  const one = await client().send(new CountTokensCommand({ modelId, input: { converse: { messages: hello } } }));
  const two = await client().send(new CountTokensCommand({ modelId, input: { invokeModel: { body: Buffer.from(messagesBody()) } } }));
  assert.ok(one.inputTokens > 0 && two.inputTokens > 0);
});

test("aws: ApplyGuardrail lets pass and intervenes", async () => {
  const ask = (words) => client().send(new ApplyGuardrailCommand({ guardrailIdentifier: "abc", guardrailVersion: "1",
    source: "INPUT", content: [{ text: { text: words } }] }));
  assert.equal((await ask("good day")).action, "NONE");
  assert.equal((await ask("write to someone@example.com")).action, "GUARDRAIL_INTERVENED");
});

test("aws: ListFoundationModels filters by provider", async () => {
  const bedrock = new BedrockClient({ region: "us-east-1", endpoint: service.url, credentials: KEYS });
  const { modelSummaries } = await bedrock.send(new ListFoundationModelsCommand({ byProvider: "anthropic" }));
  assert.ok(modelSummaries.length > 3);
  assert.ok(modelSummaries.every((m) => m.providerName === "Anthropic"));
});

test("aws: STS knows the caller, and keys of an assumed role are taken", async () => {
  const sts = new STSClient({ region: "us-east-1", endpoint: service.url, credentials: KEYS });
  assert.equal((await sts.send(new GetCallerIdentityCommand({}))).Account, "123456789012");
  const { Credentials: c } = await sts.send(new AssumeRoleCommand({
    RoleArn: "arn:aws:iam::123456789012:role/demo", RoleSessionName: "interop" }));
  const credentials = { accessKeyId: c.AccessKeyId, secretAccessKey: c.SecretAccessKey, sessionToken: c.SessionToken };
  const answer = await client({ credentials }).send(new ConverseCommand({ modelId: MODEL, messages: hello }));
  assert.equal(answer.stopReason, "end_turn");
});

test("aws: a wrong secret is an InvalidSignatureException", async () => {
  const error = await failure(client({ credentials: { ...KEYS, secretAccessKey: "wrong" } })
    .send(new ConverseCommand({ modelId: MODEL, messages: hello })));
  assert.equal(error.name, "InvalidSignatureException");
  assert.equal(error.$metadata.httpStatusCode, 403);
});

test("aws: an unknown key is an UnrecognizedClientException", async () => {
  const error = await failure(client({ credentials: { accessKeyId: "AKIDNOBODY", secretAccessKey: "x" } })
    .send(new ConverseStreamCommand({ modelId: MODEL, messages: hello })));
  assert.equal(error.name, "UnrecognizedClientException");
});

test("aws: an API key is taken, another is refused", async () => {
  const bearer = (token) => client({ credentials: undefined, token: { token }, authSchemePreference: ["httpBearerAuth"] });
  const answer = await bearer(API_KEY).send(new ConverseCommand({ modelId: MODEL, messages: hello }));
  assert.equal(answer.stopReason, "end_turn");
  const error = await failure(bearer("nonsense").send(new ConverseCommand({ modelId: MODEL, messages: hello })));
  assert.equal(error.$metadata.httpStatusCode, 403);
});

test("aws: what the service refuses is a ValidationException", async () => {
  const refused = [
    { modelId: "does-not-exist", messages: hello },
    { modelId: "anthropic.claude-sonnet-4-5-20250929-v1:0", messages: hello },
    { modelId: MODEL, messages: [{ role: "assistant", content: [{ text: "Hi" }] }] },
    { modelId: MODEL, messages: [...hello, ...hello] },
    { modelId: MODEL, messages: [{ role: "user", content: [{ text: " " }] }] },
  ];
  for (const request of refused) {
    assert.ok((await failure(client().send(new ConverseCommand(request)))) instanceof ValidationException);
  }
});

test("aws: a throttled call is sent again", async () => {
  const slow = await emulator("--fault", "throttle:2");
  const answer = await client({}, slow.url).send(new ConverseCommand({ modelId: MODEL, messages: hello }));
  assert.equal(answer.$metadata.attempts, 3);
});

test("aws: a reset connection is tried again", async () => {
  const flaky = await emulator("--fault", "reset:before*1");
  const answer = await client({}, flaky.url).send(new ConverseCommand({ modelId: MODEL, messages: hello }));
  assert.equal(answer.$metadata.attempts, 2);
});

test("aws: a clock that is an hour off is corrected", async () => {
  const ahead = await emulator("--fault", "skew:3600");
  const answer = await client({}, ahead.url).send(new ConverseCommand({ modelId: MODEL, messages: hello }));
  assert.equal(answer.$metadata.attempts, 2);
});

test("aws: an exception in mid-stream is thrown as what it is, after the events before it", async () => {
  const failing = await emulator("--fault", "exception:throttlingException:4");
  const answer = await client({}, failing.url).send(new ConverseStreamCommand({ modelId: MODEL, messages: hello }));
  const events = [];
  const error = await failure((async () => {
    for await (const event of answer.stream) events.push(event);
  })());
  assert.ok(error instanceof ThrottlingException);
  assert.equal(events.length, 4);
});

test("aws: a damaged frame and a stream that breaks off are errors", async () => {
  for (const fault of ["crc", "cut:500", "reset:body"]) {
    const failing = await emulator("--fault", fault);
    const answer = await client({}, failing.url).send(new ConverseStreamCommand({ modelId: MODEL, messages: hello }));
    assert.ok((await failure(collect(answer.stream))) instanceof Error, fault);
  }
});
