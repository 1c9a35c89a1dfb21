import * as crypto from 'node:crypto';
import { createMerkleHasher } from '@evenkeel/audit';
import type { MerkleHasher, Sha256 } from '@evenkeel/audit';

const HASH_BYTES = 32;

/** One-shot hashing exists from Node 20.12 and 21.7; older ones go through a hash object. */
const digest: (data: Uint8Array) => string =
  crypto.hash === undefined
    ? (data) => crypto.createHash('sha256').update(data).digest('binary')
    : (data) => crypto.hash('sha256', data, 'binary');

/**
 * OpenSSL's SHA-256, same bytes as the pure one. The digest comes as text and is copied: a 32-byte array made here lives
 * on the engine's own heap, while a Buffer is memory outside of it, and that costs more than the hash of a Merkle node.
 */
export const nativeSha256: Sha256 = (bytes) => {
  const text = digest(bytes);
  const hash = new Uint8Array(HASH_BYTES);
  for (let at = 0; at < HASH_BYTES; at += 1) hash[at] = text.charCodeAt(at);
  return hash;
};

export const nativeMerkleHasher: MerkleHasher = createMerkleHasher(nativeSha256);
