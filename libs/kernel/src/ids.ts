import { UTF8_BYTES_MAX, fnv1a32, fromHex, sha1Hex, utf8Into } from './hashing';
import { memoised } from './memo';
import { required } from './errors';

/** Namespace of every id Evenkeel derives (UUIDv5 of "evenkeel" in the DNS namespace's manner; fixed for ever). */
const NAMESPACE = required(fromHex('6b1c6f3a9a5e5c0c8f0e4b7d2a61c3d9'), 'the id namespace');
/** The two highest bits of this digit are the variant. */
const VARIANT = '89ab';

/** The namespace and room for a name: used again for each, since nothing keeps what is hashed. */
let input = Uint8Array.from([...NAMESPACE, ...new Uint8Array(1024)]);

/** The same name gives the same id on every machine: RFC 9562 UUID version 5. */
export function uuidV5(name: string): string {
  const most = NAMESPACE.length + UTF8_BYTES_MAX * name.length;
  if (most > input.length) input = Uint8Array.from([...NAMESPACE, ...new Uint8Array(2 * most)]);
  const hex = sha1Hex(input.subarray(0, utf8Into(name, input, NAMESPACE.length)));
  const variant = VARIANT.charAt(Number.parseInt(hex.charAt(16), 16) & 3);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export const PARTITION_COUNT = 16;

const REMEMBERED_MAX = 4096;

/** The journal partition of a book: fixed per epoch, two digits. Asked for every commit, and books are few. */
export const partitionOf: (bookId: string) => string = memoised(REMEMBERED_MAX, (bookId) =>
  String(fnv1a32(bookId) % PARTITION_COUNT).padStart(2, '0'),
);
