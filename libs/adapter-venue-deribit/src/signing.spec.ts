import { Credentials } from '@evenkeel/venue-wire';
import { deribitAuth } from './signing';

describe('the signature of a login', () => {
  it('agrees with the example in Deribit’s documentation', () => {
    const auth = deribitAuth(new Credentials('AMANDA', 'AMANDASECRECT'), 1576074319000, '1iqt2wls');
    expect(auth['signature']).toBe('56590594f97921b09b18f166befe0d1319b198bbcdad7ca73382de2f88fe9aa1');
  });
});
