import { assert } from '@evenkeel/kernel';
import { TILE_WIDTH } from './tiles';

const LENGTH_BYTES = 2;
const ENTRY_BYTES_MAX = 0xffff;

/** C2SP entry bundle: each entry led by its length as a big-endian uint16. */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  assert(entries.length >= 1 && entries.length <= TILE_WIDTH, 'an entry bundle holds 1 to 256 entries');
  const total = entries.reduce((sum, entry) => sum + LENGTH_BYTES + entry.length, 0);
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const entry of entries) {
    assert(entry.length <= ENTRY_BYTES_MAX, 'an entry has at most 65,535 bytes');
    bytes[at] = entry.length >> 8;
    bytes[at + 1] = entry.length & 0xff;
    bytes.set(entry, at + LENGTH_BYTES);
    at += LENGTH_BYTES + entry.length;
  }
  return bytes;
}

/** The entries of a bundle that must hold `width` of them; `undefined` when the bytes are anything else. */
export function decodeEntryBundle(bytes: Uint8Array, width: number): readonly Uint8Array[] | undefined {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const high = bytes[at];
    const low = bytes[at + 1];
    if (high === undefined || low === undefined) return undefined;
    const from = at + LENGTH_BYTES;
    at = from + high * 256 + low;
    if (at > bytes.length) return undefined;
    entries.push(bytes.slice(from, at));
  }
  return entries.length === width ? entries : undefined;
}
