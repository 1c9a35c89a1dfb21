import { SIGNATURE_TYPE, openNote, parseNote, parseVerifierKey } from '@evenkeel/audit';
import { failure, success } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import type { Enrolment, Evidence } from './events';
import { statementHash, statementText } from './statement';
import type { Statement } from './statement';

/**
 * Whether the evidence shows that this identity made exactly this statement. Fails with `GOVERNANCE.EVIDENCE_INVALID`.
 * A token's own signature was checked at the edge; here it must belong to the identity and carry the statement's hash.
 */
export function verifyEvidence(
  enrolment: Enrolment,
  statement: Statement,
  evidence: Evidence,
): Result<Statement> {
  if (evidence.method === 'token') {
    const enrolled = enrolment.credentials.some(
      ({ issuer, subject }) => issuer === evidence.issuer && subject === evidence.subject,
    );
    if (!enrolled) return invalid(`the token is not of an account enrolled for ${enrolment.identity}`);
    if (evidence.statementHash !== statementHash(statement))
      return invalid('the token is bound to another statement');
    return success(statement);
  }
  const note = parseNote(evidence.note);
  if (!note.ok) return invalid(note.failure.message);
  if (note.value.text !== statementText(statement)) return invalid('the signed text is another statement');
  const keys = enrolment.credentials.flatMap(({ key }) => {
    const parsed = key === undefined ? undefined : parseVerifierKey(key);
    return parsed?.name === enrolment.identity && parsed.type === SIGNATURE_TYPE.ed25519 ? [parsed] : [];
  });
  const opened = openNote(note.value, keys);
  return opened.ok ? success(statement) : invalid(opened.failure.message);
}

function invalid(why: string): Result<never> {
  return failure('GOVERNANCE.EVIDENCE_INVALID', `The statement is not shown to be theirs: ${why}`);
}
