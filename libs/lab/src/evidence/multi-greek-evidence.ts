import type { PolicySet, RiskSnapshotTaken } from '@evenkeel/facts';
import { compareWithGreedy } from '@evenkeel/hedging';
import type { GreedyComparison, WeighedHedge } from '@evenkeel/hedging';
import { specificationOf } from '@evenkeel/instruments';
import { EvenkeelError, canonicalJson, median, required } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';
import type { Tape } from '@evenkeel/market';
import type { BookUnderManagement } from '@evenkeel/engine';
import { runInProcess } from '../in-process-run';

export interface EvidenceRow extends GreedyComparison {
  /** What each hedge and the book made until the next chain, USD; undefined where an option expired in between or at the end. */
  readonly realised: { readonly book: number; readonly greedy: number; readonly joint: number } | undefined;
}

export interface MultiGreekEvidence {
  /** Chains that were looked at; those without a row could not be compared. */
  readonly chains: number;
  /** At least one. */
  readonly rows: readonly EvidenceRow[];
  /** Chains on which the joint hedge cost less for no more residual risk. */
  readonly cheaper: number;
  readonly costGreedy: number;
  readonly costJoint: number;
  /** Median of joint ÷ greedy cost. */
  readonly medianRatio: number;
  /** Largest joint ÷ greedy residual risk: at most 1 by construction. */
  readonly mostRisk: number;
  /** Standard deviation of what was made until the next chain, USD. */
  readonly realised: {
    readonly intervals: number;
    readonly unhedged: number;
    readonly greedy: number;
    readonly joint: number;
  };
}

export interface EvidenceOptions {
  readonly tape: Tape;
  /** With options among its hedge instruments. */
  readonly book: BookUnderManagement;
  /** A `multi-greek` policy; its risk model and costs are used, its trigger is not. */
  readonly policy: { readonly [field: string]: Json };
  /** Only every n-th chain; 1 without. */
  readonly every?: number;
  readonly onProgress?: (fraction: number) => void;
}

/**
 * At every recorded chain, the book as it then stands is hedged from scratch twice, at that chain's bids, asks and fees: greedily
 * (delta, then vega) and jointly at the same residual risk. The snapshots are those of the production cores over the tape.
 */
export function multiGreekEvidence(options: EvidenceOptions): MultiGreekEvidence {
  const { policySet, chains } = chainSnapshots(options);
  const every = options.every ?? 1;
  const rows: EvidenceRow[] = [];
  for (let k = 0; k < chains.length; k += every) {
    const chain = chains[k];
    if (chain === undefined) continue;
    const found = compareWithGreedy(policySet, chain);
    options.onProgress?.(k / chains.length);
    if (found === undefined) continue;
    rows.push({ ...found, realised: realisedUntil(found, chain, chains[k + 1]) });
  }
  const looked = Math.ceil(chains.length / every);
  if (rows.length === 0) throw nothingCompared(chains.length, looked);
  const total = (side: 'greedy' | 'joint'): number =>
    rows.reduce((sum, row) => sum + row[side].judged.cost.total, 0);
  const ratios = rows.map(({ joint, greedy }) => joint.judged.cost.total / greedy.judged.cost.total);
  const made = rows.flatMap(({ realised }) => (realised === undefined ? [] : [realised]));
  return {
    chains: looked,
    rows,
    cheaper: ratios.filter((ratio) => ratio < 1).length,
    costGreedy: total('greedy'),
    costJoint: total('joint'),
    medianRatio: required(median(ratios), 'a median of at least one ratio'),
    mostRisk: Math.max(...rows.map(({ joint, greedy }) => joint.judged.risk / greedy.judged.risk)),
    realised: {
      intervals: made.length,
      unhedged: deviation(made.map(({ book }) => book)),
      greedy: deviation(made.map(({ book, greedy }) => book + greedy)),
      joint: deviation(made.map(({ book, joint }) => book + joint)),
    },
  };
}

function nothingCompared(chains: number, looked: number): EvenkeelError {
  return new EvenkeelError({
    code: 'LAB.NOTHING_COMPARED',
    message: `nothing was compared: of ${chains} chains of the tape ${looked} ${looked === 1 ? 'was' : 'were'} looked at, and none of them has both a vega and an option to hedge it with`,
  });
}

