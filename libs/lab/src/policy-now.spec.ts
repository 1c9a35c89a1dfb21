import type { HedgeDecision, PolicySet, RiskSnapshotTaken } from '@evenkeel/facts';
import { assessedNow } from '@evenkeel/hedging';
import { demonstrationMarket } from '@evenkeel/market';
import { runInProcess } from './in-process-run';

const UTILITY = { riskAversion: '0.00002' };

/** What a run has decided under a policy, each decision with its snapshot. */
function decisionsUnder(policy: Readonly<Record<string, string>> & { readonly kind: string }): {
  readonly set: PolicySet;
  readonly decided: readonly (readonly [HedgeDecision, RiskSnapshotTaken])[];
} {
  const { tape, book } = demonstrationMarket('band now', 1);
  const file = { ...book, hedge: { ...book.hedge, policy } };
  const { journal } = runInProcess({ tape, books: [{ file, source: 'spec' }], journal: 'light' });
  const events = journal.all.flatMap(({ commit }) => commit.events.map(({ event }) => event));
  const snapshots = new Map(
    events.flatMap((event) =>
      event.type === 'RiskSnapshotTaken' ? [[event.payload.snapshotId, event.payload] as const] : [],
    ),
  );
  const [set] = events.flatMap((event) => (event.type === 'PolicySet' ? [event.payload] : []));
  if (set === undefined) throw new Error('no policy was set');
  const decided = events.flatMap((event) => {
    if (event.type !== 'HedgeDecided' && event.type !== 'HedgeDeclined') return [];
    const snapshot = snapshots.get(event.payload.snapshotId);
    return snapshot === undefined ? [] : [[event.payload, snapshot] as const];
  });
  return { set, decided };
}

describe('a policy asked again on a snapshot of the record', () => {
  it.each([
    { kind: 'delta-band', band: '0.05' },
    { kind: 'whalley-wilmott', ...UTILITY },
    { kind: 'zakamouline', ...UTILITY },
    { kind: 'leland', interval: 'PT1H' },
    { kind: 'time', interval: 'PT1H' },
  ])('has the band that it decided by: $kind', (policy) => {
    const { set, decided } = decisionsUnder(policy);
    let compared = 0;
    for (const [decision, snapshot] of decided) {
      const asked = assessedNow(set, snapshot);
      if (!asked.ok || asked.value === undefined) throw new Error('it cannot be asked');
      const edges = ({ bandLower, bandUpper, exposure }: HedgeDecision['assessments'][number]): number[] => [
        bandLower,
        bandUpper,
        exposure,
      ];
      // What is on its way is in the exposure, and only the program knows all of it.
      if (decision.assessments.some(({ inFlightDelta }) => inFlightDelta !== 0)) continue;
      expect(asked.value.map(edges)).toEqual(decision.assessments.map(edges));
      compared += 1;
    }
    expect(compared).toBeGreaterThan(5);
  });

  it('gives no band where the policy goes by what it remembers', () => {
    const { set, decided } = decisionsUnder({ kind: 'minimum-variance', ...UTILITY });
    const [, snapshot] = decided[0] ?? [];
    if (snapshot === undefined) throw new Error('nothing was decided');
    expect(assessedNow(set, snapshot)).toEqual({ ok: true, value: undefined });
  });

  it('counts orders that may still fill', () => {
    const { set, decided } = decisionsUnder({ kind: 'delta-band', band: '0.05' });
    const [decision, snapshot] = decided.find(([{ trades }]) => trades.length > 0) ?? [];
    const trade = decision?.trades[0];
    if (snapshot === undefined || trade === undefined) throw new Error('nothing was traded');
    const order = {
      instrument: trade.instrument,
      remaining: trade.quantity.replace('-', ''),
      direction: trade.quantity.startsWith('-') ? (-1 as const) : (1 as const),
      limitPrice: '',
      resting: false,
    };
    const asked = assessedNow(set, snapshot, { one: order });
    if (!asked.ok) throw new Error(asked.failure.message);
    const before = decision?.assessments[0]?.exposure ?? NaN;
    expect(asked.value?.[0]?.exposure).toBeCloseTo(before + trade.delta, 6);
    expect(asked.value?.[0]?.breached).toBe(false);
  });
});
