// Writes COUNT requests and COUNT frames, streams and damaged frames from SEED, with what AWS's libraries make of them: a line
// of JSON each. Usage: node judge.mjs COUNT SEED

import { damageCase, frameCase, streamCase } from "./frames.mjs";
import { generator } from "./random.mjs";
import { requestCase } from "./requests.mjs";

const [count, seed] = process.argv.slice(2).map(Number);
const random = generator(seed);
const lines = [JSON.stringify({ kind: "seed", number: seed })];
for (let number = 1; number <= count; number++) {
  for (const make of [requestCase, frameCase, streamCase, damageCase]) lines.push(JSON.stringify(await make(random, number)));
}
process.stdout.write(lines.join("\n") + "\n");
