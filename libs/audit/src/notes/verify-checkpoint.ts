import { failure, success } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { parseCheckpoint } from './checkpoint';
import type { Checkpoint } from './checkpoint';
import { splitTimestamped } from './cosignature-format';
import { keysAt } from './keyring';
import type { Keyring } from './keyring';
import { openNote } from './open-note';
import { parseNote } from './signed-note';
import type { VerifierKey } from './verifier-key';
import { describeQuorum, quorumMet } from './witness-quorum';
import type { WitnessQuorum } from './witness-quorum';

/** Whom a verifier believes: the log's keys, the witnesses it knows, and how many of them it asks for. */
export interface TrustPolicy {
  readonly log: Keyring;
  readonly witnesses: readonly VerifierKey[];
  /** Who must have cosigned, or how many distinct witness keys; 0 asks for none. */
  readonly witnessQuorum: WitnessQuorum;
}

export interface WitnessStatement {
  readonly witness: string;
  /** When the witness says it saw this as the largest consistent tree, POSIX seconds. */
  readonly timeSeconds: number;
}

export interface VerifiedCheckpoint {
  readonly checkpoint: Checkpoint;
  /** The note text: what was signed. */
  readonly body: string;
  readonly signedBy: readonly VerifierKey[];
  readonly witnessed: readonly WitnessStatement[];
  /** Signers no key is held of. */
  readonly unknown: readonly string[];
}

/**
 * Reads a checkpoint note and judges it: the origin is the log's, a log key in office at its size signed it, no
 * known signature fails, and enough distinct witnesses cosigned. Fails with `AUDIT.ORIGIN_UNEXPECTED`,
 * `AUDIT.SIGNATURE_*`, `AUDIT.WITNESSES_TOO_FEW` or the codes of malformed text.
 */
export function verifyCheckpoint(noteText: string, trust: TrustPolicy): Result<VerifiedCheckpoint> {
  const note = parseNote(noteText);
  if (!note.ok) return note;
  const parsed = parseCheckpoint(note.value.text);
  if (!parsed.ok) return parsed;
  const checkpoint = parsed.value;
  if (checkpoint.origin !== trust.log.origin) {
    return failure(
      'AUDIT.ORIGIN_UNEXPECTED',
      `The checkpoint is of ${checkpoint.origin}, not ${trust.log.origin}.`,
    );
  }
  const logKeys = keysAt(trust.log, checkpoint.size);
  const opened = openNote(note.value, [...logKeys, ...trust.witnesses]);
  if (!opened.ok) return opened;
  const signedBy = opened.value.verified.map((one) => one.key).filter((key) => logKeys.includes(key));
  if (signedBy.length === 0) {
    return failure(
      'AUDIT.SIGNATURE_MISSING',
      'No key of the log in office at this size signed the checkpoint.',
    );
  }
  const witnessed: WitnessStatement[] = [];
  const cosigners: VerifierKey[] = [];
  for (const { key, signature } of opened.value.verified) {
    const stamped = trust.witnesses.includes(key) ? splitTimestamped(signature.signature) : undefined;
    if (stamped === undefined) continue;
    witnessed.push({ witness: key.name, timeSeconds: stamped.timeSeconds });
    cosigners.push(key);
  }
  if (!quorumMet(trust.witnessQuorum, cosigners)) {
    return failure(
      'AUDIT.WITNESSES_TOO_FEW',
      `The checkpoint of size ${checkpoint.size} is cosigned by ${cosigners.map((key) => key.name).join(', ') || 'no known witness'}; asked for: ${describeQuorum(trust.witnessQuorum)}.`,
    );
  }
  return success({ checkpoint, body: note.value.text, signedBy, witnessed, unknown: opened.value.unknown });
}
