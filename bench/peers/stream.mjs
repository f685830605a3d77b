// stream.mjs NAME PORT [AGAIN]: a ConverseStream of the server as one whole process, which writes a line at the first event.
// With AGAIN it is a contestant instead: each pass is one more stream in a process that is warm.

import { BedrockRuntimeClient, ConverseStreamCommand } from "@aws-sdk/client-bedrock-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { contest, keys } from "./contestant.mjs";

const [name, port, again] = process.argv.slice(2);
const client = new BedrockRuntimeClient({ region: "us-east-1", credentials: keys, endpoint: `http://127.0.0.1:${port}`,
  requestHandler: new NodeHttpHandler() });

async function stream() {
  const answer = await client.send(new ConverseStreamCommand({ modelId: name, messages: [{ role: "user", content: [{ text: "?" }] }] }));
  let seen = 0;
  for await (const event of answer.stream) if (event && ++seen === 1 && !again) process.stdout.write("first\n");
  if (seen < 3) throw new Error("only " + seen);
}

if (again) await contest(stream);
else await stream();
process.exit(0);
