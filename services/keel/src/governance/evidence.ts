import { readFileSync } from 'node:fs';
import { formatNote, signText } from '@evenkeel/audit';
import { evidenceFromToken } from '@evenkeel/adapter-audit';
import { statementHash, statementText } from '@evenkeel/governance';
import type { Evidence, Statement } from '@evenkeel/governance';
import { EvenkeelError, InvalidInputError } from '@evenkeel/kernel';
import type { Roster } from './roster';

export interface EvidenceOptions {
  readonly roster: Roster;
  /** File with an identity provider's token whose nonce is the statement's hash; a local key signs otherwise. */
  readonly token?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** POSIX seconds. */
  readonly now: number;
}

/** Has a person make a statement: by a local key, or by a token asked for with its hash as nonce. */
export async function evidenceFor(statement: Statement, options: EvidenceOptions): Promise<Evidence> {
  const { roster, token, now, environment = process.env } = options;
  if (token === undefined) {
    const text = statementText(statement);
    const signature = await signText(text, roster.signerOf(statement.by));
    return { method: 'note', note: formatNote({ text, signatures: [signature] }) };
  }
  const { EK_OIDC_ISSUER: issuer, EK_OIDC_AUDIENCE: audience, EK_OIDC_JWKS: jwks } = environment;
  if (issuer === undefined || audience === undefined || jwks === undefined) {
    throw new InvalidInputError('the environment', [
      {
        path: 'EK_OIDC_ISSUER, EK_OIDC_AUDIENCE, EK_OIDC_JWKS',
        message:
          'are needed with --token: the provider, who the token is for, and a file with its public keys',
      },
    ]);
  }
  const keys = JSON.parse(readFileSync(jwks, 'utf8')) as { keys: [] }; // a JWK set; what is none is refused with the token
  const evidence = await evidenceFromToken(
    readFileSync(token, 'utf8').trim(),
    { issuer, audience, keys },
    now,
  );
  if (!evidence.ok) throw new EvenkeelError(evidence.failure);
  if (evidence.value.statementHash !== statementHash(statement)) {
    throw new EvenkeelError({
      code: 'GOVERNANCE.EVIDENCE_INVALID',
      message:
        'the token was asked for with another nonce than the hash of this statement (--statement prints it)',
    });
  }
  return evidence.value;
}
