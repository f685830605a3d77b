import assert from "node:assert/strict";
import "./aws.mjs";
import "./anthropic.mjs";
import "./messages.mjs";
import { runAll, test } from "./check.mjs";
import { stopAll, troubles } from "./emulator.mjs";

test("the emulators themselves had no trouble", () => assert.deepEqual(troubles(), []));

const passed = await runAll();
stopAll();
process.exit(passed ? 0 : 1);
