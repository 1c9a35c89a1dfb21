import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { DomainEvent, EventOf, EventType } from '@evenkeel/facts';
import { decodeCommit } from '@evenkeel/contracts';
import { viewOf } from '@evenkeel/eventing';
import { JournalTca, observationsOf } from '@evenkeel/execution';
import { parseDuration } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';
import { runInProcess } from '@evenkeel/lab';
import { createTape, parseBookFile, parseTapeManifest } from '@evenkeel/market';
import type { BookFile, Tape } from '@evenkeel/market';
import type { CostModel } from '../src/cost-model/cost-model';
import { fitCostModel } from '../src/cost-model/fit';
import { busyDemonstration, itWithSharedData, sharedDir } from '@evenkeel/testkit';

/** A run of the production cores, and what they said. */
function tell(tape: Tape, file: BookFile, policy: Json) {
  const run = runInProcess({ tape, journal: 'light', books: [{ file, source: 'test', policy }] });
  const events = run.journal.all.flatMap(({ commit }) =>
    commit.events.map(({ event }): DomainEvent => event),
  );
  const of = <T extends EventType>(type: T): EventOf<T>['payload'][] =>
    // Narrowed by the filter; TypeScript does not distribute the look-up over the generic.
    events.filter((event) => event.type === type).map((event) => event.payload as EventOf<T>['payload']);
  return { of, digest: run.decisionDigest, commits: run.journal.all };
}

const longOf = (file: BookFile): BookFile => ({
  ...file,
  positions: file.positions.map((position) => ({
    ...position,
    quantity: position.quantity.replace(/^-/, ''),
  })),
});

const SCALP = { kind: 'gamma-scalping', rungSize: '0.02', rungs: 3, rest: 'PT30M', thetaBudget: '100000' };

describe('gamma-scalping through all cores and the simulated venue', () => {
  const { tape, book } = busyDemonstration('ladder', 1);
  const long = longOf(book);
  const story = tell(tape, long, SCALP);

  it('rests post-only, is filled as a maker, and is taken back when it stands out of place', () => {
    const decisions = story.of('HedgeDecided');
    const orders = new Map(story.of('OrderIntended').map((order) => [order.clientOrderId, order]));
    const fills = story.of('OrderFilled');
    const makers = fills.filter(
      ({ clientOrderId }) => orders.get(clientOrderId)?.timeInForce === 'POST_ONLY',
    );
    expect(makers.length).toBeGreaterThan(5);
    for (const { clientOrderId, liquidity, price } of makers) {
      expect(liquidity).toBe('maker');
      expect(price).toBe(orders.get(clientOrderId)?.limitPrice);
    }
    const withdrawn = decisions.flatMap(({ withdrawals }) => withdrawals?.clientOrderIds ?? []);
    expect(withdrawn.length).toBeGreaterThan(5);
    expect(new Set(withdrawn).size).toBe(withdrawn.length);
    // What was taken back ended, or had been filled before the venue heard of it.
    const ended = new Set([
      ...story.of('OrderCancelled').map(({ clientOrderId }) => clientOrderId),
      ...fills.map(({ clientOrderId }) => clientOrderId),
    ]);
    for (const id of withdrawn) expect(ended.has(id)).toBe(true);
    expect([...new Set(story.of('OrderRejected').map(({ reason }) => reason))]).toEqual([]);
    expect([...new Set(story.of('OrderRefused').flatMap(({ reasons }) => reasons))]).toEqual([]);
  });

  it('leaves no order in the market longer than its decision allowed', () => {
    const ends = new Map(story.of('OrderCancelled').map(({ clientOrderId, at }) => [clientOrderId, at]));
    const resting = story.of('OrderIntended').filter(({ timeInForce }) => timeInForce === 'POST_ONLY');
    for (const { clientOrderId, restUntil } of resting) {
      const end = ends.get(clientOrderId);
      if (end === undefined) continue;
      // The venue answers a quarter of a second later.
      expect(Date.parse(end)).toBeLessThanOrEqual(Date.parse(restUntil ?? '') + 1000);
    }
    expect(resting.some(({ restUntil }) => restUntil !== undefined)).toBe(true);
  });

  it('is the same a second time to the digest, and what it says of resting orders survives the wire', () => {
    const books = [{ file: long, source: 'test', policy: SCALP }];
    const run = runInProcess({ tape, journal: 'chained', books });
    expect(run.decisionDigest).toBe(story.digest);
    const read = run.journal.all.flatMap(({ bytes }) => decodeCommit(bytes).events.map(({ event }) => event));
    const decisions = read.flatMap((event) => (event.type === 'HedgeDecided' ? [event.payload] : []));
    expect(decisions).toEqual(story.of('HedgeDecided'));
    const orders = read.flatMap((event) => (event.type === 'OrderIntended' ? [event.payload] : []));
    expect(orders.map(({ restUntil }) => restUntil)).toEqual(
      story.of('OrderIntended').map(({ restUntil }) => restUntil),
    );
  });
});

