import { IntegrityFault } from '@evenkeel/kernel';

/** Greatest magnitude that a column holds; its zigzag form is still an exact double. */
export const UNITS_MAX = 2 ** 50;

/** Integers as doubles. */
export type Integers = ArrayLike<number>;

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
export function columnOf(values: Integers, differences: Integers): Uint8Array {
  if (areNoughts(differences)) return NO_BYTES;
  const foretold = shortestOf(zigzagOf(differences, 0));
  const plain = shortestOf(zigzagOf(values, 1));
  return plain.size < foretold.size ? written(plain, PLAIN) : written(foretold, 0);
}

export interface ReadColumn {
  readonly integers: Float64Array;
  /** True where they are the values themselves, and not differences. */
  readonly plain: boolean;
}

/** Reads a column of `rows` integers. Throws `CONTRACTS.UNDECODABLE` where it holds others than so many. */
export function readColumn(bytes: Uint8Array, rows: number): ReadColumn {
  const integers = new Float64Array(rows);
  const first = bytes[0];
  if (first === undefined) return { integers, plain: false };
  const form = first % PLAIN;
  if (form === RUNS) fromRuns(bytes, integers);
  else fromRice(bytes, integers, form);
  for (let row = 0; row < rows; row += 1) integers[row] = fromZigzag(integers[row] ?? 0);
  return { integers, plain: first >= PLAIN };
}

/** Values in the form that takes the fewest bytes. */
interface Form {
  readonly values: Float64Array;
  /** 127, or the parameter of Rice. */
  readonly form: number;
  /** In bytes. */
  readonly size: number;
}

function areNoughts(values: Integers): boolean {
  for (let row = 0; row < values.length; row += 1) if (values[row] !== 0) return false;
  return true;
}

/** Room for the zigzag forms of two columns, used again: a column is written before the next one is looked at. */
const rooms = [new Float64Array(256), new Float64Array(256)];

function zigzagOf(integers: Integers, which: 0 | 1): Float64Array {
  const { length } = integers;
  let room = rooms[which];
  if (room === undefined || room.length < length) rooms[which] = room = new Float64Array(2 * length);
  for (let row = 0; row < length; row += 1) room[row] = zigzag(integers[row] ?? 0);
  return room.subarray(0, length);
}

function shortestOf(values: Float64Array): Form {
  const { k, bits } = bestRice(values);
  const size = Math.ceil(bits / 8);
  if (values.includes(0) || size > values.length) {
    const runs = runsSize(values);
    if (runs <= size) return { values, form: RUNS, size: runs };
  }
  return { values, form: k, size };
}

function written({ values, form, size }: Form, flag: number): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes[0] = form + flag;
  if (form === RUNS) writeRuns(values, bytes);
  else writeRice(values, form, bytes);
  return bytes;
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

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size += 1;
  return size;
}

function runsSize(values: Float64Array): number {
  let size = 1;
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row] ?? 0;
    if (value !== 0) {
      size += varintSize(value);
      continue;
    }
    const end = endOfNoughts(values, row);
    size += 1 + varintSize(end - row - 1);
    row = end - 1;
  }
  return size;
}

function endOfNoughts(values: Float64Array, from: number): number {
  let end = from + 1;
  while (end < values.length && values[end] === 0) end += 1;
  return end;
}

function writeRuns(values: Float64Array, bytes: Uint8Array): void {
  let at = 1;
  const put = (value: number): void => {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) {
      bytes[at] = (rest % 128) + 128;
      at += 1;
    }
    bytes[at] = rest;
    at += 1;
  };
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row] ?? 0;
    put(value);
    if (value !== 0) continue;
    const end = endOfNoughts(values, row);
    put(end - row - 1);
    row = end - 1;
  }
}

function fromRuns(bytes: Uint8Array, values: Float64Array): void {
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
  let row = 0;
  while (at < bytes.length) {
    const value = read();
    const times = value === 0 ? read() + 1 : 1;
    if (row + times > values.length) throw WRONG_ROWS();
    values.fill(value, row, row + times);
    row += times;
  }
  if (row !== values.length) throw WRONG_ROWS();
}

