// Random frames, written by AWS's codec, and what that codec reads from frames that were damaged.

import { EventStreamCodec, Int64 } from "@smithy/eventstream-codec";

const codec = new EventStreamCodec((bytes) => new TextDecoder().decode(bytes), (text) => new TextEncoder().encode(text));
const LETTERS = [..."abcz-_:.", "é", "€", "😀"];
const base64 = (bytes) => Buffer.from(bytes).toString("base64");

function int64(random) {
  const bytes = random.chance(0.3) ? new Uint8Array(8).fill(random.pick([0, 255])) : Uint8Array.from({ length: 8 }, () => random.below(256));
  if (random.chance(0.3)) bytes[0] = random.pick([0x80, 0x7f]);
  return new Int64(bytes);
}

function uuid(random) {
  const hex = (n) => Array.from({ length: n }, () => random.below(16).toString(16)).join("");
  return [8, 4, 4, 4, 12].map(hex).join("-");
}

const values = {
  boolean: (random) => random.chance(0.5),
  byte: (random) => random.below(256) - 128,
  short: (random) => random.below(65536) - 32768,
  integer: (random) => random.below(4294967296) - 2147483648,
  long: int64,
  binary: (random) => random.bytes(random.chance(0.02) ? 32767 : 20),
  string: (random) => random.text(LETTERS, random.chance(0.02) ? 5000 : 12),
  timestamp: (random) => new Date(random.below(253402300800000) * random.pick([1, 1, -1])),
  uuid,
};

// A name that is no number, because objects put those first.
function headers(random, most) {
  const found = {};
  for (const name of random.many(most, () => random.pick(["a", ":"]) + random.text(LETTERS, random.chance(0.05) ? 60 : 8))) {
    const type = random.pick(Object.keys(values));
    found[name] = { type, value: values[type](random) };
  }
  return found;
}

// A header as our side names it: [name, type, value], numbers and bytes as text.
const told = {
  boolean: (value) => [value ? "bool_true" : "bool_false", String(value)],
  byte: (value) => ["byte", String(value)],
  short: (value) => ["int16", String(value)],
  integer: (value) => ["int32", String(value)],
  long: (value) => ["int64", Buffer.from(value.bytes).readBigInt64BE().toString()],
  binary: (value) => ["bytes", base64(value)],
  string: (value) => ["string", value],
  timestamp: (value) => ["timestamp", String(value.valueOf())],
  uuid: (value) => ["uuid", value],
};

const tell = (found) => Object.entries(found).map(([name, { type, value }]) => [name, ...told[type](value)]);

export function frameCase(random, number) {
  const message = { headers: headers(random, 8), body: random.bytes(random.chance(0.02) ? 100000 : 200) };
  return { kind: "frame", number, headers: tell(message.headers), payload: base64(message.body), bytes: base64(codec.encode(message)) };
}

// ---- streams

export function streamCase(random, number) {
  const frames = Array.from({ length: 1 + random.below(6) }, () => codec.encode({
    headers: { ":message-type": { type: "string", value: "event" }, ":event-type": { type: "string", value: "e" + random.text(LETTERS, 5) }, ...headers(random, 2) },
    body: random.bytes(200),
  }));
  const read = frames.map((frame) => codec.decode(frame));
  const events = read.map(({ headers, body }) => [headers[":event-type"].value, base64(body)]);
  return { kind: "stream", number, bytes: base64(Buffer.concat(frames)), events, splits: random.many(12, () => random.below(400) + 1) };
}

// ---- damage

const TABLE = Array.from({ length: 256 }, (_, n) => {
  for (let i = 0; i < 8; i++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n >>> 0;
});

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

// Makes the checksums right again, so that what is inside is looked at.
function mend(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 16) return bytes;
  view.setUint32(8, crc32(bytes.subarray(0, 8)));
  view.setUint32(bytes.length - 4, crc32(bytes.subarray(0, bytes.length - 4)));
  return bytes;
}

const damages = [
  (bytes, random) => { bytes[random.below(bytes.length)] ^= 1 << random.below(8); return bytes; },
  (bytes, random) => bytes.slice(0, random.below(bytes.length)),
  (bytes, random) => Uint8Array.from([...bytes, ...random.bytes(5)]),
  (bytes, random) => { bytes[12 + random.below(Math.max(1, bytes.length - 16))] = random.below(256); return mend(bytes); },
  (bytes, random) => { bytes[12 + random.below(Math.max(1, bytes.length - 16))] ^= 1 << random.below(8); return mend(bytes); },
  (bytes, random) => { bytes[7] = random.below(256); return mend(bytes); },
  (bytes, random) => { bytes[3] = random.below(256); return mend(bytes); },
  (bytes, random) => mend(Uint8Array.from([...bytes.slice(0, 12), ...random.bytes(60), 0, 0, 0, 0])),
  (bytes) => mend(bytes),
];

export function damageCase(random, number) {
  const whole = codec.encode({ headers: headers(random, 3), body: random.bytes(40) });
  const bytes = random.pick(damages)(Uint8Array.from(whole), random);
  const found = { kind: "damage", number, bytes: base64(bytes), refused: false };
  try {
    const { headers, body } = codec.decode(Uint8Array.from(bytes));
    Object.assign(found, { headers: tell(headers), payload: base64(body) });
  } catch (error) {
    Object.assign(found, { refused: true, why: String(error.message) });
  }
  return found;
}
