import { failure, success } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { NOTE_ALGORITHMS } from './note-algorithms';
import type { NoteAlgorithm } from './note-algorithms';
import type { NoteSignature, SignedNote } from './signed-note';
import type { VerifierKey } from './verifier-key';

export interface VerifiedSignature {
  readonly key: VerifierKey;
  readonly signature: NoteSignature;
}

export interface OpenedNote {
  readonly text: string;
  /** In the order of the note; each key once. */
  readonly verified: readonly VerifiedSignature[];
  /** Names of signers we hold no key of: neither trusted nor a reason to refuse. */
  readonly unknown: readonly string[];
}

/**
 * Checks a note against the keys one trusts (signed-note § Signatures): unknown signers are passed over, a known
 * signer whose signature does not hold refuses the whole note (`AUDIT.SIGNATURE_INVALID`), and so does a note that
 * no known key signed (`AUDIT.SIGNATURE_MISSING`).
 */
export function openNote(
  note: SignedNote,
  keys: readonly VerifierKey[],
  algorithms: readonly NoteAlgorithm[] = NOTE_ALGORITHMS,
): Result<OpenedNote> {
  const verified: VerifiedSignature[] = [];
  const unknown: string[] = [];
  const seen = new Set<string>();
  for (const signature of note.signatures) {
    const candidates = keys.filter((key) => key.name === signature.name && key.keyId === signature.keyId);
    const key = candidates[0];
    const algorithm = algorithms.find((known) => known.type === key?.type);
    if (key === undefined || algorithm === undefined) {
      unknown.push(signature.name);
      continue;
    }
    if (candidates.length > 1) {
      return failure(
        'AUDIT.KEY_AMBIGUOUS',
        `Two trusted keys share the name ${key.name} and the id ${key.keyId}.`,
      );
    }
    if (!algorithm.verify(key, note.text, signature.signature)) {
      return failure(
        'AUDIT.SIGNATURE_INVALID',
        `The signature of ${key.name} (key ${key.keyId}) does not hold.`,
      );
    }
    const label = `${key.name}+${key.keyId}`;
    if (!seen.has(label)) verified.push({ key, signature });
    seen.add(label);
  }
  if (verified.length === 0) {
    return failure('AUDIT.SIGNATURE_MISSING', 'None of the trusted keys signed this note.');
  }
  return success({ text: note.text, verified, unknown });
}
