// sign.mjs BYTES COUNT: @smithy/signature-v4 signs a request with a body of BYTES, COUNT times a pass.

import { createHash, createHmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import { check, contest, keys } from "./contestant.mjs";

const [bytes, count] = process.argv.slice(2).map(Number);

class Sha256 {
  constructor(key) { this.hash = key === undefined ? createHash("sha256") : createHmac("sha256", key); }
  update(data) { this.hash.update(data); }
  async digest() { return this.hash.digest(); }
}

const signer = new SignatureV4({ service: "bedrock", region: "us-east-1", sha256: Sha256, applyChecksum: true,
  credentials: { ...keys, sessionToken: "AQoDYXdzEPT".repeat(40) } });
const body = Buffer.alloc(bytes, "x");
const hostname = "bedrock-runtime.us-east-1.amazonaws.com";

await contest(async () => {
  for (let i = 0; i < count; i++) {
    const request = await signer.sign({ method: "POST", protocol: "https:", hostname, body, query: {},
      path: "/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse",
      headers: { host: hostname, "content-type": "application/json", "user-agent": "aws-sdk-js",
        "amz-sdk-invocation-id": "5f1fc2d5-3b9c-4a5b-8d6e-0d2b1f3a4c5d", "amz-sdk-request": "attempt=1; max=3" } });
    check(request.headers.authorization, "authorization");
  }
});
