import { createRandom, pureHashes, sha256, toHex, uuidV5 } from '@evenkeel/kernel';
import { nativeHashes } from './index';

describe('the hashes of the platform', () => {
  it('are the bytes of the pure ones', () => {
    const random = createRandom('native hashes');
    for (let round = 0; round < 500; round += 1) {
      const bytes = Uint8Array.from({ length: random.integer(300) }, () => random.integer(256));
      const streamed = nativeHashes.createSha256().update(bytes.subarray(0, 7)).update(bytes.subarray(7));
      const pure = toHex(pureHashes.sha256(bytes));
      expect(toHex(nativeHashes.sha256(bytes))).toBe(pure);
      expect(toHex(streamed.digest())).toBe(pure);
      expect(nativeHashes.sha1(bytes)).toBe(pureHashes.sha1(bytes));
    }
  });

  it('are those that the kernel uses once they are loaded', () => {
    const spy = jest.spyOn(nativeHashes, 'sha256');
    const sha1 = jest.spyOn(nativeHashes, 'sha1');
    sha256(new Uint8Array(3));
    expect(uuidV5('evenkeel ⚖')).toBe('8bdf81ae-8520-53e6-b54c-8bec916f2afb');
    expect([spy.mock.calls.length, sha1.mock.calls.length]).toEqual([1, 1]);
  });
});
