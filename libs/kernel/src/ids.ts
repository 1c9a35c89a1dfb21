import { HEX_CODES, UTF8_BYTES_MAX, fnv1a32, fromHex, sha1, utf8Into } from './hashing';
import { memoised } from './memo';
import { required } from './errors';

/** Namespace of every id Evenkeel derives (UUIDv5 of "evenkeel" in the DNS namespace's manner; fixed for ever). */
const NAMESPACE = required(fromHex('6b1c6f3a9a5e5c0c8f0e4b7d2a61c3d9'), 'the id namespace');
/** The namespace and room for a name: used again for each, since nothing keeps what is hashed. */
let input = Uint8Array.from([...NAMESPACE, ...new Uint8Array(1024)]);

/** Where the digits of each byte stand in `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`. */
const PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const VERSION_BYTE = 6;
const VARIANT_BYTE = 8;
const codes = new Array<number>(36).fill('-'.charCodeAt(0));

/** The same name gives the same id on every machine: RFC 9562 UUID version 5. */
export function uuidV5(name: string): string {
  const most = NAMESPACE.length + UTF8_BYTES_MAX * name.length;
  if (most > input.length) input = Uint8Array.from([...NAMESPACE, ...new Uint8Array(2 * most)]);
  const hash = sha1(input.subarray(0, utf8Into(name, input, NAMESPACE.length)));
  for (let index = 0; index < PLACES.length; index += 1) {
    let byte = hash.charCodeAt(index);
    if (index === VERSION_BYTE) byte = (byte & 0x0f) | 0x50;
    else if (index === VARIANT_BYTE) byte = (byte & 0x3f) | 0x80;
    const place = PLACES[index] ?? 0;
    codes[place] = HEX_CODES[byte >> 4] ?? 0;
    codes[place + 1] = HEX_CODES[byte & 15] ?? 0;
  }
  return String.fromCharCode(...codes);
}

export const PARTITION_COUNT = 16;

const REMEMBERED_MAX = 4096;

/** The journal partition of a book: fixed per epoch, two digits. Asked for every commit, and books are few. */
export const partitionOf: (bookId: string) => string = memoised(REMEMBERED_MAX, (bookId) =>
  String(fnv1a32(bookId) % PARTITION_COUNT).padStart(2, '0'),
);
