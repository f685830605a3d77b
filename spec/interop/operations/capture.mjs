// Calls every operation with AWS's own libraries against a loopback server and prints, as JSON, what they sent and
// what they made of the answers: node capture.mjs DIRECTORY_WITH_NODE_MODULES > cases.json

import http from "node:http";
import http2 from "node:http2";
import path from "node:path";
import { createRequire } from "node:module";
import { depth, fill, plain, variants } from "./values.mjs";
import { queryAnswer, queryFailure, restAnswer, restFailure } from "./answers.mjs";

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
const require = createRequire(path.resolve(process.argv[2], "package.json"));
const { NormalizedSchema } = require("@smithy/core/schema");
const { NodeHttpHandler, NodeHttp2Handler } = require("@smithy/node-http-handler");

// Idempotency tokens must be the same on both sides of the comparison.
Object.defineProperty(globalThis.crypto, "randomUUID", { value: () => "00000000-0000-4000-8000-000000000000" });

const services = [
  { module: "@aws-sdk/client-bedrock-runtime", client: "BedrockRuntimeClient" },
  { module: "@aws-sdk/client-bedrock", client: "BedrockClient" },
  { module: "@aws-sdk/client-sts", client: "STSClient", query: true,
    only: ["AssumeRole", "AssumeRoleWithWebIdentity", "GetCallerIdentity"] },
  { module: "@aws-sdk/client-sso", client: "SSOClient", only: ["GetRoleCredentials"] },
  { module: "@aws-sdk/client-sso-oidc", client: "SSOOIDCClient", only: ["CreateToken"] },
  { module: "@aws-sdk/nested-clients/signin", client: "SigninClient", only: ["CreateOAuth2Token"] },
];

const silent = Object.fromEntries(["trace", "debug", "info", "warn", "error"].map((level) => [level, () => {}]));

// The server: keeps the last request, gives the answer that stands ready.

let answer;
let seen;

function receive(request, response) {
  const chunks = [];
  const keep = () => {
    seen = { method: request.method, url: request.url, headers: request.headers,
      body: Buffer.concat(chunks).toString("hex") };
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  };
  request.on("data", (chunk) => chunks.push(chunk));
  // A request that streams has no end before its answer has begun.
  if (request.headers["content-type"] === "application/vnd.amazon.eventstream") keep();
  else request.on("end", keep);
}

function listen(server) {
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done(`http://127.0.0.1:${server.address().port}`)));
}

const plainServer = http.createServer(receive);
const streamServer = http2.createServer(receive);

function makeClient(service, endpoint, requestHandler) {
  return new (require(service.module)[service.client])({
    endpoint, requestHandler, region: "us-east-1", maxAttempts: 1, logger: silent,
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
  });
}

// One call and its record.

const duplex = (ns) => [...ns.structIterator()].some(([, member]) => member.isStreaming() && member.isUnionSchema());

async function* nothing() {}

// A request's stream is a sequence of events: none here.
function withStream(ns, params) {
  if (!duplex(ns)) return params;
  const [name] = [...ns.structIterator()].find(([, member]) => member.isStreaming());
  return { ...params, [name]: nothing() };
}

function withoutStream(ns, value) {
  const left = { ...value };
  for (const [name, member] of ns.structIterator()) {
    if (member.isStreaming() && member.isUnionSchema()) delete left[name];
  }
  delete left.$metadata;
  return left;
}

async function outcome(context, params) {
  try {
    const result = await context.client.send(new context.Command(withStream(context.input, params)));
    return { result: plain(withoutStream(context.output, result)) };
  } catch (error) {
    // Without a status the library never got as far as the service: the capture itself is wrong.
    if (!error.$metadata?.httpStatusCode) throw error;
    return { error: { name: error.name, message: error.message, status: error.$metadata.httpStatusCode,
      requestId: error.$metadata.requestId } };
  }
}

async function record(context, title, params, ready) {
  answer = ready;
  seen = undefined;
  const made = await outcome(context, params);
  return {
    operation: context.name, title, params: plain(withoutStream(context.input, params)), request: seen,
    answer: { ...ready, body: Buffer.from(ready.body).toString("hex") }, ...made,
  };
}

// The cases of one operation: everything filled in, in all variants; only what is required; failures.

function answerFor(context, how) {
  const value = context.output.isUnitSchema() ? {} : fill(context.output, "answer", how);
  if (context.service.query) return queryAnswer(context.name, context.output, value);
  return restAnswer(context.status, context.output, value);
}

const failures = [["ThrottlingException", 429], ["ValidationException", 400], ["SomethingNewException", 500]];

async function filled(context, title, how) {
  return record(context, title, fill(context.input, "in", how), answerFor(context, how));
}

async function operationCases(context) {
  const cases = [];
  const count = Math.max(variants(context.input), variants(context.output));
  for (let variant = 0; variant < count; variant++) {
    cases.push(await filled(context, `all members, variant ${variant}`, { all: true, variant }));
    for (let hollow = 0; hollow < depth(context.input); hollow++) {
      cases.push(await filled(context, `empty below ${hollow}, variant ${variant}`, { all: true, variant, hollow }));
    }
  }
  const bare = { all: false, variant: 0 };
  cases.push(await filled(context, "required members", bare));
  for (const [code, status] of failures) {
    const failure = context.service.query ? queryFailure(code, status) : restFailure(code, status);
    cases.push(await record(context, code, fill(context.input, "in", bare), failure));
  }
  return cases;
}

function contextOf(service, module, schema, clients) {
  const [, , name, traits, input, output] = schema;
  const context = {
    service, name, status: traits.http?.[2] ?? 200, Command: module[`${name}Command`],
    input: NormalizedSchema.of(input()), output: NormalizedSchema.of(output()),
  };
  context.client = duplex(context.input) ? clients.stream : clients.plain;
  return context;
}

async function serviceCases(service, endpoints) {
  const module = require(service.module);
  const clients = {
    plain: makeClient(service, endpoints.plain, new NodeHttpHandler()),
    stream: makeClient(service, endpoints.stream, new NodeHttp2Handler()),
  };
  const cases = [];
  for (const schema of Object.values(module)) {
    if (!Array.isArray(schema) || schema[0] !== 9) continue;
    if (service.only && !service.only.includes(schema[2])) continue;
    cases.push(...(await operationCases(contextOf(service, module, schema, clients))));
  }
  clients.plain.destroy();
  clients.stream.destroy();
  return cases;
}

const endpoints = { plain: await listen(plainServer), stream: await listen(streamServer) };
const all = [];
for (const service of services) all.push(...(await serviceCases(service, endpoints)));
process.stdout.write(JSON.stringify(all), () => process.exit(0));
