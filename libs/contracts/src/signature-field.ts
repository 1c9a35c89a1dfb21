import type { CommitSignature } from '@evenkeel/eventing';
import { assert, sha256 } from '@evenkeel/kernel';

const KEY_ID_BYTES = 16;
const SIGNATURE_BYTES = 64;
/** Field 2047 of the envelope, and the two fields inside it: each length-delimited, each of one length. */
const BEFORE_KEY_ID = [0xfa, 0x7f, 2 + KEY_ID_BYTES + 2 + SIGNATURE_BYTES, 0x0a, KEY_ID_BYTES];
const BEFORE_VALUE = [0x12, SIGNATURE_BYTES];
const VALUE_AT = BEFORE_KEY_ID.length + KEY_ID_BYTES + BEFORE_VALUE.length;
const FIELD_BYTES = VALUE_AT + SIGNATURE_BYTES;

/** Names a public key: the first 16 bytes of its SHA-256. */
export function keyIdOf(publicKey: Uint8Array): Uint8Array {
  return sha256(publicKey).slice(0, KEY_ID_BYTES);
}

/** An envelope's bytes with the signature behind them, as the Protobuf encoding of its last field. */
export function withSignature(body: Uint8Array, { keyId, value }: CommitSignature): Uint8Array {
  assert(
    keyId.length === KEY_ID_BYTES && value.length === SIGNATURE_BYTES,
    'a signature has its fixed shape',
  );
  const bytes = new Uint8Array(body.length + FIELD_BYTES);
  bytes.set(body);
  bytes.set(BEFORE_KEY_ID, body.length);
  bytes.set(keyId, body.length + BEFORE_KEY_ID.length);
  bytes.set(BEFORE_VALUE, body.length + VALUE_AT - BEFORE_VALUE.length);
  bytes.set(value, body.length + VALUE_AT);
  return bytes;
}

/**
 * Takes published bytes apart: what was signed, and the signature at the end, if there is one. By length alone, so that
 * there is one way to read them; a signature in any other shape or place is left in the body, where it is refused.
 */
export function splitSignature(bytes: Uint8Array): {
  readonly body: Uint8Array;
  readonly signature?: CommitSignature;
} {
  const at = bytes.length - FIELD_BYTES;
  const holds = (expected: readonly number[], from: number): boolean =>
    expected.every((byte, index) => bytes[from + index] === byte);
  if (at < 0 || !holds(BEFORE_KEY_ID, at) || !holds(BEFORE_VALUE, at + VALUE_AT - BEFORE_VALUE.length))
    return { body: bytes };
  const keyIdAt = at + BEFORE_KEY_ID.length;
  // Copies: what was read may be a view into a larger buffer.
  const keyId = new Uint8Array(bytes.subarray(keyIdAt, keyIdAt + KEY_ID_BYTES));
  const value = new Uint8Array(bytes.subarray(at + VALUE_AT));
  return { body: bytes.subarray(0, at), signature: { keyId, value } };
}
