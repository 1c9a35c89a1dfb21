import { sha256 } from '@evenkeel/kernel';

/** 32 bytes of SHA-256: a leaf hash, an interior node, or a root. */
export type Hash = Uint8Array;

export const HASH_BYTES = 32;

/** Any SHA-256: the kernel's pure one, or a native one where a host has it. Same bytes in, same bytes out. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** The three hashes of RFC 6962 §2.1 (RFC 9162 §2.1.1), domain-separated by their first byte. */
export interface MerkleHasher {
  /** SHA-256(0x00 ‖ leaf). */
  leaf(data: Uint8Array): Hash;
  /** SHA-256(0x01 ‖ left ‖ right). */
  node(left: Hash, right: Hash): Hash;
  /** SHA-256 of nothing: the root of a tree without leaves. */
  readonly emptyRoot: Hash;
}

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

export function createMerkleHasher(hash: Sha256): MerkleHasher {
  // One scratch buffer: hashing is synchronous and nothing keeps a reference to its input.
  const scratch = new Uint8Array(1 + 2 * HASH_BYTES);
  scratch[0] = NODE_PREFIX;
  return {
    leaf(data) {
      const input = new Uint8Array(1 + data.length);
      input[0] = LEAF_PREFIX;
      input.set(data, 1);
      return hash(input);
    },
    node(left, right) {
      scratch.set(left, 1);
      scratch.set(right, 1 + HASH_BYTES);
      return hash(scratch);
    },
    emptyRoot: hash(new Uint8Array(0)),
  };
}

/** The hasher everything uses unless a host passes a faster one. */
export const rfc6962: MerkleHasher = createMerkleHasher(sha256);
