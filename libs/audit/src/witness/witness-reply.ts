import { cosignaturesV1 } from '../notes/note-algorithms';
import { parseSignatureLine } from '../notes/signed-note';
import type { NoteSignature } from '../notes/signed-note';
import { splitTimestamped } from '../notes/cosignature-format';
import type { VerifierKey } from '../notes/verifier-key';

/** Something about a witness that a person must hear of. Publishing goes on; hedging never waited for it. */
export interface WitnessAlert {
  readonly code:
    /** No answer, a timeout, or an answer that is none of the protocol's. */
    | 'AUDIT.WITNESS_UNREACHABLE'
    /** The witness says this log is not what it cosigned before. */
    | 'AUDIT.WITNESS_REFUSED_FORK'
    /** The witness holds a larger tree than the log has: the log went back. */
    | 'AUDIT.WITNESS_AHEAD'
    /** It answered 200 with something that is not its cosignature. */
    | 'AUDIT.WITNESS_COSIGNATURE_INVALID'
    /** It does not know this log or its key. */
    | 'AUDIT.WITNESS_NOT_CONFIGURED';
  readonly witness: string;
  readonly message: string;
}

export type WitnessReply =
  | { readonly kind: 'cosigned'; readonly signatures: readonly NoteSignature[] }
  /** Try again with a proof from this size. */
  | { readonly kind: 'prove-from'; readonly size: number }
  | { readonly kind: 'alert'; readonly alert: WitnessAlert };

export interface WitnessHttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** What a log that submitted `body` at `submittedSize`, claiming `oldSize`, makes of the witness's answer. */
export function readWitnessAnswer(
  answer: WitnessHttpAnswer,
  key: VerifierKey,
  submitted: { readonly body: string; readonly size: number; readonly oldSize: number },
): WitnessReply {
  const alert = (code: WitnessAlert['code'], message: string): WitnessReply => ({
    kind: 'alert',
    alert: { code, witness: key.name, message },
  });
  if (answer.status === 200) return readCosignatures(answer.body, key, submitted.body, alert);
  if (answer.status === 409) return readConflict(answer.body, submitted, alert);
  if (answer.status === 422) {
    return alert('AUDIT.WITNESS_REFUSED_FORK', `It found no consistency: ${answer.body.trim()}`);
  }
  if (answer.status === 403 || answer.status === 404) {
    return alert('AUDIT.WITNESS_NOT_CONFIGURED', `It answered ${answer.status}: ${answer.body.trim()}`);
  }
  return alert(
    'AUDIT.WITNESS_UNREACHABLE',
    `It answered ${answer.status}: ${answer.body.trim().slice(0, 200)}`,
  );
}

type Alert = (code: WitnessAlert['code'], message: string) => WitnessReply;

function readCosignatures(text: string, key: VerifierKey, body: string, alert: Alert): WitnessReply {
  const lines = text.split('\n');
  lines.pop();
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = parseSignatureLine(line);
    if (signature?.name !== key.name || signature.keyId !== key.keyId) continue;
    if (!cosignaturesV1.verify(key, body, signature.signature)) {
      return alert('AUDIT.WITNESS_COSIGNATURE_INVALID', 'Its cosignature does not hold.');
    }
    signatures.push(signature);
  }
  if (signatures.length === 0)
    return alert('AUDIT.WITNESS_COSIGNATURE_INVALID', 'It sent no cosignature of its key.');
  return { kind: 'cosigned', signatures };
}

function readConflict(
  text: string,
  submitted: { readonly size: number; readonly oldSize: number },
  alert: Alert,
): WitnessReply {
  const size = /^(0|[1-9]\d*)\n$/.exec(text)?.[1];
  if (size === undefined || !Number.isSafeInteger(Number(size))) {
    return alert('AUDIT.WITNESS_UNREACHABLE', 'It answered 409 without a size.');
  }
  const held = Number(size);
  if (held > submitted.size) {
    return alert('AUDIT.WITNESS_AHEAD', `It cosigned size ${held}; this log stands at ${submitted.size}.`);
  }
  if (held === submitted.oldSize) {
    return alert('AUDIT.WITNESS_REFUSED_FORK', `It cosigned another root of size ${held}.`);
  }
  return { kind: 'prove-from', size: held };
}

/** POSIX seconds of a cosignature, for records and lag metrics. */
export function cosignatureTime(signature: NoteSignature): number | undefined {
  return splitTimestamped(signature.signature)?.timeSeconds;
}
