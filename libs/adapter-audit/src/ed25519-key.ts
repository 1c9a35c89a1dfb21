import { createPrivateKey, sign } from 'node:crypto';
import { SIGNATURE_TYPE, verifierKey } from '@evenkeel/audit';
import type { SigningPort } from '@evenkeel/audit';
import { generateKeyPem, publicKeyBytes } from '@evenkeel/signing-keys';
import { EvenkeelError } from '@evenkeel/kernel';
import { readIfPresent, writeDurably } from './durable-file';

/**
 * Signs with a PKCS #8 PEM private key through OpenSSL. The private half never leaves this closure; checking is done
 * by the pure verifier, so a browser agrees with the server.
 */
export function signerFromPem(name: string, pem: string, use: 'notes' | 'cosignatures'): SigningPort {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new EvenkeelError({
      code: 'AUDIT.KEY_UNSUITABLE',
      message: `The key of ${name} is ${key.asymmetricKeyType ?? 'of no known kind'}; checkpoints are signed with Ed25519.`,
    });
  }
  const type = use === 'notes' ? SIGNATURE_TYPE.ed25519 : SIGNATURE_TYPE.cosignatureV1;
  return {
    key: verifierKey(name, type, publicKeyBytes(key)),
    sign: (message) => Promise.resolve(Uint8Array.from(sign(null, message, key))),
  };
}

/** The signer of a key file, made on first use (development); readable by its owner only. */
export function signerFromFile(name: string, path: string, use: 'notes' | 'cosignatures'): SigningPort {
  const present = readIfPresent(path);
  const pem = present?.toString('utf8') ?? generateKeyPem();
  if (present === undefined) writeDurably(path, pem);
  return signerFromPem(name, pem, use);
}
