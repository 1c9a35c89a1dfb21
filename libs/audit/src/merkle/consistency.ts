import { sameBytes } from '@evenkeel/kernel';
import { HASH_BYTES, rfc6962 } from './hasher';
import type { Hash, MerkleHasher } from './hasher';
import { consistencyRanges, hashOfRange } from './tree-shape';
import type { NodeSource } from './tree-shape';

/** The proof that the tree of the first `size` leaves extends the tree of the first `oldSize`. */
export function consistencyProof(
  oldSize: number,
  size: number,
  nodes: NodeSource,
  hasher: MerkleHasher = rfc6962,
): readonly Hash[] {
  return consistencyRanges(oldSize, size).map((range) => hashOfRange(range, nodes, hasher));
}

/** A size and the root it is claimed to have. */
export interface TreeHead {
  readonly size: number;
  readonly root: Hash;
}

/**
 * True exactly when the proof shows that `next` only appended to `old` (RFC 9162 §2.1.4.2). A tree of size 0 has one
 * root and is extended by anything with an empty proof; equal sizes need equal roots and an empty proof. Never throws.
 */
export function verifyConsistency(
  old: TreeHead,
  next: TreeHead,
  proof: readonly Hash[],
  hasher: MerkleHasher = rfc6962,
): boolean {
  if (!isHead(old) || !isHead(next) || old.size > next.size) return false;
  if (proof.some((hash) => hash.length !== HASH_BYTES)) return false;
  if (old.size === 0)
    return proof.length === 0 && sameBytes(old.root, hasher.emptyRoot) && emptyAgrees(next, hasher);
  if (old.size === next.size) return proof.length === 0 && sameBytes(old.root, next.root);
  return followsPath(old, next, proof, hasher);
}

function isHead(head: TreeHead): boolean {
  return Number.isSafeInteger(head.size) && head.size >= 0 && head.root.length === HASH_BYTES;
}

function emptyAgrees(head: TreeHead, hasher: MerkleHasher): boolean {
  return head.size > 0 || sameBytes(head.root, hasher.emptyRoot);
}

function followsPath(old: TreeHead, next: TreeHead, proof: readonly Hash[], hasher: MerkleHasher): boolean {
  let node = old.size - 1;
  let last = next.size - 1;
  while (node % 2 === 1) {
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  // When the old tree is one perfect subtree its root is the seed; otherwise the proof starts with the seed.
  const path = node === 0 ? [old.root, ...proof] : proof;
  const seed = path[0];
  if (seed === undefined) return false;
  let oldHash = seed;
  let nextHash = seed;
  for (const sibling of path.slice(1)) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      oldHash = hasher.node(sibling, oldHash);
      nextHash = hasher.node(sibling, nextHash);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      nextHash = hasher.node(nextHash, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && sameBytes(oldHash, old.root) && sameBytes(nextHash, next.root);
}
