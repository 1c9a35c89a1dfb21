import { assert, assertNever, utf8 } from '@evenkeel/kernel';

/** What Hyperliquid's actions are made of. Amounts are texts, so no floating point is needed, and none is allowed. */
export type Packable =
  null | boolean | number | string | readonly Packable[] | { readonly [key: string]: Packable };

/** MessagePack of a value, each number and length in its shortest form; keys in the order they stand, which is part of what is signed. */
export function packMessage(value: Packable): Uint8Array {
  const bytes: number[] = [];
  pack(value, bytes);
  return Uint8Array.from(bytes);
}

function pack(value: Packable, out: number[]): void {
  if (value === null) out.push(0xc0);
  else if (typeof value === 'boolean') out.push(value ? 0xc3 : 0xc2);
  else if (typeof value === 'number') packInteger(value, out);
  else if (typeof value === 'string') packText(value, out);
  else if (isList(value)) {
    packLength(value.length, 0x90, 0xdc, out);
    for (const item of value) pack(item, out);
  } else if (typeof value === 'object') {
    const entries = Object.entries(value);
    packLength(entries.length, 0x80, 0xde, out);
    for (const [key, item] of entries) {
      packText(key, out);
      pack(item, out);
    }
  } else assertNever(value, 'a packable value');
}

function isList(value: Packable): value is readonly Packable[] {
  return Array.isArray(value);
}

/** Lists and maps: up to 15 in one byte, then 16 and 32 bits. */
function packLength(length: number, short: number, long: number, out: number[]): void {
  if (length < 16) out.push(short | length);
  else if (length < 0x10000) out.push(long, length >>> 8, length & 0xff);
  else out.push(long + 1, ...bigEndian(length, 4));
}

function packText(text: string, out: number[]): void {
  const bytes = utf8(text);
  if (bytes.length < 32) out.push(0xa0 | bytes.length);
  else if (bytes.length < 0x100) out.push(0xd9, bytes.length);
  else if (bytes.length < 0x10000) out.push(0xda, ...bigEndian(bytes.length, 2));
  else out.push(0xdb, ...bigEndian(bytes.length, 4));
  for (const byte of bytes) out.push(byte);
}

function packInteger(value: number, out: number[]): void {
  assert(Number.isSafeInteger(value), 'a number in an action is an integer');
  if (value >= 0) {
    if (value < 0x80) out.push(value);
    else if (value < 0x100) out.push(0xcc, value);
    else if (value < 0x10000) out.push(0xcd, ...bigEndian(value, 2));
    else if (value < 0x100000000) out.push(0xce, ...bigEndian(value, 4));
    else out.push(0xcf, ...bigEndian(value, 8));
  } else if (value >= -0x20) out.push(value & 0xff);
  else if (value >= -0x80) out.push(0xd0, value & 0xff);
  else if (value >= -0x8000) out.push(0xd1, ...bigEndian(value, 2));
  else if (value >= -0x80000000) out.push(0xd2, ...bigEndian(value, 4));
  else out.push(0xd3, ...bigEndian(value, 8));
}

/** Two's complement, most significant byte first. */
export function bigEndian(value: number, length: number): number[] {
  let rest = BigInt.asUintN(length * 8, BigInt(value));
  const bytes = new Array<number>(length);
  for (let index = length - 1; index >= 0; index -= 1) {
    bytes[index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}
