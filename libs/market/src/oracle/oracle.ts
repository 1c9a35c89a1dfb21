import type { Decimal, Instant } from '@evenkeel/kernel';
import type { JudgedSource, Peg } from './judgement';
import { judgeSources } from './judgement';
import type { OracleRules, OracleSource, OracleStatus } from './rules';
import type { Observation, SourceReason, SourceRecord } from './source-record';
import { newSourceRecord, recordObservation } from './source-record';
import type { PriceHistory } from './time-weighted-average';
import { NO_HISTORY, extendHistory, timeWeightedAverage } from './time-weighted-average';
import { signedBps, weightedMedianPrice } from './weighted-price';

export type OracleReason =
  'NO_PRICE' | 'QUORUM' | 'DISAGREEMENT' | 'DEVIANT_WEIGHT' | 'TWAP' | 'DEPEG' | 'CLOCK_REGRESSED';

/** Time is an input: silence is noticed because time still arrives. */
export type OracleInput =
  | ({ readonly kind: 'observation' } & Observation)
  | {
      readonly kind: 'peg';
      readonly currency: string;
      readonly price: Decimal;
      readonly eventTime: Instant;
      readonly receivedTime: Instant;
    }
  | { readonly kind: 'time'; readonly receivedTime: Instant };

export interface OracleState {
  readonly underlying: string;
  readonly now: Instant;
  readonly records: readonly SourceRecord[];
  readonly pegs: ReadonlyMap<string, Peg>;
  readonly history: PriceHistory;
  readonly status: OracleStatus;
  readonly reasons: readonly OracleReason[];
  /** While the verdict is better than the status: since when, and the worst of it. */
  readonly better?: { readonly since: Instant; readonly worst: OracleStatus };
  readonly price?: Decimal;
}

export interface SourceInput {
  readonly source: string;
  readonly price?: string;
  readonly quotedPrice?: string;
  readonly quote: string;
  readonly confidence?: string;
  readonly eventTime?: Instant;
  readonly receivedTime?: Instant;
  readonly deviationBps?: number;
  readonly biasBps: number;
  readonly weight: number;
  readonly used: boolean;
  readonly reasons: readonly SourceReason[];
}

/** A change of status, of a source or of the composite, with everything it was decided from. */
export interface OracleFact {
  readonly fact: 'oracle-status' | 'source-status';
  readonly underlying: string;
  readonly source?: string;
  readonly at: Instant;
  readonly from: OracleStatus | 'USED' | 'LEFT_OUT';
  readonly to: OracleStatus | 'USED' | 'LEFT_OUT';
  readonly reasons: readonly (OracleReason | SourceReason)[];
  readonly price?: string;
  readonly twap?: number;
  readonly inputs: readonly SourceInput[];
  readonly pegs: Readonly<Record<string, string>>;
}

export interface CompositePrice {
  readonly underlying: string;
  /** Absent while HALTED: there is no price to fall back on. */
  readonly price?: Decimal;
  /** Half-width in dollars: the widest distance of a used source from the price. */
  readonly confidence?: Decimal;
  readonly status: OracleStatus;
  readonly reasons: readonly OracleReason[];
  readonly at: Instant;
  readonly operators: number;
}

export interface OracleReaction {
  readonly state: OracleState;
  readonly composite: CompositePrice;
  readonly facts: readonly OracleFact[];
}

export function initialOracle(underlying: string, sources: readonly OracleSource[]): OracleState {
  return {
    underlying,
    now: 0n,
    records: sources.map(newSourceRecord),
    pegs: new Map(),
    history: NO_HISTORY,
    status: 'HALTED',
    reasons: ['NO_PRICE'],
  };
}

