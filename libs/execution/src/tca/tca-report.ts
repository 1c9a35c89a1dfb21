import { Decimal, formatInstant } from '@evenkeel/kernel';
import type { JournalTca } from './journal-tca';
import { shortfallOf } from './shortfall';
import type { Shortfall } from './shortfall';
import type { FillSeen, TradeSeen } from './trades';
import { notionalOf } from './valuation';

/** Sums of USD, exact, as decimal strings; costs positive. */
export type ShortfallUsd = { readonly [Part in keyof Shortfall]: string };

export interface MarkoutFigure {
  readonly horizonSeconds: number;
  /** Notional-weighted move of the middle after our fills, in our favour positive, basis points; null without any. */
  readonly bps: number | null;
  readonly fills: number;
}

export interface TcaGroup {
  readonly key: string;
  readonly trades: number;
  readonly orders: number;
  readonly fills: number;
  readonly notionalUsd: string;
  /** Filled ÷ decided notional. */
  readonly fillRate: number;
  readonly shortfallUsd: ShortfallUsd;
  /** Total shortfall ÷ decided notional, basis points. */
  readonly shortfallBps: number;
  readonly partsBps: { readonly [Part in keyof Shortfall]: number };
  readonly makerShare: number;
  readonly markouts: readonly MarkoutFigure[];
}

export interface TradeLine {
  readonly id: string;
  readonly decisionId: string;
  readonly book: string;
  readonly at: string;
  readonly instrument: string;
  readonly venue: string;
  readonly algorithm: string;
  readonly side: string;
  readonly quantity: string;
  readonly filled: string;
  readonly arrival: string;
  readonly notionalUsd: string;
  readonly shortfallUsd: ShortfallUsd;
}

export interface TcaReport {
  readonly schemaVersion: 1;
  readonly total: TcaGroup;
  readonly byVenue: readonly TcaGroup[];
  readonly byInstrument: readonly TcaGroup[];
  readonly byAlgorithm: readonly TcaGroup[];
  /** UTC hour of the decision, `00` to `23`. */
  readonly byHour: readonly TcaGroup[];
  readonly trades: readonly TradeLine[];
}

const PARTS = ['timing', 'spread', 'impact', 'fees', 'opportunity', 'total'] as const;
const BPS = 10_000;

interface Costed {
  readonly trade: TradeSeen;
  readonly notional: Decimal;
  readonly filled: Decimal;
  readonly shortfall: Shortfall;
}

/** What the trades of a journal cost, as a whole and by venue, instrument, algorithm and hour. */
export function tcaReport(journal: JournalTca): TcaReport {
  const costed = journal.trades.map(cost);
  const by = (key: (trade: TradeSeen) => string): TcaGroup[] => {
    const groups = new Map<string, Costed[]>();
    for (const entry of costed) {
      const name = key(entry.trade);
      const list = groups.get(name);
      if (list === undefined) groups.set(name, [entry]);
      else list.push(entry);
    }
    return [...groups]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, entries]) => groupOf(name, entries, journal));
  };
  return {
    schemaVersion: 1,
    total: groupOf('all', costed, journal),
    byVenue: by(({ venue }) => venue),
    byInstrument: by(({ instrument }) => instrument),
    byAlgorithm: by(({ algorithm }) => algorithm),
    byHour: by(({ at }) => formatInstant(at).slice(11, 13)),
    trades: costed.map(lineOf),
  };
}

function cost(trade: TradeSeen): Costed {
  const filled = trade.fills.reduce((sum, fill) => sum.plus(fill.quantity), Decimal.ZERO);
  const { side, quantity, fills, endMid } = trade;
  return {
    trade,
    notional: notionalOf(trade, quantity),
    filled,
    shortfall: shortfallOf({ unit: trade, side, quantity, fills, endMid }),
  };
}

function groupOf(key: string, entries: readonly Costed[], journal: JournalTca): TcaGroup {
  const zero = Object.fromEntries(PARTS.map((part) => [part, Decimal.ZERO])) as Record<
    keyof Shortfall,
    Decimal
  >; // one of each part
  let notional = Decimal.ZERO;
  let filledNotional = 0;
  let makerNotional = 0;
  let orders = 0;
  let fills = 0;
  for (const { trade, shortfall, notional: decided } of entries) {
    for (const part of PARTS) zero[part] = zero[part].plus(shortfall[part]);
    notional = notional.plus(decided);
    orders += trade.orders;
    fills += trade.fills.length;
    for (const fill of trade.fills) {
      const worth = fillNotional(trade, fill);
      filledNotional += worth;
      if (fill.liquidity === 'maker') makerNotional += worth;
    }
  }
  const whole = notional.toNumber();
  const inBps = (usd: Decimal): number => (whole > 0 ? (BPS * usd.toNumber()) / whole : 0);
  return {
    key,
    trades: entries.length,
    orders,
    fills,
    notionalUsd: notional.toString(),
    fillRate: whole > 0 ? filledNotional / whole : 0,
    shortfallUsd: written(zero),
    shortfallBps: inBps(zero.total),
    partsBps: Object.fromEntries(PARTS.map((part) => [part, inBps(zero[part])])) as Record<
      keyof Shortfall,
      number
    >, // one of each part
    makerShare: filledNotional > 0 ? makerNotional / filledNotional : 0,
    markouts: journal.horizons.map((horizon, place) => markoutOf(entries, place, Number(horizon) / 1e9)),
  };
}

function fillNotional(trade: TradeSeen, fill: FillSeen): number {
  return notionalOf(trade, fill.quantity).toNumber();
}

function markoutOf(entries: readonly Costed[], place: number, horizonSeconds: number): MarkoutFigure {
  let weight = 0;
  let moved = 0;
  let fills = 0;
  for (const { trade } of entries) {
    for (const fill of trade.fills) {
      const mark = fill.marks[place];
      if (mark === undefined) continue;
      const price = fill.price.toNumber();
      const worth = fillNotional(trade, fill);
      const sign = trade.side === 'buy' ? 1 : -1;
      moved += worth * sign * (mark.toNumber() / price - 1);
      weight += worth;
      fills += 1;
    }
  }
  return { horizonSeconds, bps: weight > 0 ? (BPS * moved) / weight : null, fills };
}

function lineOf({ trade, notional, filled, shortfall }: Costed): TradeLine {
  return {
    id: trade.id,
    decisionId: trade.decisionId,
    book: trade.book,
    at: formatInstant(trade.at),
    instrument: trade.instrument,
    venue: trade.venue,
    algorithm: trade.algorithm,
    side: trade.side,
    quantity: trade.quantity.toString(),
    filled: filled.toString(),
    arrival: trade.arrival.toString(),
    notionalUsd: notional.toString(),
    shortfallUsd: written(shortfall),
  };
}

function written(shortfall: Shortfall): ShortfallUsd {
  return Object.fromEntries(PARTS.map((part) => [part, shortfall[part].toString()])) as ShortfallUsd; // one of each part
}
