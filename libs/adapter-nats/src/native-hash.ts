import { createHash } from 'node:crypto';
import { encodeCommit } from '@evenkeel/contracts';
import type { Commit, SealedCommit } from '@evenkeel/eventing';

/** SHA-256 by the platform: the same bytes as the kernel's portable one, several times quicker on the services' hot path. */
export function nativeSha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}

/** `sealCommit` with the platform's hash. */
export function sealNatively(commit: Commit): SealedCommit {
  const bytes = encodeCommit(commit);
  return { commit, bytes, hash: nativeSha256(bytes) };
}
