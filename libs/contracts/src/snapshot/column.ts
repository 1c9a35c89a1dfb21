import { IntegrityFault } from '@evenkeel/kernel';

/** Greatest magnitude that a column holds; its zigzag form is still an exact double. */
export const UNITS_MAX = 2 ** 50;

/**
 * Integers as a column of the table holds them, zigzag, in the shortest of these forms; the first byte says which.
 *
 * - 127, runs: base 128 as in Protobuf; a nought is followed by how many noughts more there are.
 * - k up to 40, Rice: the quotient by 2^k as so many ones and a nought, then k bits of the remainder, highest first, bytes
 *   filled from their highest bit. A quotient of 24 or more is 24 ones, and the value follows whole in 54 bits.
 *
 * They are differences from what is foretold, or, with 128 more in the first byte, the values themselves. Nothing at all
 * stands for values that are all as foretold.
 */
export function columnOf(values: readonly number[], differences: readonly number[]): Uint8Array {
  if (differences.every((difference) => difference === 0)) return NO_BYTES;
  const [foretold, plain] = [shortestOf(differences, 0), shortestOf(values, PLAIN)];
  return plain.size < foretold.size ? plain.write() : foretold.write();
}

export interface ReadColumn {
  readonly integers: readonly number[];
  /** True where they are the values themselves, and not differences. */
  readonly plain: boolean;
}

/** Reads a column of `rows` integers. Throws `CONTRACTS.UNDECODABLE` where it holds others than so many. */
export function readColumn(bytes: Uint8Array, rows: number): ReadColumn {
  const first = bytes[0];
  if (first === undefined) return { integers: new Array<number>(rows).fill(0), plain: false };
  const form = first % PLAIN;
  const values = form === RUNS ? fromRuns(bytes, rows) : fromRice(bytes, rows, form);
  return { integers: values.map(fromZigzag), plain: first >= PLAIN };
}

interface Form {
  /** In bytes. */
  readonly size: number;
  readonly write: () => Uint8Array;
}

function shortestOf(integers: readonly number[], flag: number): Form {
  const values = integers.map(zigzag);
  const { k, bits } = bestRice(values);
  const size = Math.ceil(bits / 8);
  const runs = values.includes(0) || size > values.length ? inRuns(values, RUNS + flag) : undefined;
  if (runs !== undefined && runs.length <= size) return { size: runs.length, write: () => runs };
  return { size, write: () => inRice(values, k, k + flag) };
}

const NO_BYTES = new Uint8Array(0);
const RUNS = 127;
const PLAIN = 128;
const K_MAX = 40;
const ONES_MAX = 24;
const WHOLE_BITS = 54;
const VARINT_BYTES_MAX = 8;
const TWOS = [1];
for (let power = 1; power <= WHOLE_BITS; power += 1) TWOS.push(2 * (TWOS[power - 1] ?? 0));

function twos(power: number): number {
  return TWOS[power] ?? Number.POSITIVE_INFINITY;
}

function inRuns(values: readonly number[], form: number): Uint8Array {
  const bytes: number[] = [form];
  const put = (value: number): void => {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
    bytes.push(rest);
  };
  let noughts = 0;
  const endRun = (): void => {
    if (noughts === 0) return;
    put(0);
    put(noughts - 1);
    noughts = 0;
  };
  for (const value of values) {
    if (value === 0) noughts += 1;
    else {
      endRun();
      put(value);
    }
  }
  endRun();
  return Uint8Array.from(bytes);
}

function fromRuns(bytes: Uint8Array, rows: number): number[] {
  let at = 1;
  const read = (): number => {
    let value = 0;
    let place = 1;
    for (let count = 1; count <= VARINT_BYTES_MAX; count += 1) {
      const byte = bytes[at];
      if (byte === undefined) break;
      at += 1;
      value += (byte % 128) * place;
      if (byte < 128) return value;
      place *= 128;
    }
    throw undecodable('a column ends with a whole value');
  };
  const values: number[] = [];
  while (at < bytes.length) {
    const value = read();
    const times = value === 0 ? read() + 1 : 1;
    if (values.length + times > rows) throw WRONG_ROWS();
    for (let count = 0; count < times; count += 1) values.push(value);
  }
  if (values.length !== rows) throw WRONG_ROWS();
  return values;
}

