// The chat page of examples/openresty in a headless Chromium: what a person sees and presses, and what it does upstream.
//
//   make page        (screenshots go into build/page/)
//
// Prints a line per step and "N passed, N failed".

import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { createRequire } from "node:module";

const { chromium } = createRequire(`${process.cwd()}/build/page/`)("playwright-core");
const shots = "build/page/shots";
mkdirSync(shots, { recursive: true });

let passed = 0;
let failed = 0;

async function step(name, act) {
  try {
    await act();
    passed++;
    console.log(`ok    ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAIL  ${name}: ${error.message}`);
  }
}

function check(condition, message) {
  if (!condition) throw new Error(message);
}

async function until(get, what) {
  for (let i = 0; i < 200; i++) {
    const value = await get();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited ten seconds for ${what}`);
}

const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const host = spawn("examples/openresty/start", { env: { ...process.env, PORT: String(port), PACE: "25" }, stdio: ["ignore", "pipe", "pipe"] });
let said = "";
host.stdout.on("data", (text) => { said += text; });
host.stderr.on("data", (text) => { said += text; });
await until(() => fetch(url).then((r) => r.ok, () => false), `the page: ${said}`);

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const desktop = { width: 1100, height: 780 };
const context = await browser.newContext({ viewport: desktop, colorScheme: "light" });
const page = await context.newPage();
const complaints = [];
page.on("console", (message) => { if (message.type() === "error") complaints.push(message.text()); });
page.on("pageerror", (error) => complaints.push(error.message));

const shot = (name) => page.screenshot({ path: `${shots}/${name}.png` });
const answers = () => page.locator(".answer").count();
const lastText = () => page.evaluate(() => [...document.querySelectorAll(".answer")].at(-1)?.textContent ?? "");
const isIdle = () => page.evaluate(() => !document.body.classList.contains("busy"));
const records = () => readFileSync("build/openresty/emulator.log", "utf8").trim().split("\n").filter(Boolean).map((line) => JSON.parse(line));

async function ask(text) {
  await page.fill("#question", text);
  await page.keyboard.press("Enter");
}

await step("the page opens", async () => {
  await page.goto(url);
  check(await page.getByRole("heading", { name: "What would you like to know?" }).isVisible(), "no welcome");
  check(await page.locator("#send").isDisabled(), "there is nothing to send, and still one can");
  await shot("welcome");
});

await step("text grows while it is written", async () => {
  await ask("Please tell me what this page is for, in as many words as it takes to see them come one after the other.");
  const lengths = new Set();
  while (!(lengths.size > 0 && await isIdle())) {
    const { length } = await lastText();
    if (length > 0) lengths.add(length);
    if (lengths.size === 4) await shot("writing");
    await page.waitForTimeout(60);
  }
  check(lengths.size >= 3, `only ${lengths.size} lengths were seen`);
  check((await lastText()).includes("You wrote:"), await lastText());
});

await step("stop ends the answer upstream", async () => {
  await ask("@words 400");
  await until(async () => (await lastText()).includes("word8 "), "some words");
  check(await page.getByRole("button", { name: "Stop" }).isVisible(), "no stop button");
  await shot("stop");
  await page.getByRole("button", { name: "Stop" }).click();
  await until(isIdle, "the page to be idle");
  check((await lastText()).includes("Stopped."), "the page does not say that it stopped");
  await until(() => records().some((r) => r.ended === "client left"), "the end of the connection upstream");
  const { length } = await lastText();
  await page.waitForTimeout(300);
  check((await lastText()).length === length, "it went on");
});

await step("it can be asked again, with what was said before", async () => {
  await ask("@say Yes, **really**: `print(1)`\\n```lua\\nprint(2)\\n```\\nand *more*.");
  await until(async () => await isIdle() && (await lastText()).includes("more"), "the answer");
  check(await page.locator(".answer").last().locator("pre code").textContent() === "print(2)\n", "code is not shown as code");
  check(await page.locator(".answer").last().locator("strong").textContent() === "really", "strong words are not strong");
});

await step("tool calls and their results are shown", async () => {
  await page.getByRole("button", { name: "New chat" }).click();
  await page.getByRole("button", { name: /Roll two dice/ }).click();
  await until(async () => await isIdle() && await page.locator(".tool").count() === 2, "two tools");
  check((await page.locator(".tool .state").first().textContent()).includes("UTC"), "no time");
  await page.locator(".tool").nth(1).click();
  await shot("tools");
});

await step("what the page says is text, whatever it looks like", async () => {
  await ask("@say <img src=x onerror=alert(1)> & <b>bold</b>");
  await until(async () => await isIdle() && (await lastText()).includes("<b>bold</b>"), "the text");
  check(await page.locator(".answer img").count() === 0, "it became an image");
});

await step("it is dark where people like it dark, and fits a phone", async () => {
  await page.emulateMedia({ colorScheme: "dark" });
  await shot("dark");
  await page.setViewportSize({ width: 390, height: 844 });
  await shot("phone");
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  check(wider <= 0, `it is ${wider} pixels too wide`);
  for (const name of ["#send", "#question", "#fresh"]) check(await page.locator(name).isVisible(), `${name} is not visible`);
  await page.getByRole("button", { name: "New chat" }).click();
  await shot("phone-welcome");
  await page.emulateMedia({ colorScheme: "light" });
});

await step("no script failed and nothing was blocked", async () => {
  check(complaints.length === 0, complaints.join("; "));
});

await step("an error is shown with what to do, and can be tried again", async () => {
  await page.setViewportSize(desktop);
  const emulator = execFileSync("pgrep", ["-P", String(host.pid), "-f", "emulate"], { encoding: "utf8" }).trim();
  process.kill(Number(emulator));
  await ask("Is anybody there?");
  await until(async () => await isIdle() && await page.locator(".failure").count() === 1, "the error");
  check((await page.locator(".failure").textContent()).includes("could not connect"), await lastText());
  await shot("error");
  const before = await answers();
  await page.getByRole("button", { name: "Try again" }).click();
  await until(async () => await isIdle() && await page.locator(".failure").count() === 1, "the error again");
  check(await answers() === before, "the failed answer stayed");
});

await browser.close();
host.kill("SIGTERM");
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
