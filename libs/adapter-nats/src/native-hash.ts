import { createHash } from 'node:crypto';
import { sealWith } from '@evenkeel/contracts';
import type { CommitSigner, Seal } from '@evenkeel/eventing';

/** SHA-256 by the platform: the same bytes as the kernel's portable one, several times quicker on the services' hot path. */
export function nativeSha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}

/** The seal of a service: the platform's hash, and the service's signature where it has a key. */
export function sealNatively(signer?: CommitSigner): Seal {
  return sealWith({ signer, hash: nativeSha256 });
}
