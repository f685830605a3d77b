// Random numbers, texts and bytes that are the same for the same seed.

export function generator(seed) {
  let state = seed >>> 0;
  const next = () => { // a step of mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n) => Math.floor(next() * n);
  const chance = (p) => next() < p;
  const pick = (list) => list[below(list.length)];
  const many = (most, make) => Array.from({ length: below(most + 1) }, make);
  const text = (alphabet, most) => many(most, () => pick(alphabet)).join("");
  const bytes = (most) => Uint8Array.from(many(most, () => below(256)));
  return { next, below, chance, pick, many, text, bytes };
}