/** The parameter that writes these in the fewest bits, looked for from the mean downwards. */
function bestRice(values: Float64Array): { readonly k: number; readonly bits: number } {
  let sum = 0;
  for (let row = 0; row < values.length; row += 1) sum += values[row] ?? 0;
  const mean = sum / values.length;
  let near = 0;
  while (twos(near) < mean) near += 1;
  let best = Math.min(K_MAX, near);
  let fewest = riceBits(values, best);
  for (let k = best - 1; k >= 0; k -= 1) {
    const bits = riceBits(values, k);
    if (bits > fewest) break;
    [best, fewest] = [k, bits];
  }
  return { k: best, bits: fewest };
}

function riceBits(values: Float64Array, k: number): number {
  const step = 1 / twos(k);
  let bits = 8;
  for (let row = 0; row < values.length; row += 1) {
    const ones = Math.floor((values[row] ?? 0) * step);
    bits += ones < ONES_MAX ? ones + 1 + k : ONES_MAX + WHOLE_BITS;
  }
  return bits;
}

const CHUNK = 24;
const ALL_ONES = twos(ONES_MAX) - 1;

function writeRice(values: Float64Array, k: number, bytes: Uint8Array): void {
  let at = 1;
  let pending = 0;
  let filled = 0;
  const put = (value: number, bits: number): void => {
    pending = ((pending << bits) | value) >>> 0; // fewer than 8 bits wait, so that 32 are enough
    filled += bits;
    while (filled >= 8) {
      filled -= 8;
      bytes[at] = (pending >>> filled) & 255;
      at += 1;
    }
    pending &= (1 << filled) - 1;
  };
  // Without `%`, which of doubles is a call.
  const putLong = (value: number, bits: number): void => {
    for (let rest = bits, left = value; rest > 0;) {
      const some = rest % CHUNK === 0 ? CHUNK : rest % CHUNK;
      rest -= some;
      const head = Math.floor(left / twos(rest));
      put(head, some);
      left -= head * twos(rest);
    }
  };
  const step = twos(k);
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row] ?? 0;
    const ones = Math.floor(value / step);
    if (ones >= ONES_MAX) {
      put(ALL_ONES, ONES_MAX);
      putLong(value, WHOLE_BITS);
      continue;
    }
    put((1 << (ones + 1)) - 2, ones + 1);
    if (k > 0) putLong(value - ones * step, k);
  }
  if (filled > 0) put(0, 8 - filled);
}

function fromRice(bytes: Uint8Array, values: Float64Array, k: number): void {
  if (k > K_MAX) throw undecodable(`a column has a form that is known, not ${k}`);
  const end = 8 * bytes.length;
  const step = twos(k);
  let at = 8;
  // What lies behind the end reads as noughts, so that every value ends; whether one went beyond it is asked when all are read.
  for (let row = 0; row < values.length; row += 1) {
    const ones = Math.clz32(~bitsFrom(bytes, at));
    if (ones < ONES_MAX) {
      at += ones + 1;
      values[row] = ones * step + (k === 0 ? 0 : bitsOf(bytes, at, k));
      at += k;
    } else {
      at += ONES_MAX;
      values[row] = bitsOf(bytes, at, WHOLE_BITS);
      at += WHOLE_BITS;
    }
  }
  if (at > end || end - at >= 8) throw WRONG_ROWS();
  if (at < end && bitsFrom(bytes, at) !== 0) throw undecodable('what fills the last byte is noughts');
}

/** The bits from a place on, the first the highest of 32; at least 25 of them are read. */
function bitsFrom(bytes: Uint8Array, at: number): number {
  const from = at >>> 3;
  const higher = ((bytes[from] ?? 0) << 8) | (bytes[from + 1] ?? 0);
  const lower = ((bytes[from + 2] ?? 0) << 8) | (bytes[from + 3] ?? 0);
  return ((higher << 16) | lower) << (at & 7);
}

function bitsOf(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let rest = count, from = at; rest > 0;) {
    const some = Math.min(rest, CHUNK);
    value = value * twos(some) + (bitsFrom(bytes, from) >>> (32 - some));
    from += some;
    rest -= some;
  }
  return value;
}

/** Non-negative whatever the sign: 0, −1, 1, −2 … are 0, 1, 2, 3 … */
export function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

export function fromZigzag(value: number): number {
  // Without `%`, which of doubles is a call: five times as long.
  const half = Math.floor(value / 2);
  return half * 2 === value ? half : -half - 1;
}

const WRONG_ROWS = (): IntegrityFault => undecodable('a column holds as many values as the table has rows');

export function undecodable(what: string): IntegrityFault {
  return new IntegrityFault({ code: 'CONTRACTS.UNDECODABLE', message: `not so in a snapshot: ${what}` });
}
