import { existsSync, readFileSync } from 'node:fs';
import { toHex } from '@evenkeel/kernel';
import { parsePublicKey } from '@evenkeel/signing-keys';

/** Desk keys as they are given, 64 hex digits each, or the file of one. */
export function deskKeysOf(given: readonly string[]): readonly string[] {
  return given.map((text) => {
    const key = existsSync(text) ? readFileSync(text, 'utf8') : text;
    return toHex(parsePublicKey(key, '--desk-key'));
  });
}
