import { createHash } from 'node:crypto';
import * as crypto from 'node:crypto';
import { createMerkleHasher } from '@evenkeel/audit';
import type { MerkleHasher, Sha256 } from '@evenkeel/audit';

/** One-shot hashing exists from Node 20.12 and 21.7; older ones go through a hash object. */
const oneShot: ((algorithm: string, data: Uint8Array, encoding: 'buffer') => Uint8Array) | undefined =
  crypto.hash;

/** OpenSSL's SHA-256: about twice as quick as the pure one on Merkle nodes, and the same bytes. */
export const nativeSha256: Sha256 =
  oneShot === undefined
    ? (bytes) => createHash('sha256').update(bytes).digest()
    : (bytes) => oneShot('sha256', bytes, 'buffer');

export const nativeMerkleHasher: MerkleHasher = createMerkleHasher(nativeSha256);
