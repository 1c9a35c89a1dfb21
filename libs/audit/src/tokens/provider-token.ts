import { p256 } from '@noble/curves/p256';
import { sameBytes, sha256, utf8 } from '@evenkeel/kernel';
import { fromBase64 } from '../encoding/base64';
import { textOf } from '../encoding/utf8-text';
import { verifyEd25519 } from '../notes/note-algorithms';

/** What an identity provider's token says, once one of its keys is shown to have signed it. */
export interface ProviderToken {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: readonly string[];
  readonly nonce: string;
  /** POSIX seconds. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a compact JWT and checks its signature by the key that it names: EdDSA, ES256 or RS256. Pure, so that it can be checked
 * again by anybody, years later. `keys`: JWKs as JSON. `undefined` for whatever is not shown to be the provider's.
 */
export function readProviderToken(token: string, keys: readonly string[]): ProviderToken | undefined {
  const [head = '', body = '', seal = '', ...rest] = token.split('.');
  const header = fieldsOf(head);
  const claims = fieldsOf(body);
  const signature = fromBase64Url(seal);
  if (rest.length > 0 || header === undefined || claims === undefined || signature === undefined)
    return undefined;
  const signed = utf8(`${head}.${body}`);
  const named = keys.map(parsed).filter((key) => key !== undefined && key['kid'] === header['kid']);
  if (!named.some((key) => key !== undefined && holds(header['alg'], key, signed, signature)))
    return undefined;
  return toToken(claims);
}

function toToken({ iss, sub, aud, nonce, iat, exp }: Fields): ProviderToken | undefined {
  if (typeof iss !== 'string' || typeof sub !== 'string' || typeof nonce !== 'string') return undefined;
  if (typeof iat !== 'number' || typeof exp !== 'number') return undefined;
  const audience = (Array.isArray(aud) ? aud : [aud]).filter((one) => typeof one === 'string');
  return { issuer: iss, subject: sub, audience, nonce, issuedAt: iat, expiresAt: exp };
}

function holds(algorithm: unknown, key: Fields, message: Uint8Array, signature: Uint8Array): boolean {
  const part = (name: string): Uint8Array | undefined => {
    const value = key[name];
    return typeof value === 'string' ? fromBase64Url(value) : undefined;
  };
  const [x, y, n, e] = [part('x'), part('y'), part('n'), part('e')];
  if (algorithm === 'EdDSA' && key['crv'] === 'Ed25519' && x !== undefined)
    return verifyEd25519(x, message, signature);
  if (algorithm === 'ES256' && key['crv'] === 'P-256' && x !== undefined && y !== undefined)
    return verifyP256(x, y, message, signature);
  if (algorithm === 'RS256' && key['kty'] === 'RSA' && n !== undefined && e !== undefined)
    return verifyRsa(n, e, message, signature);
  return false;
}

function verifyP256(x: Uint8Array, y: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (x.length !== 32 || y.length !== 32 || signature.length !== 64) return false;
  try {
    const point = new Uint8Array([4, ...x, ...y]);
    return p256.verify(signature, sha256(message), point, { lowS: false });
  } catch {
    // A point that is not on the curve is a signature that does not hold.
    return false;
  }
}

/** DER of the algorithm's name before a SHA-256 (RFC 8017 § 9.2). */
const SHA256_PREFIX = [48, 49, 48, 13, 6, 9, 96, 134, 72, 1, 101, 3, 4, 2, 1, 5, 0, 4, 32];
const RSA_BYTES_MIN = 256;
const RSA_BYTES_MAX = 1024;

/** RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 § 8.2.2). */
function verifyRsa(n: Uint8Array, e: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const size = n.length;
  if (size < RSA_BYTES_MIN || size > RSA_BYTES_MAX || e.length > 4 || signature.length !== size) return false;
  const modulus = numberOf(n);
  const sealed = numberOf(signature);
  if (sealed >= modulus) return false;
  let opened = power(sealed, numberOf(e), modulus);
  const bytes = new Uint8Array(size);
  for (let at = size - 1; at >= 0; at -= 1) {
    bytes[at] = Number(opened & 255n);
    opened >>= 8n;
  }
  const tail = [...SHA256_PREFIX, ...sha256(message)];
  const padding = new Array<number>(size - tail.length - 3).fill(255);
  return sameBytes(bytes, new Uint8Array([0, 1, ...padding, 0, ...tail]));
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function fieldsOf(part: string): Fields | undefined {
  const bytes = fromBase64Url(part);
  const text = bytes === undefined ? undefined : textOf(bytes);
  return text === undefined ? undefined : parsed(text);
}

function parsed(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Fields)
      : undefined;
  } catch {
    return undefined;
  }
}

function fromBase64Url(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return undefined;
  const standard = text.replace(/-/g, '+').replace(/_/g, '/');
  return fromBase64(standard.padEnd(Math.ceil(standard.length / 4) * 4, '='));
}
