import fc from 'fast-check';
import { leafHashOf } from '@evenkeel/audit';
import { sha256, toHex } from '@evenkeel/kernel';
import { leafOf } from './leaf';
import { nativeHex, nativeSha256 } from './native-hash';

const SEED = 20260105;

describe('hashing by the platform', () => {
  it('gives the bytes of the kernel and the leaves of libs/audit', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string({ unit: 'grapheme' }), fc.nat(), (bytes, epoch, seq) => {
        const hash = nativeSha256(bytes);
        expect(toHex(hash)).toBe(toHex(sha256(bytes)));
        expect(nativeHex(hash)).toBe(toHex(hash));
        const leaf = leafHashOf({ epoch, seq, commitHash: toHex(hash) });
        expect(toHex(leafOf(epoch, seq, hash))).toBe(toHex(leaf));
      }),
      { seed: SEED },
    );
  });
});
