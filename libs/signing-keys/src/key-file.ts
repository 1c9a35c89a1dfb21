import { chmodSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '@evenkeel/config';
import { InvalidInputError, fromHex } from '@evenkeel/kernel';
import { generateKeyPem, signingKeyOf } from './signing-key';
import type { SigningKey } from './signing-key';

const OTHERS = 0o007;

/** The signing key of a file. Throws `InvalidInputError` naming it where it is none, or where everybody may read it. */
export function keyFile(path: string, setting: string): SigningKey {
  const problem = (message: string): InvalidInputError => new InvalidInputError(setting, [{ path, message }]);
  if (!existsSync(path)) throw problem('does not exist');
  if ((statSync(path).mode & OTHERS) !== 0) throw problem('can be read by everybody: chmod 600');
  const key = signingKeyOf(readFileSync(path, 'utf8'));
  if (key === undefined) throw problem('is not an Ed25519 private key (PKCS #8 PEM)');
  return key;
}

/** The signing key of a file, made on first use; readable by its owner only. */
export function madeIfMissing(path: string): SigningKey {
  if (!existsSync(path)) {
    makeFolder(dirname(path), 0o700);
    const beside = `${path}.${process.pid}`;
    writeFileSync(beside, generateKeyPem(), { mode: 0o600 });
    chmodSync(beside, 0o600);
    renameSync(beside, path);
  }
  return keyFile(path, 'a signing key');
}

/** A public key as 64 hex digits. Throws `InvalidInputError` naming the setting. */
export function parsePublicKey(text: string, setting: string): Uint8Array {
  const bytes = fromHex(text.trim());
  if (bytes?.length === 32) return bytes;
  throw new InvalidInputError(setting, [{ path: 'key', message: 'is not a public key: 64 hex digits' }]);
}
