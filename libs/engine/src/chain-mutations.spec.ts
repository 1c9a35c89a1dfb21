import { decodeCommit, sealCommit } from '@evenkeel/contracts';
import { aggregateKey } from '@evenkeel/eventing';
import type { StoredCommit } from '@evenkeel/eventing';
import type { DomainEvent, EventPayloads, EventType } from '@evenkeel/facts';
import { required } from '@evenkeel/kernel';
import { runInProcess } from '@evenkeel/lab';
import { busyDemonstration } from '@evenkeel/testkit';
import { reexecuteJournal } from './partition-reexecution';
import { runAgainIn } from './replay-counts';

const market = busyDemonstration('mutations', 1);
const limits = {
  ...market.book.limits,
  maxGreeks: { BTC: { delta: '1000' } },
  maxDailyLoss: '100000000',
  maxRepeatedExecutions: 2,
  throttleWindow: 'PT12H',
  reconciliation: { atStart: false, interval: 'PT1H' },
};
const journal = runInProcess({
  tape: market.tape,
  books: [{ file: { ...market.book, limits }, source: 'the demonstration book' }],
}).journal.all;

/** The journal with one event told otherwise, sealed again from there on: every hash and every chain holds. */
function altered<T extends EventType>(
  type: T,
  change: (payload: EventPayloads[T]) => EventPayloads[T],
  fits: (payload: EventPayloads[T]) => boolean = () => true,
): { readonly seq: number; readonly commits: readonly StoredCommit[] } {
  const isOne = (event: DomainEvent): event is DomainEvent & { payload: EventPayloads[T] } =>
    event.type === type;
  const places = journal.flatMap(({ commit }, place) =>
    commit.events.some(({ event }) => isOne(event) && fits(event.payload)) ? [place] : [],
  );
  const at = required(places[places.length >> 1], `a ${type}`);
  const heads = new Map<string, Uint8Array>();
  const commits = journal.map((stored, place) => {
    const { commit, seq, subject } = stored;
    const key = aggregateKey(commit.aggregate);
    const events = commit.events.map((recorded) =>
      place === at && isOne(recorded.event)
        ? // The payload stays one of its type.
          {
            ...recorded,
            event: { ...recorded.event, payload: change(recorded.event.payload) } as DomainEvent,
          }
        : recorded,
    );
    const prevHash = heads.get(key) ?? commit.prevHash;
    const { bytes, hash } = sealCommit({ ...commit, prevHash, events });
    heads.set(key, hash);
    return { seq, subject, bytes, hash, commit: decodeCommit(bytes) };
  });
  return { seq: required(journal[at], 'a commit').seq, commits };
}

/** What is found at the altered commit by the core that said it. */
function foundAt({ seq, commits }: { readonly seq: number; readonly commits: readonly StoredCommit[] }) {
  return reexecuteJournal(commits)
    .divergences.filter((one) => one.seq === seq)
    .map(({ context, message }) => `${context}: ${message}`);
}

