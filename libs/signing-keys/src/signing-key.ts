import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** A private key in use; the private half never leaves the closure. */
export interface SigningKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 64 bytes; the same message gives the same signature. */
  sign(message: Uint8Array): Uint8Array;
}

/** A fresh Ed25519 private key as PKCS #8 PEM. */
export function generateKeyPem(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

export function publicKeyBytes(key: KeyObject): Uint8Array {
  const jwk = createPublicKey(key).export({ format: 'jwk' });
  return Uint8Array.from(Buffer.from(jwk.x ?? '', 'base64url'));
}

/** Signs through OpenSSL with a PKCS #8 PEM private key; undefined where the text is no Ed25519 key. */
export function signingKeyOf(pem: string): SigningKey | undefined {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    return undefined;
  }
  if (key.asymmetricKeyType !== 'ed25519') return undefined;
  return {
    publicKey: publicKeyBytes(key),
    // A copy: what OpenSSL gives back is a view into a buffer that others use too.
    sign: (message) => Uint8Array.from(sign(null, message, key)),
  };
}
