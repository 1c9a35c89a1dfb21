import type { Evidence } from '@evenkeel/governance';
import { EvenkeelError, failure, success } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import type { JSONWebKeySet, JWTPayload } from 'jose';

export interface TokenTrust {
  readonly issuer: string;
  readonly audience: string;
  /** The provider's published keys, as fetched and kept by the host. */
  readonly keys: JSONWebKeySet;
  /** Signature algorithms accepted; never `none`, never a shared secret. */
  readonly algorithms?: readonly string[];
  /** Tolerated difference of clocks, seconds. Default 5. */
  readonly leewaySeconds?: number;
  /** A token older than this is no statement made now, seconds. Default 600. */
  readonly ageMaxSeconds?: number;
}

export interface TokenIdentity {
  readonly issuer: string;
  readonly subject: string;
  /** The nonce the token was asked for with; a statement's hash when it approves something. */
  readonly nonce: string | undefined;
  readonly expiresAt: number;
}

const ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256', 'ES384', 'PS256', 'RS256'] as const;

/**
 * Checks a compact JWT: signature by one of the issuer's keys, issuer, audience, expiry, age. `now` in POSIX seconds.
 * Fails with `AUDIT.TOKEN_INVALID`.
 */
export async function verifyToken(
  token: string,
  trust: TokenTrust,
  now: number,
): Promise<Result<TokenIdentity>> {
  const algorithms = [...(trust.algorithms ?? ALGORITHMS)];
  if (algorithms.some((name) => name === 'none' || name.startsWith('HS'))) {
    throw new EvenkeelError({
      code: 'AUDIT.TOKEN_ALGORITHM',
      message: 'Tokens are accepted by public keys only.',
    });
  }
  try {
    // An ES module: loaded when first needed, so that a host that never sees a token never loads it.
    const { createLocalJWKSet, jwtVerify } = await import('jose');
    const { payload } = await jwtVerify(token, createLocalJWKSet(trust.keys), {
      issuer: trust.issuer,
      audience: trust.audience,
      algorithms,
      clockTolerance: trust.leewaySeconds ?? 5,
      maxTokenAge: trust.ageMaxSeconds ?? 600,
      requiredClaims: ['sub', 'exp', 'iat'],
      currentDate: new Date(now * 1000),
    });
    return identityOf(payload);
  } catch (error) {
    return failure(
      'AUDIT.TOKEN_INVALID',
      `The token is refused: ${error instanceof Error ? error.message : 'unreadable'}.`,
    );
  }
}

function identityOf(payload: JWTPayload): Result<TokenIdentity> {
  const { iss, sub, exp } = payload;
  const nonce = payload['nonce'];
  if (iss === undefined || sub === undefined || exp === undefined) {
    return failure('AUDIT.TOKEN_INVALID', 'The token is refused: issuer, subject or expiry is missing.');
  }
  return success({
    issuer: iss,
    subject: sub,
    expiresAt: exp,
    nonce: typeof nonce === 'string' ? nonce : undefined,
  });
}

/**
 * The governance evidence in a token that was asked for with the hash of a statement as its nonce: the identity
 * provider's signature then covers exactly that statement. Fails with `AUDIT.TOKEN_INVALID`.
 */
export async function evidenceFromToken(
  token: string,
  trust: TokenTrust,
  now: number,
): Promise<Result<Extract<Evidence, { method: 'token' }>>> {
  const identity = await verifyToken(token, trust, now);
  if (!identity.ok) return identity;
  const { issuer, subject, nonce } = identity.value;
  if (nonce === undefined || !/^[0-9a-f]{64}$/.test(nonce)) {
    return failure('AUDIT.TOKEN_INVALID', 'The token is bound to no statement: its nonce is not a SHA-256.');
  }
  return success({ method: 'token', issuer, subject, statementHash: nonce, token });
}
