import { createRandom, sha256, toHex } from '@evenkeel/kernel';
import { nativeSha256 } from './native-hasher';

describe('the native SHA-256', () => {
  it('gives the bytes of the pure one', () => {
    const random = createRandom('native sha256');
    for (let round = 0; round < 500; round += 1) {
      const bytes = Uint8Array.from({ length: random.integer(300) }, () => random.integer(256));
      expect(toHex(nativeSha256(bytes))).toBe(toHex(sha256(bytes)));
    }
  });
});
