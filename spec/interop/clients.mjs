import "./aws.mjs";
import "./anthropic.mjs";
import { runAll } from "./check.mjs";
import { stopAll } from "./emulator.mjs";

const passed = await runAll();
stopAll();
process.exit(passed ? 0 : 1);
