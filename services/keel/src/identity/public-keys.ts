import { existsSync, readFileSync } from 'node:fs';
import { toHex } from '@evenkeel/kernel';
import { parsePublicKey } from '@evenkeel/signing-keys';

/** Public keys as a person gives them, 64 hex digits each, or the file of one. */
export function publicKeysOf(given: readonly string[], option = '--desk-key'): readonly string[] {
  return given.map((text) => {
    const key = existsSync(text) ? readFileSync(text, 'utf8') : text;
    return toHex(parsePublicKey(key, option));
  });
}
