import { createHash, hash } from 'node:crypto';
import type { Hashes, Sha256Stream } from '@evenkeel/kernel';

const HASH_BYTES = 32;

/**
 * OpenSSL's hashes: a commit's SHA-256 takes an eighth of the pure one's time, an id's SHA-1 a sixth. In one call each and as text,
 * which is copied: a 32-byte array made here lives on the engine's own heap, while a Buffer is memory outside of it, and that costs
 * more than the hash of a Merkle node.
 */
export const nativeHashes: Hashes = {
  sha256(bytes) {
    const text = hash('sha256', bytes, 'binary');
    const digest = new Uint8Array(HASH_BYTES);
    for (let at = 0; at < HASH_BYTES; at += 1) digest[at] = text.charCodeAt(at);
    return digest;
  },
  sha1: (bytes) => hash('sha1', bytes, 'binary'),
  createSha256() {
    const hasher = createHash('sha256');
    const stream: Sha256Stream = {
      update(bytes) {
        hasher.update(bytes);
        return stream;
      },
      digest: () => new Uint8Array(hasher.digest()),
    };
    return stream;
  },
};
