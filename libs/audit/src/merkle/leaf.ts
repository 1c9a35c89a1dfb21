import { canonicalJson, utf8 } from '@evenkeel/kernel';
import { rfc6962 } from './hasher';
import type { Hash, MerkleHasher } from './hasher';

/**
 * What the tree commits to about one commit: where it stood and the hash of its published bytes. Payloads stay
 * outside, so personal data can be shredded while every proof holds.
 */
export interface LeafFacts {
  /** The journal epoch, as in the envelope and the stream name. */
  readonly epoch: string;
  /** The stream sequence, from 1. */
  readonly seq: number;
  /** SHA-256 of the published commit bytes, lower-case hex. */
  readonly commitHash: string;
}

/** The leaf's bytes: RFC 8785 canonical JSON, e.g. `{"commitHash":"…","epoch":"1","seq":7}`. */
export function leafData(facts: LeafFacts): Uint8Array {
  return utf8(canonicalJson({ epoch: facts.epoch, seq: facts.seq, commitHash: facts.commitHash }));
}

/** SHA-256(0x00 ‖ leaf data): what `commit_log.leaf_hash` holds. */
export function leafHashOf(facts: LeafFacts, hasher: MerkleHasher = rfc6962): Hash {
  return hasher.leaf(leafData(facts));
}
