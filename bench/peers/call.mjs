// call.mjs PORT CALLS: small Converse calls one after the other over one connection, CALLS of them a pass.

import { BedrockRuntimeClient, ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { check, contest, keys } from "./contestant.mjs";

const [port, calls] = process.argv.slice(2);
const client = new BedrockRuntimeClient({ region: "us-east-1", credentials: keys, endpoint: `http://127.0.0.1:${port}`,
  requestHandler: new NodeHttpHandler() });
const input = { modelId: "answer", messages: [{ role: "user", content: [{ text: "Hello" }] }], inferenceConfig: { maxTokens: 256 } };

await contest(async () => {
  for (let i = 0; i < Number(calls); i++) {
    const answer = await client.send(new ConverseCommand(input));
    check(answer.output.message.content[0].text.length > 10, "answer");
  }
});
