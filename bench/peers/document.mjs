// document.mjs FILE PORT: a Converse call with a PDF of the disk.

import { readFileSync } from "node:fs";
import { BedrockRuntimeClient, ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { check, keys } from "./contestant.mjs";

const [file, port] = process.argv.slice(2);
const client = new BedrockRuntimeClient({ region: "us-east-1", credentials: keys, endpoint: `http://127.0.0.1:${port}`,
  requestHandler: new NodeHttpHandler() });
const document = { format: "pdf", name: "report", source: { bytes: readFileSync(file) } };
const answer = await client.send(new ConverseCommand({ modelId: "answer",
  messages: [{ role: "user", content: [{ document }, { text: "What does it say?" }] }] }));
check(answer.output.message.content[0].text.length > 10, "answer");
process.exit(0);
