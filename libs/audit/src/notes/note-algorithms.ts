import { ed25519 } from '@noble/curves/ed25519';
import { utf8 } from '@evenkeel/kernel';
import { cosignatureMessage, splitTimestamped } from './cosignature-format';
import { SIGNATURE_TYPE } from './verifier-key';
import type { VerifierKey } from './verifier-key';

/** How one signature type is checked. A further algorithm (ML-DSA-44 is 0x06) is one more entry in the list. */
export interface NoteAlgorithm {
  readonly type: number;
  readonly name: string;
  /** Never throws: key, text and signature may come from a stranger. */
  verify(key: VerifierKey, text: string, signature: Uint8Array): boolean;
}

/** Ed25519 as RFC 8032 has it (no ZIP-215 leniency), so every verifier agrees on every signature. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    // A point that is not on the curve is a signature that does not hold.
    return false;
  }
}

export const ed25519Notes: NoteAlgorithm = {
  type: SIGNATURE_TYPE.ed25519,
  name: 'Ed25519',
  verify: (key, text, signature) => verifyEd25519(key.publicKey, utf8(text), signature),
};

export const cosignaturesV1: NoteAlgorithm = {
  type: SIGNATURE_TYPE.cosignatureV1,
  name: 'Ed25519 cosignature/v1',
  verify(key, text, signature) {
    const parts = splitTimestamped(signature);
    if (parts === undefined) return false;
    return verifyEd25519(key.publicKey, cosignatureMessage(text, parts.timeSeconds), parts.signature);
  },
};

export const NOTE_ALGORITHMS: readonly NoteAlgorithm[] = [ed25519Notes, cosignaturesV1];
