import type { Decimal, Instant } from '@evenkeel/kernel';
import type { OracleReason, CompositeVerdict } from './composite-verdict';
import { judgeComposite, operatorsOf } from './composite-verdict';
import type { JudgedSource, Peg } from './judgement';
import { judgeSources } from './judgement';
import type { OracleRules, OracleSource, OracleStatus } from './rules';
import type { Observation, SourceReason, SourceRecord } from './source-record';
import { newSourceRecord, recordObservation } from './source-record';
import type { PriceHistory } from './time-weighted-average';
import { NO_HISTORY, extendHistory } from './time-weighted-average';

/** A stablecoin in dollars. */
export interface PegQuote {
  readonly currency: string;
  readonly price: Decimal;
  readonly eventTime: Instant;
}

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
  /** Everything that became known at one moment, judged together. */
  | {
      readonly kind: 'batch';
      readonly observations: readonly Observation[];
      readonly pegs: readonly PegQuote[];
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
  /** Its time-weighted average before this moment. */
  readonly twap?: number;
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

/** `opening`: what holds until something has been judged; HALTED waits out `restoreAfterNs` before it opens. */
export function initialOracle(
  underlying: string,
  sources: readonly OracleSource[],
  opening: OracleStatus = 'HALTED',
): OracleState {
  return {
    underlying,
    now: 0n,
    records: sources.map(newSourceRecord),
    pegs: new Map(),
    history: NO_HISTORY,
    status: opening,
    reasons: opening === 'OK' ? [] : ['NO_PRICE'],
  };
}

/** The composite after one input. Deterministic; disagreement means refuse, never the first source that answers. */
export function reactOracle(state: OracleState, input: OracleInput, rules: OracleRules): OracleReaction {
  // Our own clock going back is no reason to take old prices for new ones.
  const now = input.receivedTime > state.now ? input.receivedTime : state.now;
  const said = input.kind === 'batch' ? input.pegs : input.kind === 'peg' ? [input] : [];
  const pegs = said.reduce(withPeg, state.pegs);
  const observations =
    input.kind === 'batch' ? input.observations : input.kind === 'observation' ? [input] : [];
  const records =
    observations.length === 0
      ? state.records
      : state.records.map((record) => takeObservations(record, observations, now, rules));
  const judged = judgeSources(records, pegs, now, rules);
  const verdict = judgeComposite(state.history, judged, pegs, now, rules);
  const settled = withHysteresis(state, verdict, now, rules);
  const moves: Move[] = sourceMoves(state.records, judged);
  if (settled.status !== state.status) moves.push(statusMove(state.status, settled.status, verdict));
  const facts = moves.length === 0 ? [] : withInputs(moves, state.underlying, now, judged, pegs);
  const { better: _old, price: _price, twap: _twap, ...kept } = state;
  const next: OracleState = {
    ...kept,
    now,
    records: judged.map((entry) => entry.record),
    pegs,
    history:
      verdict.value === undefined
        ? state.history
        : extendHistory(state.history, now, verdict.value, rules.twapWindowNs),
    ...settled,
    ...(verdict.price === undefined ? {} : { price: verdict.price }),
    ...(verdict.twap === undefined ? {} : { twap: verdict.twap }),
  };
  return {
    state: next,
    // Not everybody asks, and its confidence costs arithmetic.
    get composite() {
      return compositeOf(next, judged);
    },
    facts,
  };
}

/** Folds what a source said; what the others say at the same moment bears witness for a leap. */
function takeObservations(
  record: SourceRecord,
  observations: readonly Observation[],
  now: Instant,
  rules: OracleRules,
): SourceRecord {
  let next = record;
  for (const observation of observations) {
    if (observation.source !== record.source.source) continue;
    const peers = observations.flatMap((other) =>
      other.source === observation.source ? [] : [other.price.toNumber()],
    );
    next = recordObservation(next, observation, peers, now, rules);
  }
  return next;
}

function withPeg(pegs: ReadonlyMap<string, Peg>, input: PegQuote): ReadonlyMap<string, Peg> {
  const known = pegs.get(input.currency);
  if (!input.price.isPositive() || (known !== undefined && input.eventTime < known.eventTime)) return pegs;
  return new Map([...pegs, [input.currency, { price: input.price, eventTime: input.eventTime }]]);
}

const RANK: Readonly<Record<OracleStatus, number>> = { OK: 0, DEGRADED: 1, HALTED: 2 };

/** Worse at once; better only after the verdict has stayed better long enough, and then only as good as its worst moment. */
function withHysteresis(
  state: OracleState,
  verdict: CompositeVerdict,
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

type Move = Omit<OracleFact, 'underlying' | 'at' | 'inputs' | 'pegs'>;

function sourceMoves(before: readonly SourceRecord[], judged: readonly JudgedSource[]): Move[] {
  return judged.flatMap((entry, index): Move[] => {
    const was = before[index]?.reasons ?? [];
    const { reasons, source } = entry.record;
    if (entry.used && was.length === 0) return [];
    // On probation a source is still left out although nothing speaks against it any more.
    if ((was.length === 0) === entry.used && was.join() === reasons.join()) return [];
    return [
      {
        fact: 'source-status',
        source: source.source,
        from: was.length === 0 ? 'USED' : 'LEFT_OUT',
        to: entry.used ? 'USED' : 'LEFT_OUT',
        reasons,
        ...(entry.price === undefined ? {} : { price: entry.price.toString() }),
      },
    ];
  });
}

function statusMove(from: OracleStatus, to: OracleStatus, verdict: CompositeVerdict): Move {
  return {
    fact: 'oracle-status',
    from,
    to,
    reasons: to === 'OK' ? [] : verdict.reasons,
    ...(verdict.price === undefined ? {} : { price: verdict.price.toString() }),
    ...(verdict.twap === undefined ? {} : { twap: verdict.twap }),
  };
}

function withInputs(
  moves: readonly Move[],
  underlying: string,
  at: Instant,
  judged: readonly JudgedSource[],
  pegs: ReadonlyMap<string, Peg>,
): OracleFact[] {
  const inputs = judged.map(sourceInput);
  const pegTexts = Object.fromEntries([...pegs].map(([currency, peg]) => [currency, peg.price.toString()]));
  return moves.map((move) => ({ ...move, underlying, at, inputs, pegs: pegTexts }));
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
    reasons: [...record.reasons, ...record.doubts],
    ...(entry.price === undefined ? {} : { price: entry.price.toString() }),
    ...(record.deviationBps === undefined ? {} : { deviationBps: record.deviationBps }),
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
