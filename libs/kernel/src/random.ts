/** A seeded source of randomness: an input like any other, never ambient. */
export interface Random {
  /** Uniform on [0, 1), 53 bits. */
  next(): number;
  /** Uniform integer on [0, bound). */
  integer(bound: number): number;
  /** An independent stream named by the label; the parent's own stream is not advanced. */
  fork(label: string): Random;
}

function mix(hash: number, value: number): number {
  let h = Math.imul(hash ^ value, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca77);
  return (h ^ (h >>> 13)) >>> 0;
}

function seedWords(seed: string): [number, number, number, number] {
  const words: [number, number, number, number] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0xdeadbeef];
  for (let index = 0; index < seed.length; index += 1) {
    const slot = (index & 3) as 0 | 1 | 2 | 3; // masked to two bits
    words[slot] = mix(words[slot], seed.charCodeAt(index) + index * 0x10001);
  }
  return [mix(words[0], words[3]), mix(words[1], words[0]), mix(words[2], words[1]), mix(words[3], words[2])];
}

/** sfc32 (Chris Doty-Humphrey's small fast counting generator), seeded by any text. */
export function createRandom(seed: string): Random {
  let [a, b, c, counter] = seedWords(seed);
  const word = (): number => {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + result;
    c |= 0;
    return result >>> 0;
  };
  for (let round = 0; round < 15; round += 1) word();
  const random: Random = {
    next: () => ((word() >>> 5) * 67_108_864 + (word() >>> 6)) / 9_007_199_254_740_992,
    integer: (bound) => Math.floor(random.next() * bound),
    fork: (label) => createRandom(`${seed}/${label}`),
  };
  return random;
}