/** The parameter that writes these in the fewest bits, looked for from the mean downwards. */
function bestRice(values: readonly number[]): { readonly k: number; readonly bits: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let near = 0;
  while (twos(near) < mean) near += 1;
  let best = { k: 0, bits: Number.POSITIVE_INFINITY };
  for (let k = Math.min(K_MAX, near); k >= 0; k -= 1) {
    const bits = riceBits(values, k);
    if (bits > best.bits) break;
    best = { k, bits };
  }
  return best;
}

function riceBits(values: readonly number[], k: number): number {
  const step = twos(k);
  let bits = 8;
  for (const value of values) {
    const ones = Math.floor(value / step);
    bits += ones < ONES_MAX ? ones + 1 + k : ONES_MAX + WHOLE_BITS;
  }
  return bits;
}

const CHUNK = 24;
const ALL_ONES = twos(ONES_MAX) - 1;

function inRice(values: readonly number[], k: number, form: number): Uint8Array {
  const bytes: number[] = [form];
  let pending = 0;
  let filled = 0;
  const put = (value: number, bits: number): void => {
    pending = ((pending << bits) | value) >>> 0; // fewer than 8 bits wait, so that 32 are enough
    filled += bits;
    while (filled >= 8) {
      filled -= 8;
      bytes.push((pending >>> filled) & 255);
    }
    pending &= (1 << filled) - 1;
  };
  const putLong = (value: number, bits: number): void => {
    for (let rest = bits; rest > 0;) {
      const some = rest % CHUNK === 0 ? CHUNK : rest % CHUNK;
      rest -= some;
      put(Math.floor(value / twos(rest)) % twos(some), some);
    }
  };
  const step = twos(k);
  for (const value of values) {
    const ones = Math.floor(value / step);
    if (ones >= ONES_MAX) {
      put(ALL_ONES, ONES_MAX);
      putLong(value, WHOLE_BITS);
      continue;
    }
    put((1 << (ones + 1)) - 2, ones + 1);
    if (k > 0) putLong(value % step, k);
  }
  if (filled > 0) put(0, 8 - filled);
  return Uint8Array.from(bytes);
}

function fromRice(bytes: Uint8Array, rows: number, k: number): number[] {
  if (k > K_MAX) throw undecodable(`a column has a form that is known, not ${k}`);
  let at = 8;
  const end = 8 * bytes.length;
  const bit = (): number => {
    if (at >= end) throw WRONG_ROWS();
    const value = ((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
    at += 1;
    return value;
  };
  const read = (bits: number): number => {
    let value = 0;
    for (let count = 0; count < bits; count += 1) value = 2 * value + bit();
    return value;
  };
  const values: number[] = [];
  for (let row = 0; row < rows; row += 1) {
    let ones = 0;
    while (ones < ONES_MAX && bit() === 1) ones += 1;
    values.push(ones < ONES_MAX ? ones * twos(k) + read(k) : read(WHOLE_BITS));
  }
  if (end - at >= 8) throw WRONG_ROWS();
  while (at < end) if (bit() === 1) throw undecodable('what fills the last byte is noughts');
  return values;
}

/** Non-negative whatever the sign: 0, −1, 1, −2 … are 0, 1, 2, 3 … */
export function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

export function fromZigzag(value: number): number {
  if (value === 0) return 0;
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

const WRONG_ROWS = (): IntegrityFault => undecodable('a column holds as many values as the table has rows');

export function undecodable(what: string): IntegrityFault {
  return new IntegrityFault({ code: 'CONTRACTS.UNDECODABLE', message: `not so in a snapshot: ${what}` });
}
