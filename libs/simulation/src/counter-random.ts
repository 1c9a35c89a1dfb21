import { sha256, utf8 } from '@evenkeel/kernel';
import type { RandomKey } from '@evenkeel/pricing';

/** The key of a seed: the first eight bytes of its SHA-256. */
export function randomKey(seed: string): RandomKey {
  const digest = sha256(utf8(seed));
  const word = (at: number): number =>
    ((digest[at] ?? 0) << 24) |
    ((digest[at + 1] ?? 0) << 16) |
    ((digest[at + 2] ?? 0) << 8) |
    (digest[at + 3] ?? 0);
  return { first: word(0), second: word(4) };
}
