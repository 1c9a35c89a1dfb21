import { fnv1a32, fromHex, sha1, toHex, utf8 } from './hashing';
import { required } from './errors';

/** Namespace of every id Evenkeel derives (UUIDv5 of "evenkeel" in the DNS namespace's manner; fixed for ever). */
const NAMESPACE = required(fromHex('6b1c6f3a9a5e5c0c8f0e4b7d2a61c3d9'), 'the id namespace');

/** The same name gives the same id on every machine: RFC 9562 UUID version 5. */
export function uuidV5(name: string): string {
  const nameBytes = utf8(name);
  const input = new Uint8Array(NAMESPACE.length + nameBytes.length);
  input.set(NAMESPACE);
  input.set(nameBytes, NAMESPACE.length);
  const hash = sha1(input).slice(0, 16);
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = toHex(hash);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export const PARTITION_COUNT = 16;

/** The journal partition of a book: fixed per epoch, two digits. */
export function partitionOf(bookId: string): string {
  return String(fnv1a32(bookId) % PARTITION_COUNT).padStart(2, '0');
}
