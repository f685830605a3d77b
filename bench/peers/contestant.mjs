// One pass for every line of the input, as bench/contestant.lua says.

import { createInterface } from "node:readline";

export async function contest(pass) {
  for await (const _ of createInterface({ input: process.stdin })) {
    const before = process.cpuUsage();
    await pass();
    const { user, system } = process.cpuUsage(before);
    process.stdout.write(((user + system) / 1e6).toFixed(9) + "\n");
  }
  process.exit(0);
}

export const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };

export function check(good, what) {
  if (!good) throw new Error("not what it should be: " + what);
}
