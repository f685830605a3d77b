// decode.mjs HOW FILE COUNT: a stream of COUNT events from memory, in reads of 16 KiB.
// HOW is converse, text, invoke (aws-sdk-js), anthropic, sse, sse_text (Anthropic's SDK), or frames (@smithy/eventstream-codec).

import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { check, contest, keys } from "./contestant.mjs";

const [how, path, expected] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const bytes = readFileSync(path);
const pieces = [];
for (let at = 0; at < bytes.length; at += 16384) pieces.push(bytes.subarray(at, at + 16384));
const headers = { "content-type": "application/vnd.amazon.eventstream" };
const messages = [{ role: "user", content: [{ text: "?" }] }];

async function aws() {
  const sdk = await import("@aws-sdk/client-bedrock-runtime");
  const requestHandler = { handle: async () => ({ response: { statusCode: 200, headers, body: Readable.from(pieces) } }) };
  return { sdk, client: new sdk.BedrockRuntimeClient({ region: "us-east-1", credentials: keys, requestHandler }) };
}

// Anthropic's client of bedrock-mantle and its own reader of server-sent events; `of` says what an event counts for.
async function mantle(of) {
  const { AnthropicBedrockMantle } = await import("@anthropic-ai/bedrock-sdk");
  const fetch = async () => new Response(Readable.toWeb(Readable.from(pieces)),
    { status: 200, headers: { "content-type": "text/event-stream" } });
  const client = new AnthropicBedrockMantle({ awsAccessKey: keys.accessKeyId, awsSecretAccessKey: keys.secretAccessKey,
    awsRegion: "us-east-1", fetch });
  return async () => {
    let sum = 0;
    const stream = await client.messages.create({ model: "m", max_tokens: 9, stream: true,
      messages: [{ role: "user", content: "?" }] });
    for await (const event of stream) sum += of(event);
    check(sum >= expected, sum);
  };
}

const contests = {
  async converse() {
    const { sdk, client } = await aws();
    return async () => {
      let seen = 0;
      const answer = await client.send(new sdk.ConverseStreamCommand({ modelId: "m", messages }));
      for await (const event of answer.stream) if (event) seen++;
      check(seen === expected, seen);
    };
  },
  async text() {
    const { sdk, client } = await aws();
    return async () => {
      let size = 0;
      const answer = await client.send(new sdk.ConverseStreamCommand({ modelId: "m", messages }));
      for await (const event of answer.stream) size += event.contentBlockDelta?.delta?.text?.length ?? 0;
      check(size > expected, size);
    };
  },
  async invoke() {
    const { sdk, client } = await aws();
    const decoder = new TextDecoder();
    return async () => {
      let seen = 0;
      const answer = await client.send(new sdk.InvokeModelWithResponseStreamCommand({ modelId: "m", body: "{}" }));
      for await (const event of answer.body) if (JSON.parse(decoder.decode(event.chunk.bytes)).type) seen++;
      check(seen === expected, seen);
    };
  },
  async anthropic() {
    const { default: AnthropicBedrock } = await import("@anthropic-ai/bedrock-sdk");
    const fetch = async () => new Response(Readable.toWeb(Readable.from(pieces)), { status: 200, headers });
    const client = new AnthropicBedrock({ awsAccessKey: keys.accessKeyId, awsSecretKey: keys.secretAccessKey,
      awsRegion: "us-east-1", fetch });
    return async () => {
      let seen = 0;
      const stream = await client.messages.create({ model: "m", max_tokens: 9, stream: true,
        messages: [{ role: "user", content: "?" }] });
      for await (const event of stream) if (event.type) seen++;
      check(seen === expected, seen);
    };
  },
  sse: () => mantle((event) => (event.type ? 1 : 0)),
  sse_text: () => mantle((event) => event.delta?.text?.length ?? 0),
  async frames() {
    const { EventStreamCodec } = await import("@smithy/eventstream-codec");
    const text = new TextDecoder();
    const codec = new EventStreamCodec((b) => text.decode(b), (s) => Buffer.from(s));
    const frames = [];
    for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at)) frames.push(bytes.subarray(at, at + bytes.readUInt32BE(at)));
    return async () => {
      let seen = 0;
      for (const frame of frames) if (codec.decode(frame).headers[":event-type"]) seen++;
      check(seen === expected, seen);
    };
  },
};

await contest(await contests[how]());
