import { join } from 'node:path';
import type { MultiGreekEvidence } from '@evenkeel/lab';
import { itWithSharedData, sharedDir } from '@evenkeel/testkit';
import { main } from '../main';

const TAPE = 'data/crypto-options-2026-01/tape-btc-eth.json';

describe('keel lab evidence multi-greek', () => {
  itWithSharedData(TAPE)(
    'hedges the recorded desk book for less than a greedy delta-then-vega hedge, at no more residual risk, on every chain tried',
    async () => {
      const shared = sharedDir() ?? '';
      const written = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
      let text: string;
      try {
        await main([
          'node',
          'keel',
          'lab',
          'evidence',
          'multi-greek',
          ...['--tape', join(shared, TAPE), '--book', join(shared, 'books/btc-eth-desk.json')],
          ...['--every', '30', '--json'],
        ]);
        text = written.mock.calls.map(([chunk]) => String(chunk)).join('');
      } finally {
        written.mockRestore();
      }
      // What the command prints with --json.
      const { rows, cheaper, mostRisk, costJoint, costGreedy } = JSON.parse(text) as MultiGreekEvidence;
      expect(rows.length).toBeGreaterThanOrEqual(3);
      expect(cheaper).toBe(rows.length);
      expect(mostRisk).toBeLessThanOrEqual(1);
      // All 111 chains: 75.6 %.
      expect(costJoint / costGreedy).toBeLessThan(0.9);
      for (const { joint, greedy, riskBefore } of rows) {
        expect(greedy.judged.risk).toBeLessThan(riskBefore);
        for (const { contracts } of joint.trades) expect(Math.abs(contracts)).toBeGreaterThan(0);
      }
    },
    120_000,
  );
});
