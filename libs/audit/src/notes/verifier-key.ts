import { assert, fromHex, sha256, toHex, utf8 } from '@evenkeel/kernel';
import { fromBase64, toBase64 } from '../encoding/base64';

/** C2SP signed-note signature types this library knows how to check. */
export const SIGNATURE_TYPE = {
  /** Ed25519 over the note text. */
  ed25519: 0x01,
  /** Timestamped Ed25519 witness cosignature (tlog-cosignature v1). */
  cosignatureV1: 0x04,
} as const;

/** A public key under the name it signs with. The id is a disambiguation, never a proof of anything. */
export interface VerifierKey {
  readonly name: string;
  /** First four bytes of SHA-256(name ‖ "\n" ‖ type ‖ public key), eight hex digits. */
  readonly keyId: string;
  readonly type: number;
  readonly publicKey: Uint8Array;
}

const KEY_ID_BYTES = 4;
const UNICODE_SPACE = /[\s\u0085]/u;

/** A key name has no spaces of any kind, no plus sign and no control characters. */
export function isKeyName(name: string): boolean {
  return name.length > 0 && !UNICODE_SPACE.test(name) && !name.includes('+') && !hasControl(name);
}

function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) < 0x20) return true;
  return false;
}

export function keyIdOf(name: string, type: number, publicKey: Uint8Array): string {
  const lead = utf8(`${name}\n`);
  const input = new Uint8Array(lead.length + 1 + publicKey.length);
  input.set(lead);
  input[lead.length] = type;
  input.set(publicKey, lead.length + 1);
  return toHex(sha256(input).slice(0, KEY_ID_BYTES));
}

export function verifierKey(name: string, type: number, publicKey: Uint8Array): VerifierKey {
  assert(isKeyName(name), `"${name}" can name a key`);
  return { name, type, publicKey, keyId: keyIdOf(name, type, publicKey) };
}

/** `<name>+<key id>+<base64 of type and public key>`. */
export function formatVerifierKey(key: VerifierKey): string {
  return `${key.name}+${key.keyId}+${toBase64(Uint8Array.from([key.type, ...key.publicKey]))}`;
}

const PUBLIC_KEY_BYTES: Readonly<Record<number, number>> = {
  [SIGNATURE_TYPE.ed25519]: 32,
  [SIGNATURE_TYPE.cosignatureV1]: 32,
};

/** Reads a verifier key; `undefined` unless every part is well-formed, the type is known and the id matches. */
export function parseVerifierKey(text: string): VerifierKey | undefined {
  const first = text.indexOf('+');
  const second = text.indexOf('+', first + 1);
  if (first < 1 || second < 0) return undefined;
  const name = text.slice(0, first);
  const keyId = text.slice(first + 1, second);
  const material = fromBase64(text.slice(second + 1));
  const type = material?.[0];
  if (material === undefined || type === undefined || !isKeyName(name)) return undefined;
  if (!/^[0-9a-f]{8}$/.test(keyId) || fromHex(keyId) === undefined) return undefined;
  const publicKey = material.slice(1);
  if (PUBLIC_KEY_BYTES[type] !== publicKey.length) return undefined;
  return keyIdOf(name, type, publicKey) === keyId ? { name, keyId, type, publicKey } : undefined;
}

/** Two keys are one when their bytes are, whatever their names. */
export function sameKey(a: VerifierKey, b: VerifierKey): boolean {
  return formatVerifierKey(a) === formatVerifierKey(b);
}
