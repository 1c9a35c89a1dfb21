import { assert } from '@evenkeel/kernel';

/** What an action is made of. Keys keep the order in which they were written: the hash goes by it. */
export type Packable =
  string | number | boolean | null | readonly Packable[] | { readonly [key: string]: Packable };

/**
 * MessagePack as the venue itself writes it, byte for byte, since the hash of an action is of these bytes: each in its shortest form,
 * whole numbers as integers however large. The venue's actions know no fractions and no negative numbers; neither does this.
 */
export function packMessage(value: Packable): Buffer {
  if (value === null) return Buffer.of(0xc0);
  if (typeof value === 'boolean') return Buffer.of(value ? 0xc3 : 0xc2);
  if (typeof value === 'number') return packInteger(value);
  if (typeof value === 'string') {
    const text = Buffer.from(value, 'utf8');
    return Buffer.concat([head(text.length, { small: [0xa0, 31], byte: 0xd9, word: 0xda }), text]);
  }
  if (isList(value))
    return Buffer.concat([head(value.length, { small: [0x90, 15], word: 0xdc }), ...value.map(packMessage)]);
  const entries = Object.entries(value);
  return Buffer.concat([
    head(entries.length, { small: [0x80, 15], word: 0xde }),
    ...entries.flatMap(([key, item]) => [packMessage(key), packMessage(item)]),
  ]);
}

const isList = (value: object): value is readonly Packable[] => Array.isArray(value);

interface Heads {
  readonly small: readonly [mark: number, most: number];
  readonly byte?: number;
  readonly word: number;
}

function head(length: number, { small: [mark, most], byte, word }: Heads): Buffer {
  if (length <= most) return Buffer.of(mark | length);
  if (byte !== undefined && length < 0x100) return Buffer.of(byte, length);
  assert(length < 0x1_0000, 'an action is short');
  const bytes = Buffer.of(word, 0, 0);
  bytes.writeUInt16BE(length, 1);
  return bytes;
}

function packInteger(value: number): Buffer {
  assert(Number.isSafeInteger(value) && value >= 0, 'numbers of an action are whole and not negative');
  if (value < 0x80) return Buffer.of(value);
  if (value < 0x100) return Buffer.of(0xcc, value);
  if (value < 0x1_0000) return Buffer.of(0xcd, value >> 8, value & 0xff);
  const wide = value >= 0x1_0000_0000;
  const bytes = Buffer.alloc(wide ? 9 : 5);
  bytes[0] = wide ? 0xcf : 0xce;
  if (wide) bytes.writeBigUInt64BE(BigInt(value), 1);
  else bytes.writeUInt32BE(value, 1);
  return bytes;
}