/** The last snapshot of each instant at which a new chain came, of a book that is never hedged. */
function chainSnapshots(options: EvidenceOptions): {
  readonly policySet: PolicySet;
  readonly chains: readonly RiskSnapshotTaken[];
} {
  // A band that nothing breaches: the book is watched and left alone.
  const policy = { kind: 'delta-band', band: '1000000000' };
  const { journal } = runInProcess({
    tape: options.tape,
    books: [{ ...options.book, policy }],
    journal: 'light',
  });
  let policySet: PolicySet | undefined;
  const byInstant = new Map<string, RiskSnapshotTaken>();
  for (const { commit } of journal.all) {
    for (const { event } of commit.events) {
      if (event.type === 'PolicySet') policySet = event.payload;
      if (event.type === 'RiskSnapshotTaken' && hasFreshOption(event.payload))
        byInstant.set(event.payload.at, event.payload);
    }
  }
  if (policySet === undefined) throw new RangeError('a run sets a policy');
  return {
    policySet: { ...policySet, policy: canonicalJson(options.policy) },
    chains: [...byInstant.values()],
  };
}

function hasFreshOption(snapshot: RiskSnapshotTaken): boolean {
  const second = snapshot.at.slice(0, 'yyyy-mm-ddThh:mm:ss'.length);
  return snapshot.legs.some(
    ({ kind, volatilityTime }) => kind === 'option' && volatilityTime.startsWith(second),
  );
}

function realisedUntil(
  found: GreedyComparison,
  now: RiskSnapshotTaken,
  next: RiskSnapshotTaken | undefined,
): EvidenceRow['realised'] {
  if (next === undefined) return undefined;
  const prices = unitGains(now, next);
  const gainOf = (hedge: WeighedHedge): number | undefined =>
    sumOf(hedge.trades.map(({ instrument, contracts }) => gainOfOne(prices, instrument, contracts)));
  const held = now.legs.filter(({ quantity }) => Number(quantity) !== 0);
  const coins = now.balances
    .filter(({ currency }) => prices.spots.has(currency))
    .map(({ currency, amount }) => Number(amount) * (prices.spots.get(currency)?.change ?? 0));
  const book = sumOf([
    ...held.map(({ instrument, quantity }) => gainOfOne(prices, instrument, Number(quantity))),
    ...coins,
  ]);
  const [greedy, joint] = [gainOf(found.greedy), gainOf(found.joint)];
  if (book === undefined || greedy === undefined || joint === undefined) return undefined;
  // Options that were there before came with their premium, which the balances hold; hedges are bought here with theirs.
  const premium = (hedge: WeighedHedge): number => premiumSwing(hedge, now, prices);
  return { book, greedy: greedy - premium(found.greedy), joint: joint - premium(found.joint) };
}

interface Gains {
  readonly spots: ReadonlyMap<string, { readonly now: number; readonly change: number }>;
  readonly units: ReadonlyMap<string, number>;
}

/** USD made per contract between two snapshots, coin-settled options with what their value in coin is worth. */
function unitGains(now: RiskSnapshotTaken, next: RiskSnapshotTaken): Gains {
  const spots = new Map<string, { now: number; change: number }>();
  for (const { underlying, spot } of now.exposures) {
    const later = next.exposures.find((exposure) => exposure.underlying === underlying);
    if (later !== undefined) spots.set(underlying, { now: spot, change: later.spot - spot });
  }
  const units = new Map<string, number>();
  for (const leg of now.legs) {
    const later = next.legs.find(({ instrument }) => instrument === leg.instrument);
    const spot = spots.get(leg.underlying);
    if (leg.kind !== 'option' || later === undefined || spot === undefined) continue;
    units.set(leg.instrument, later.unitValue * (spot.now + spot.change) - leg.unitValue * spot.now);
  }
  for (const mark of now.marks) {
    const spec = specificationOf(mark.instrument);
    const later = next.marks.find(({ instrument }) => instrument === mark.instrument);
    if (!spec.ok || later === undefined || spec.value.kind === 'option' || spec.value.inverse) continue;
    units.set(mark.instrument, (Number(later.price) - Number(mark.price)) * Number(spec.value.contractSize));
  }
  return { spots, units };
}

function gainOfOne(prices: Gains, instrument: string, contracts: number): number | undefined {
  const unit = prices.units.get(instrument);
  return unit === undefined ? undefined : unit * contracts;
}

/** A coin premium paid leaves so much less coin to gain on. */
function premiumSwing(hedge: WeighedHedge, now: RiskSnapshotTaken, prices: Gains): number {
  return hedge.trades.reduce((sum, { instrument, contracts }) => {
    const leg = now.legs.find((entry) => entry.instrument === instrument && entry.kind === 'option');
    if (leg === undefined) return sum;
    return sum + contracts * leg.unitValue * (prices.spots.get(leg.underlying)?.change ?? 0);
  }, 0);
}

function sumOf(parts: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const part of parts) {
    if (part === undefined) return undefined;
    sum += part;
  }
  return sum;
}

function deviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(
    values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / (values.length - 1),
  );
}
