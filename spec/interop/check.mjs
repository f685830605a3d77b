// The smallest test runner that does: cases run one after the other, each with a name; the end says how many passed.

import assert from "node:assert/strict";

const cases = [];

export function test(name, run) {
  cases.push({ name, run });
}

// The error that a promise is rejected with; a promise that is fulfilled is a failure.
export async function failure(promise) {
  let value;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  assert.fail(`expected an error, got ${JSON.stringify(value)}`);
}

export async function runAll() {
  let failed = 0;
  for (const { name, run } of cases) {
    try {
      await run();
      console.log(`ok      ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED  ${name}\n${error?.stack ?? error}`);
    }
  }
  console.log(`${cases.length - failed} passed, ${failed} failed`);
  return failed === 0 && cases.length > 0;
}