describe('what was altered in a snapshot or an order, and sealed again', () => {
  it('is nothing in the journal as it is; what stands on no journal is counted', () => {
    const { counts, divergences } = reexecuteJournal(journal);
    expect(divergences).toEqual([]);
    expect(runAgainIn(counts).orders).toBeGreaterThan(10);
    const missing = counts.filter(({ notRunAgain }) => notRunAgain !== undefined);
    expect(missing.map(({ type, notRunAgain }) => [type, notRunAgain])).toEqual([
      ['ReconciliationRequested', 'when the market last spoke before a venue was asked is on no journal'],
      ['VenueReconciled', 'what a venue said of an account is on no journal as it said it'],
    ]);
  });

  it('is found in a delta of the book', () => {
    const found = altered('RiskSnapshotTaken', ({ exposures, ...rest }) => ({
      ...rest,
      exposures: exposures.map((exposure) => ({ ...exposure, delta: exposure.delta + 1e-9 })),
    }));
    expect(foundAt(found)).toEqual([
      expect.stringMatching(/^risk: .* first in RiskSnapshotTaken\.exposures\.0\.delta/),
    ]);
  });

  it.each(['value', 'delta', 'gamma'] as const)('is found in the %s of a leg', (number) => {
    const found = altered('RiskSnapshotTaken', (payload) => ({
      ...payload,
      marks: payload.marks,
      legs: payload.legs.map((leg, place) =>
        place === 1 ? { ...leg, [number]: leg[number] * 1.0001 } : leg,
      ),
    }));
    expect(foundAt(found)).toEqual([
      expect.stringMatching(new RegExp(`^risk: .* first in RiskSnapshotTaken.legs.1.${number}`)),
    ]);
  });

  it('is found in the profit, and in why a snapshot was due', () => {
    const profit = altered('RiskSnapshotTaken', (payload) => ({
      ...payload,
      marks: payload.marks,
      legs: payload.legs,
      pnl: { ...payload.pnl, hedge: '1' },
    }));
    expect(foundAt(profit)).toEqual([
      expect.stringMatching(/^risk: .* first in RiskSnapshotTaken\.pnl\.hedge/),
    ]);
    const due = altered(
      'RiskSnapshotTaken',
      (payload) => ({ ...payload, marks: payload.marks, legs: payload.legs, trigger: 'interval' }),
      ({ trigger }) => trigger === 'fill',
    );
    expect(foundAt(due)).toEqual([expect.stringMatching(/^risk: .* first in RiskSnapshotTaken\.trigger/)]);
  });

  it('is found in a position, and in what a fill is said to have been', () => {
    const position = altered('FillApplied', (payload) => ({ ...payload, positionAfter: '7' }));
    expect(foundAt(position)).toEqual([
      expect.stringMatching(/^risk: .* first in FillApplied\.positionAfter/),
    ]);
    const fill = altered('OrderFilled', (payload) => ({ ...payload, remaining: '1' }));
    expect(foundAt(fill)).toEqual([expect.stringMatching(/^execution: .* first in OrderFilled\.remaining/)]);
  });

  it('is found in the quantity of an order', () => {
    const found = altered('OrderIntended', (payload) => ({ ...payload, quantity: `${payload.quantity}0` }));
    expect(foundAt(found)).toContainEqual(
      expect.stringMatching(/^execution: .* first in OrderIntended\.quantity/),
    );
  });

  it.each(['kill-latch', 'price-collar', 'delta-after', 'duplicate-order'])(
    'is found where the check %s was dropped',
    (name) => {
      const found = altered('OrderIntended', (payload) => ({
        ...payload,
        checks: payload.checks.filter((check) => check.name !== name),
      }));
      expect(foundAt(found)).toEqual([
        expect.stringMatching(/^execution: .* first in OrderIntended\.checks/),
      ]);
    },
  );

  it('is found in what a check observed, in the limit price, and in a reason that was swapped', () => {
    const observed = altered('OrderIntended', (payload) => ({
      ...payload,
      checks: payload.checks.map((check) =>
        check.name === 'gross-notional' ? { ...check, observed: '1.00 USD' } : check,
      ),
    }));
    expect(foundAt(observed)).toEqual([
      expect.stringMatching(/^execution: .* first in OrderIntended\.checks/),
    ]);
    const price = altered('OrderIntended', (payload) => ({
      ...payload,
      limitPrice: `1${payload.limitPrice}`,
    }));
    expect(foundAt(price)).toContainEqual(
      expect.stringMatching(/^execution: .* first in OrderIntended\.limitPrice/),
    );
    const reason = altered('OrderRefused', (payload) => ({ ...payload, reasons: ['PRICE_COLLAR'] }));
    expect(foundAt(reason)).toEqual([expect.stringMatching(/^execution: .* first in OrderRefused\.reasons/)]);
  });

  it('is found where an order is put down to nobody, or left out', () => {
    const place = journal.findIndex(({ commit }) =>
      commit.events.some(({ event }) => event.type === 'OrderIntended'),
    );
    const victim = required(journal[place], 'an order');
    const causation = { ...victim.commit.causation, stream: 'host', seq: 0n };
    const forged = { ...victim, commit: { ...victim.commit, causation } };
    const said = reexecuteJournal(journal.map((stored) => (stored === victim ? forged : stored)));
    expect(said.divergences.map(({ message }) => message)).toContain(
      'OrderIntended follows from no input: host cannot say it',
    );
    const without = reexecuteJournal(journal.filter((stored) => stored !== victim));
    expect(without.divergences[0]).toMatchObject({
      context: 'execution',
      types: ['OrderIntended'],
      message: 'OrderIntended follows from this input, but is not on record',
    });
  });
});
