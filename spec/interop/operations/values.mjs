// Values for the members of an operation, made from AWS's own schemas: always the same ones, odd enough to show
// what is encoded where. How they are made: `all` members or the required ones; the `variant` picks the member of each
// union, so that all of them come up in turn; `hollow` leaves every list and map empty below the given depth.

export const moment = new Date(1714566600250);

const encoder = new TextEncoder();

function text(traits, name) {
  if (traits.httpHeader) return `${name}; q="1"`;
  return `${name} /:ü%+&=?#~'(*)!`;
}

function bytes(name) {
  return new Uint8Array([0, 255, 128, 10, ...encoder.encode(name)]);
}

// Any JSON. Where lists are left empty this one is not: in a document only the user knows what `{}` is.
function document(name, how) {
  return { [name]: [1, "ü", { on: true, none: {}, list: how.hollow === undefined ? [] : [0] }], half: 0.5 };
}

// One member of a union; a member that leads back to where we are is passed over.
function choose(ns, how, seen) {
  const members = [...ns.structIterator()];
  for (let i = 0; i < members.length; i++) {
    const [name, member] = members[(how.variant + i) % members.length];
    const value = fill(member, name, how, seen);
    if (value !== undefined) return { [name]: value };
  }
  return undefined;
}

function structure(ns, how, seen) {
  const required = ns.getSchema()[6] ?? 0;
  const value = {};
  let index = 0;
  for (const [name, member] of ns.structIterator()) {
    if (how.all || index < required) {
      const inner = fill(member, name, how, seen);
      if (inner !== undefined) value[name] = inner;
    }
    index++;
  }
  return value;
}

function aggregate(ns, how, seen) {
  if (seen.includes(ns.getSchema())) return undefined;
  const below = [...seen, ns.getSchema()];
  return ns.isUnionSchema() ? choose(ns, how, below) : structure(ns, how, below);
}

function list(ns, name, how, seen) {
  if (how.hollow !== undefined && seen.length > how.hollow) return [];
  const both = [0, 1].map((n) => fill(ns.getValueSchema(), `${name}${n}`, { ...how, variant: how.variant + n }, seen));
  const there = both.filter((value) => value !== undefined);
  return there.length > 0 ? there : undefined;
}

function map(ns, how, seen) {
  if (how.hollow !== undefined && seen.length > how.hollow) return {};
  const value = {};
  for (const key of ["one", "key/ü 2"]) value[key] = fill(ns.getValueSchema(), key, how, seen);
  return value;
}

// A value for a schema; undefined where nothing but the way back could stand.
export function fill(ns, name, how, seen = []) {
  if (ns.isDocumentSchema()) return document(name, how);
  if (ns.isListSchema()) return list(ns, name, how, seen);
  if (ns.isMapSchema()) return map(ns, how, seen);
  if (ns.isStructSchema() || ns.isUnionSchema()) return aggregate(ns, how, seen);
  if (ns.isTimestampSchema()) return moment;
  if (ns.isBlobSchema()) return bytes(name);
  if (ns.isBooleanSchema()) return how.variant % 2 === 0;
  if (ns.isNumericSchema()) return 7 + how.variant;
  return text(ns.getMergedTraits(), name);
}

// How deep structures lie in one another.
export function depth(ns, seen = []) {
  if (ns.isListSchema() || ns.isMapSchema()) return depth(ns.getValueSchema(), seen);
  if ((!ns.isStructSchema() && !ns.isUnionSchema()) || seen.includes(ns.getSchema())) return 0;
  const below = [...seen, ns.getSchema()];
  return 1 + Math.max(0, ...[...ns.structIterator()].map(([, member]) => depth(member, below)));
}

// How many variants it takes until every member of every union below a schema was chosen.
export function variants(ns, seen = []) {
  if (ns.isListSchema() || ns.isMapSchema()) return variants(ns.getValueSchema(), seen);
  if (!ns.isStructSchema() && !ns.isUnionSchema()) return 1;
  if (seen.includes(ns.getSchema())) return 1;
  const below = [...seen, ns.getSchema()];
  const members = [...ns.structIterator()].map(([, member]) => member);
  const deepest = Math.max(1, ...members.map((member) => variants(member, below)));
  if (!ns.isUnionSchema()) return deepest;
  return deepest === 1 ? members.length : members.length * 3;
}

// A value as JSON that keeps bytes and moments apart from text and numbers.
export function plain(value) {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("hex") };
  if (value instanceof Date) return { $time: value.getTime() / 1000 };
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).filter(([, inner]) => inner !== undefined).map(([key, inner]) => [key, plain(inner)]),
  );
}