describe('costs fitted on the desk’s own fills', () => {
  it('set how often it hedges: what the fills cost more than the quotes widens the band', () => {
    const { tape, book } = busyDemonstration('fit', 2);
    const policy = { kind: 'whalley-wilmott', riskAversion: '0.0002' };
    const plain = tell(tape, book, policy);
    const tca = new JournalTca({ horizons: [parseDuration('PT5M')] });
    for (const { commit } of plain.commits) tca.add(viewOf(commit));
    const observations = observationsOf(tca, { dailyVolumeUsd: () => 1e9, fallbackVolatility: 0.03 });
    expect(observations.length).toBeGreaterThan(20);
    // A desk whose fills come 5 bp worse than the market it decided on.
    const dear = observations.map((fill) => ({
      ...fill,
      price: fill.price * (fill.side === 'buy' ? 1.0005 : 0.9995),
    }));
    const [own, worse] = [observations, dear].map(
      (fills) => fitCostModel(fills, { version: 'fitted', impact: 'none', prudence: 1 }).model,
    );
    const instrument = book.hedge.instruments[0] ?? '';
    const spreadOf = (model: CostModel | undefined): number =>
      model?.instruments[instrument]?.halfSpread?.value ?? Number.NaN;
    expect(spreadOf(worse) - spreadOf(own)).toBeCloseTo(0.0005, 5);
    const run = (model: CostModel | undefined) =>
      tell(tape, book, { ...policy, costs: JSON.parse(JSON.stringify(model)) as Json });
    const [cheap, costly] = [run(own), run(worse)];
    expect(costly.of('HedgeDecided').length).toBeLessThan(cheap.of('HedgeDecided').length);
    for (const { checks } of costly.of('HedgeDecided'))
      expect(checks).toContainEqual({
        name: 'cost model',
        limit: worse?.hash,
        observed: 'fitted',
        passed: true,
      });
  });
});

const FOLDER = 'data/crypto-options-2026-01';
const STRADDLES = 'books/btc-weekly-straddles.json';

describe('the policies over the recorded tape', () => {
  itWithSharedData(join(FOLDER, 'tape-btc.json'))(
    'all hedge, for less variance than none, and the bands for less cost than a tight one',
    () => {
      const path = join(sharedDir() ?? '', FOLDER, 'tape-btc.json');
      const manifest = parseTapeManifest(readFileSync(path, 'utf8'), 'tape-btc.json');
      const texts = new Map<string, string>();
      for (const { file } of manifest.sources) {
        const bytes = readFileSync(join(dirname(path), file));
        texts.set(file, (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'));
      }
      // The first straddle's week, unless a soak asks for the month.
      const whole = process.env['EK_SOAK'] === '1';
      const tape = createTape(whole ? manifest : { ...manifest, to: '2026-01-09T12:00:00Z' }, texts);
      const book = parseBookFile(readFileSync(join(sharedDir() ?? '', STRADDLES), 'utf8'), STRADDLES);
      const riskAversion = '0.00002';
      const run = (policy: Json) => {
        const story = tell(tape, book, policy);
        const last = story.of('RiskSnapshotTaken').at(-1);
        return {
          trades: story.of('OrderFilled').length,
          fees: -Number(last?.pnl.fees ?? 0),
          variance: varianceOf(story),
        };
      };
      const tight = run({ kind: 'delta-band', band: '0.05' });
      const none = run({ kind: 'delta-band', band: '1000' });
      for (const policy of [
        { kind: 'spot-move', multiple: '0.5' },
        { kind: 'leland', interval: 'PT4H' },
        { kind: 'zakamouline', riskAversion },
        { kind: 'hodges-neuberger', riskAversion },
        { kind: 'minimum-variance', riskAversion },
      ]) {
        const { trades, fees, variance } = run(policy);
        expect(trades).toBeGreaterThan(whole ? 20 : 5);
        expect(fees).toBeLessThan(tight.fees);
        expect(variance).toBeLessThan(0.7 * none.variance);
      }
      expect(tight.variance).toBeLessThan(0.5 * none.variance);
    },
    120_000,
  );
});

/** Mean squared change of hedged P&L from one snapshot to the next. */
function varianceOf(story: ReturnType<typeof tell>): number {
  const values = story.of('RiskSnapshotTaken').map(({ pnl }) => Number(pnl.hedged));
  let squares = 0;
  for (let index = 1; index < values.length; index += 1) {
    const change = (values[index] ?? 0) - (values[index - 1] ?? 0);
    squares += change * change;
  }
  return squares / values.length;
}
