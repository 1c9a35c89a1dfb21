import { SIGNATURE_TYPE, openNote, parseNote, parseVerifierKey, readProviderToken } from '@evenkeel/audit';
import { NANOS_PER_SECOND, failure, success, tryParseInstant } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import type { Enrolment, Evidence } from './events';
import { statementHash, statementText } from './statement';
import type { Statement } from './statement';

/** A token is asked for with the statement's hash, so it is made after the statement; people take some minutes. */
const TOKEN_DELAY_MAX_S = 900n;

/**
 * Whether the evidence shows that this identity made exactly this statement. Fails with `GOVERNANCE.EVIDENCE_INVALID`.
 * `provider`: whoever is enrolled under the issuer of a token, whose keys must have signed it.
 */
export function verifyEvidence(
  enrolment: Enrolment,
  statement: Statement,
  evidence: Evidence,
  provider: Enrolment | undefined,
): Result<Statement> {
  if (evidence.method === 'token') {
    const problem = tokenProblem(statement, evidence, provider);
    if (problem !== undefined) return invalid(problem);
    const enrolled = enrolment.credentials.some(
      ({ issuer, subject }) => issuer === evidence.issuer && subject === evidence.subject,
    );
    if (!enrolled) return invalid(`the token is not of an account enrolled for ${enrolment.identity}`);
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

/** Why a token shows nothing. Everything that it says is read from what the provider signed. */
function tokenProblem(
  statement: Statement,
  { issuer, subject, statementHash: hash, token }: Extract<Evidence, { method: 'token' }>,
  provider: Enrolment | undefined,
): string | undefined {
  const credentials = provider?.credentials ?? [];
  const read = readProviderToken(
    token,
    credentials.flatMap(({ jwk }) => jwk ?? []),
  );
  if (read === undefined) return `no key that is enrolled for ${issuer} signed the token`;
  if (read.issuer !== issuer || read.subject !== subject) return 'the token is of another account';
  if (hash !== statementHash(statement) || read.nonce !== hash)
    return 'the token is bound to another statement';
  if (!credentials.some(({ audience }) => audience !== undefined && read.audience.includes(audience)))
    return 'the token is for somebody else';
  const said = (tryParseInstant(statement.at) ?? 0n) / NANOS_PER_SECOND;
  const delay = BigInt(Math.trunc(read.issuedAt)) - said;
  if (delay < -TOKEN_DELAY_MAX_S || delay > TOKEN_DELAY_MAX_S || read.expiresAt <= read.issuedAt)
    return 'the token was made at another time';
  return undefined;
}

function invalid(why: string): Result<never> {
  return failure('GOVERNANCE.EVIDENCE_INVALID', `The statement is not shown to be theirs: ${why}`);
}
