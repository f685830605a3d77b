// Random requests, signed in both forms by AWS's signer.

import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";

const PLAIN = [..."abcxyzABC019-._~"];
const ODD = [...PLAIN, ..." !\"#$&'()*+,/:;<=>?@[]^`{|}%", "%2F", "%20", "%zz", "é", "€", "日", "😀", "\u00a0"];
const SPACES = [...PLAIN, " ", "  ", "\t", " \t ", ",", "\"", "é", "\u00a0"];
const SEGMENTS = ["", ".", "..", "...", "model", "invoke", "converse-stream", "a%2Fb", "%E2%82%AC",
  "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "us.anthropic.claude-sonnet-4-5-20250929-v1%3A0",
  "arn:aws:bedrock:us-east-1:123456789012:inference-profile", "arn%3Aaws%3Abedrock%3A%3A%3Aa%2Fb"];
// Which headers a proxy may change and so are not signed is for each signer to say; a signature names those that it covers. Both
// leave out some of these. Not here are those of which only the judge thinks so: cache-control, from, max-forwards, pragma,
// referer, and all that begin with sec- or proxy-; and date, which it takes away.
const NAMES = ["content-type", "accept", "Accept", "X-Amzn-Bedrock-Accept", "x-amzn-bedrock-trace", "user-agent", "User-Agent",
  "connection", "expect", "transfer-encoding", "x-amzn-trace-id", "te", "upgrade",
  "content-length", "amz-sdk-request", "amz-sdk-invocation-id", "proxy-authorization", "sec-websocket-key", "x-api-key"];

function path(random) {
  const segments = random.many(6, () => random.chance(0.5) ? random.pick(SEGMENTS) : random.text(ODD, 8));
  return "/" + segments.join("/").replace(/[?#]/g, "_");
}

// What is encoded already stands for itself in a path that is signed as it is.
function encodedPath(random) {
  const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());
  return "/" + random.many(5, () => encode(random.text(ODD, 8))).join("/");
}

function query(random) {
  const found = {};
  for (const name of random.many(4, () => random.text(ODD, 6)))
    found["q" + name] = random.chance(0.2) ? random.many(3, () => random.text(ODD, 6)) : random.text(ODD, 8);
  return found;
}

function headers(random, presigned) {
  const found = { host: random.pick(["bedrock-runtime.us-west-2.amazonaws.com", "localhost:8080", "[::1]:80", "a"]) };
  const taken = new Set(["host"]);
  for (const name of random.many(6, () => random.chance(0.7) ? random.pick(NAMES) : "x-" + random.text(PLAIN.slice(0, 6), 5))) {
    if (taken.has(name.toLowerCase())) continue;
    taken.add(name.toLowerCase());
    found[name] = random.text(SPACES, 12);
  }
  if (!presigned && random.chance(0.1)) found["x-amz-content-sha256"] = random.pick(["UNSIGNED-PAYLOAD", "a".repeat(64)]);
  if (!presigned && random.chance(0.2)) found["x-amz-target"] = random.text(SPACES, 12);
  return found;
}

// A signer that keeps the canonical request.
class Witness extends SignatureV4 {
  createCanonicalRequest(...parts) {
    this.canonical = super.createCanonicalRequest(...parts);
    return this.canonical;
  }
}

const base64 = (bytes) => Buffer.from(bytes).toString("base64");

export async function requestCase(random, number) {
  const presigned = random.chance(0.3), asIs = random.chance(0.2), checksum = random.chance(0.5);
  const credentials = { accessKeyId: "AKID" + random.text(PLAIN.slice(0, 9), 12), secretAccessKey: random.text([...PLAIN, "+", "/"], 60) || "x" };
  if (random.chance(0.5)) credentials.sessionToken = random.text([...PLAIN, "+", "/", "="], 200) || "t";
  const settings = { region: random.pick(["us-east-1", "eu-central-2", "ap-southeast-1", "r"]),
    service: random.pick(["bedrock", "sts", "s3", "aws-external-anthropic"]) };
  const request = { method: random.pick(["GET", "POST", "PUT", "DELETE", "HEAD"]), protocol: "https:", hostname: "h",
    path: asIs ? encodedPath(random) : path(random), query: query(random), headers: headers(random, presigned), body: random.bytes(300) };
  const time = random.below(random.chance(0.1) ? 253402300800 : 4102444800), expires = 1 + random.below(604800);
  const signer = new Witness({ ...settings, credentials, sha256: Sha256, uriEscapePath: !asIs, applyChecksum: checksum });
  const signingDate = new Date(time * 1000);
  const signed = presigned ? await signer.presign(request, { signingDate, expiresIn: expires }) : await signer.sign(request, { signingDate });
  const pairs = Object.entries(request.query).flatMap(([name, value]) => [value].flat().map((each) => [name, each]));
  return { kind: "request", number, presigned, time, expires, ...settings,
    method: request.method, path: request.path, query: pairs, headers: Object.entries(request.headers), body: base64(request.body),
    access_key_id: credentials.accessKeyId, secret_access_key: credentials.secretAccessKey, session_token: credentials.sessionToken,
    as_is: asIs, checksum, canonical: signer.canonical,
    authorization: signed.headers.authorization, signature: signed.query?.["X-Amz-Signature"] };
}
