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
  const { epoch, seq, commitHash } = facts;
  if (!PLAIN.test(epoch) || !Number.isSafeInteger(seq))
    return utf8(canonicalJson({ epoch, seq, commitHash }));
  // The same text without a general encoder: this runs once per commit of every verification.
  const text = `{"commitHash":"${commitHash}","epoch":"${epoch}","seq":${seq}}`;
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}

const PLAIN = /^[0-9A-Za-z._-]*$/;

/** SHA-256(0x00 ‖ leaf data): what `commit_log.leaf_hash` holds. */
export function leafHashOf(facts: LeafFacts, hasher: MerkleHasher = rfc6962): Hash {
  return hasher.leaf(leafData(facts));
}