/** The composite after one input. Deterministic; disagreement means refuse, never the first source that answers. */
export function reactOracle(state: OracleState, input: OracleInput, rules: OracleRules): OracleReaction {
  // Our own clock going back is no reason to take old prices for new ones.
  const now = input.receivedTime > state.now ? input.receivedTime : state.now;
  const pegs = input.kind === 'peg' ? withPeg(state.pegs, input) : state.pegs;
  const records =
    input.kind === 'observation'
      ? state.records.map((record) =>
          record.source.source === input.source ? recordObservation(record, input, now, rules) : record,
        )
      : state.records;
  const judged = judgeSources(records, pegs, now, rules);
  const verdict = judgeComposite(state, judged, pegs, now, rules);
  const settled = withHysteresis(state, verdict, now, rules);
  const inputs = judged.map(sourceInput);
  const pegTexts = Object.fromEntries([...pegs].map(([currency, peg]) => [currency, peg.price.toString()]));
  const context = { underlying: state.underlying, at: now, inputs, pegs: pegTexts };
  const facts: OracleFact[] = sourceFacts(state.records, judged, context);
  if (settled.status !== state.status) {
    facts.push({
      fact: 'oracle-status',
      from: state.status,
      to: settled.status,
      reasons: settled.status === 'OK' ? [] : verdict.reasons,
      ...(verdict.price === undefined ? {} : { price: verdict.price.toString() }),
      ...(verdict.twap === undefined ? {} : { twap: verdict.twap }),
      ...context,
    });
  }
  const { better: _old, price: _price, ...kept } = state;
  const next: OracleState = {
    ...kept,
    now,
    records: judged.map((entry) => entry.record),
    pegs,
    history:
      verdict.price === undefined
        ? state.history
        : extendHistory(state.history, now, verdict.price.toNumber(), rules.twapWindowNs),
    ...settled,
    ...(verdict.price === undefined ? {} : { price: verdict.price }),
  };
  return { state: next, composite: compositeOf(next, judged), facts };
}

function withPeg(
  pegs: ReadonlyMap<string, Peg>,
  input: { readonly currency: string; readonly price: Decimal; readonly eventTime: Instant },
): ReadonlyMap<string, Peg> {
  const known = pegs.get(input.currency);
  if (!input.price.isPositive() || (known !== undefined && input.eventTime < known.eventTime)) return pegs;
  return new Map([...pegs, [input.currency, { price: input.price, eventTime: input.eventTime }]]);
}

interface Verdict {
  readonly status: OracleStatus;
  readonly reasons: readonly OracleReason[];
  readonly price?: Decimal;
  readonly twap?: number;
}

function judgeComposite(
  state: OracleState,
  judged: readonly JudgedSource[],
  pegs: ReadonlyMap<string, Peg>,
  now: Instant,
  rules: OracleRules,
): Verdict {
  const used = judged.filter(
    (entry): entry is JudgedSource & { price: Decimal } => entry.used && entry.price !== undefined,
  );
  const price = weightedMedianPrice(used);
  if (price === undefined) return { status: 'HALTED', reasons: [noPriceReason(judged)] };
  const halting: OracleReason[] = [];
  const degrading: OracleReason[] = [];
  if (operatorsOf(used) < rules.quorum) halting.push('QUORUM');
  if (deviantShare(judged) > rules.deviantShareMax) halting.push('DEVIANT_WEIGHT');
  const value = price.toNumber();
  const spread = Math.max(...used.map((entry) => Math.abs(signedBps(entry.price.toNumber(), value))));
  grade(spread, rules.disagreementBps, 'DISAGREEMENT', degrading, halting);
  const twap = timeWeightedAverage(state.history, now, rules.twapWindowNs);
  if (twap !== undefined) grade(Math.abs(signedBps(value, twap)), rules.twapBps, 'TWAP', degrading, halting);
  if (used.some((entry) => pegDeviation(entry.record.source.quote, pegs) > rules.depegBps[0]))
    degrading.push('DEPEG');
  const status = halting.length > 0 ? 'HALTED' : degrading.length > 0 ? 'DEGRADED' : 'OK';
  return { status, reasons: [...halting, ...degrading], price, ...(twap === undefined ? {} : { twap }) };
}

/** Two sources that contradict each other leave nothing to use: that is a disagreement, not an absence. */
function noPriceReason(judged: readonly JudgedSource[]): OracleReason {
  return judged.some((entry) => entry.record.reasons.includes('DEVIANT')) ? 'DISAGREEMENT' : 'NO_PRICE';
}

function grade(
  bps: number,
  limits: readonly [number, number],
  reason: OracleReason,
  degrading: OracleReason[],
  halting: OracleReason[],
): void {
  if (bps > limits[1]) halting.push(reason);
  else if (bps > limits[0]) degrading.push(reason);
}

