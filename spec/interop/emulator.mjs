// Starts emulators, each a process of its own that ends with this one, because its standard input does.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
export const API_KEY = "ABSKEMULATOREXAMPLE";

const running = [];

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

// Waits until a check gives something, for ten seconds at most.
async function until(check, what) {
  for (let i = 0; i < 500; i++) {
    const value = check();
    if (value) return value;
    await sleep(20);
  }
  throw new Error(`waited in vain for ${what}`);
}

export async function emulator(...options) {
  const folder = mkdtempSync(new URL("run-", import.meta.url).pathname);
  const portFile = join(folder, "port");
  const logFile = join(folder, "log");
  const words = ["bin/bedrock", "emulate", "--quiet", "--exit-on-eof", "--port-file", portFile, "--log", logFile];
  if (!options.includes("--pace")) words.push("--pace", "0");
  const child = spawn("lua5.4", [...words, ...options], { cwd: process.env.BEDROCK_ROOT, stdio: ["pipe", "inherit", "inherit"] });
  const records = () => read(logFile).split("\n").filter(Boolean).map((line) => JSON.parse(line));
  running.push({ child, records });
  const port = await until(() => read(portFile).trim(), "the emulator's port");
  return {
    url: `http://127.0.0.1:${port}`,
    // the log's lines, once there are that many
    log: (count) => until(() => records().length >= count && records(), `${count} lines in the log`),
  };
}

// What went wrong inside of the emulators themselves, as their logs tell it.
export function troubles() {
  return running.flatMap(({ records }) => records()).filter((record) => record.trouble);
}

export function stopAll() {
  for (const { child } of running) child.stdin.end();
}
