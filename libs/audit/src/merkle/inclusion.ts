import { sameBytes } from '@evenkeel/kernel';
import { HASH_BYTES, rfc6962 } from './hasher';
import type { Hash, MerkleHasher } from './hasher';
import { hashOfRange, inclusionRanges } from './tree-shape';
import type { NodeSource } from './tree-shape';

/** The audit path of leaf `index` in the tree of the first `size` leaves, the leaf's sibling first. */
export function inclusionProof(
  index: number,
  size: number,
  nodes: NodeSource,
  hasher: MerkleHasher = rfc6962,
): readonly Hash[] {
  return inclusionRanges(index, size).map((range) => hashOfRange(range, nodes, hasher));
}

export interface InclusionClaim {
  readonly index: number;
  readonly size: number;
  readonly leafHash: Hash;
  readonly proof: readonly Hash[];
}

/**
 * The root that an inclusion proof leads to, or `undefined` when the proof cannot be one of a tree of that size
 * (RFC 9162 §2.1.3.2). Never throws: every part of a claim may come from a stranger.
 */
export function rootOfInclusion(claim: InclusionClaim, hasher: MerkleHasher = rfc6962): Hash | undefined {
  const { index, size } = claim;
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size)
    return undefined;
  if (claim.leafHash.length !== HASH_BYTES) return undefined;
  let node = index;
  let last = size - 1;
  let hash = claim.leafHash;
  for (const sibling of claim.proof) {
    if (last === 0 || sibling.length !== HASH_BYTES) return undefined;
    if (node % 2 === 1 || node === last) {
      hash = hasher.node(sibling, hash);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      hash = hasher.node(hash, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? hash : undefined;
}

/** True exactly when the proof shows the leaf at `index` of the tree with this size and root. */
export function verifyInclusion(claim: InclusionClaim, root: Hash, hasher: MerkleHasher = rfc6962): boolean {
  const derived = rootOfInclusion(claim, hasher);
  return derived !== undefined && root.length === HASH_BYTES && sameBytes(derived, root);
}