function operatorsOf(used: readonly JudgedSource[]): number {
  return new Set(used.map((entry) => entry.record.source.operator)).size;
}

/** The part of the weight of comparable sources that is left out for standing elsewhere than the others. */
function deviantShare(judged: readonly JudgedSource[]): number {
  const deviant = judged.filter((entry) => entry.record.reasons.includes('DEVIANT'));
  const sound = judged.filter((entry) => entry.used);
  const weigh = (entries: readonly JudgedSource[]): number =>
    entries.reduce((total, entry) => total + entry.weight, 0);
  const out = weigh(deviant);
  return out === 0 ? 0 : out / (out + weigh(sound));
}

function pegDeviation(quote: string, pegs: ReadonlyMap<string, Peg>): number {
  const peg = pegs.get(quote);
  return peg === undefined ? 0 : Math.abs(signedBps(peg.price.toNumber(), 1));
}

const RANK: Readonly<Record<OracleStatus, number>> = { OK: 0, DEGRADED: 1, HALTED: 2 };

/** Worse at once; better only after the verdict has stayed better long enough, and then only as good as its worst moment. */
function withHysteresis(
  state: OracleState,
  verdict: Verdict,
  now: Instant,
  rules: OracleRules,
): Pick<OracleState, 'status' | 'reasons' | 'better'> {
  const { status, reasons } = verdict;
  if (RANK[status] >= RANK[state.status]) return { status, reasons };
  // The first price after a start waits too: one good moment is not yet a good source.
  const since = state.better?.since ?? now;
  const before = state.better?.worst ?? status;
  const worst = RANK[before] > RANK[status] ? before : status;
  if (now - since >= rules.restoreAfterNs) return { status: worst, reasons: worst === 'OK' ? [] : reasons };
  return {
    status: state.status,
    reasons: reasons.length > 0 ? reasons : state.reasons,
    better: { since, worst },
  };
}

function sourceFacts(
  before: readonly SourceRecord[],
  judged: readonly JudgedSource[],
  context: Pick<OracleFact, 'underlying' | 'at' | 'inputs' | 'pegs'>,
): OracleFact[] {
  const facts: OracleFact[] = [];
  judged.forEach((entry, index) => {
    const was = before[index];
    const wasUsed = was !== undefined && was.reasons.length === 0;
    const reasons = entry.record.reasons;
    const same = wasUsed === entry.used && (was?.reasons ?? []).join() === reasons.join();
    if (same) return;
    facts.push({
      fact: 'source-status',
      source: entry.record.source.source,
      from: wasUsed ? 'USED' : 'LEFT_OUT',
      to: entry.used ? 'USED' : 'LEFT_OUT',
      reasons,
      ...(entry.price === undefined ? {} : { price: entry.price.toString() }),
      ...context,
    });
  });
  return facts;
}

function sourceInput(entry: JudgedSource): SourceInput {
  const { record } = entry;
  const { last } = record;
  return {
    source: record.source.source,
    quote: record.source.quote,
    biasBps: record.bias,
    weight: entry.weight,
    used: entry.used,
    reasons: record.reasons,
    ...(entry.price === undefined ? {} : { price: entry.price.toString() }),
    ...(entry.deviationBps === undefined ? {} : { deviationBps: entry.deviationBps }),
    ...(last === undefined
      ? {}
      : { quotedPrice: last.price.toString(), eventTime: last.eventTime, receivedTime: last.receivedTime }),
    ...(last?.confidence === undefined ? {} : { confidence: last.confidence.toString() }),
  };
}

function compositeOf(state: OracleState, judged: readonly JudgedSource[]): CompositePrice {
  const used = judged.filter((entry) => entry.used && entry.price !== undefined);
  const base = {
    underlying: state.underlying,
    status: state.status,
    reasons: state.reasons,
    at: state.now,
    operators: operatorsOf(used),
  };
  const { price } = state;
  if (state.status === 'HALTED' || price === undefined) return base;
  const confidence = used.reduce((widest, entry) => {
    const distance = entry.price === undefined ? widest : entry.price.minus(price).abs();
    return distance.max(widest);
  }, price.minus(price));
  return { ...base, price, confidence };
}
