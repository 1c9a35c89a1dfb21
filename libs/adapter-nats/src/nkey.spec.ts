import { nkeyAuthenticator, nkeys } from '@nats-io/nats-core';
import { userKeyOf } from './nkey';

describe('the key of a bus user', () => {
  it('is what the client makes of the same seed', () => {
    for (let round = 0; round < 40; round += 1) {
      const seed = nkeys.createUser().getSeed();
      const ours = userKeyOf(seed);
      expect(ours.publicKey).toBe(nkeys.fromSeed(seed).getPublicKey());
      for (const nonce of [undefined, '', `nonce ${round}`])
        expect(ours.authenticator(nonce)).toEqual(nkeyAuthenticator(seed)(nonce));
    }
  });

  it.each(['', 'SUAnonsense', 'UAAAA'])('refuses %p', (text) => {
    expect(() => userKeyOf(Buffer.from(text))).toThrow();
  });
});
