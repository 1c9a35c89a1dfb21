import { demonstrationMarket } from '@evenkeel/market';
import { multiGreekEvidence } from './multi-greek-evidence';

describe('evidence for the joint hedge', () => {
  it('is no figure at all where no chain could be compared', () => {
    const { tape, book } = demonstrationMarket('nothing to compare', 1);
    const policy = {
      kind: 'multi-greek',
      riskAversion: '0.0001',
      horizon: 'P1D',
      model: { volatilityHorizon: 'P7D' },
    };
    const file = { ...book, hedge: { ...book.hedge, policy } };
    const looking = (): unknown =>
      multiGreekEvidence({ tape, book: { file, source: 'the demonstration book' }, policy, every: 200 });
    expect(looking).toThrow(/nothing was compared: of \d+ chains of the tape 1 was looked at/);
  });
});
