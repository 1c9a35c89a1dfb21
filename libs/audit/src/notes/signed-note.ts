import { failure, fromHex, success, toHex } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { fromBase64, toBase64 } from '../encoding/base64';
import { isKeyName } from './verifier-key';

export interface NoteSignature {
  readonly name: string;
  /** Eight hex digits. */
  readonly keyId: string;
  readonly signature: Uint8Array;
}

/** C2SP signed note: a text ending in a newline, and who signed it. */
export interface SignedNote {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const DASH = '\u2014';
const KEY_ID_BYTES = 4;
/** Beyond this a note is refused unread; the specification asks for at least 16. */
export const NOTE_SIGNATURES_MAX = 100;
export const NOTE_LENGTH_MAX = 1_000_000;

/** `— <name> <base64(key id ‖ signature)>` and a newline. */
export function signatureLine(signature: NoteSignature): string {
  const bytes = new Uint8Array(KEY_ID_BYTES + signature.signature.length);
  bytes.set(fromHex(signature.keyId) ?? new Uint8Array(KEY_ID_BYTES));
  bytes.set(signature.signature, KEY_ID_BYTES);
  return `${DASH} ${signature.name} ${toBase64(bytes)}\n`;
}

/** Reads one signature line without its newline. */
export function parseSignatureLine(line: string): NoteSignature | undefined {
  const parts = line.split(' ');
  const [dash, name, encoded] = parts;
  if (parts.length !== 3 || dash !== DASH || name === undefined || encoded === undefined) return undefined;
  const bytes = fromBase64(encoded);
  if (!isKeyName(name) || bytes === undefined || bytes.length <= KEY_ID_BYTES) return undefined;
  return { name, keyId: toHex(bytes.slice(0, KEY_ID_BYTES)), signature: bytes.slice(KEY_ID_BYTES) };
}

export function formatNote(note: SignedNote): string {
  return `${note.text}\n${note.signatures.map(signatureLine).join('')}`;
}

/**
 * Reads a signed note without judging its signatures. Fails with `AUDIT.NOTE_MALFORMED`. What it accepts,
 * `formatNote` writes back byte for byte.
 */
export function parseNote(text: string): Result<SignedNote> {
  if (text.length > NOTE_LENGTH_MAX) return malformed('it is too long');
  if (hasForbiddenCharacter(text)) return malformed('it has a control character');
  const split = text.lastIndexOf('\n\n');
  if (split < 0) return malformed('it has no empty line before the signatures');
  const body = text.slice(0, split + 1);
  const lines = text.slice(split + 2).split('\n');
  if (lines.pop() !== '' || lines.length === 0)
    return malformed('its last line is not a signature with a newline');
  if (lines.length > NOTE_SIGNATURES_MAX)
    return malformed(`it has more than ${NOTE_SIGNATURES_MAX} signatures`);
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = parseSignatureLine(line);
    if (signature === undefined) return malformed(`"${line.slice(0, 60)}" is not a signature line`);
    signatures.push(signature);
  }
  return success({ text: body, signatures });
}

function malformed(why: string): Result<never> {
  return failure('AUDIT.NOTE_MALFORMED', `This is not a signed note: ${why}.`);
}

function hasForbiddenCharacter(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if ((code < 0x20 && code !== 0x0a) || code === 0xfffd) return true;
  }
  return false;
}
