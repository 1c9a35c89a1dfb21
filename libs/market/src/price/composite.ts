import type { Mark, MarkStatus, ObservedSource } from '@evenkeel/facts';
import type { Instant } from '@evenkeel/kernel';
import { Decimal, formatInstant, parseInstant } from '@evenkeel/kernel';
import { initialOracle, reactOracle } from '../oracle/oracle';
import type { OracleState, PegQuote } from '../oracle/oracle';
import type { OracleRules } from '../oracle/rules';
import type { Observation, SourceRecord } from '../oracle/source-record';
import type { RawPeg, RawPrice, SourceDescription } from '../tape/raw-instant';
import { oracleSourceOf } from './rhythm';

/** Something whose status goes on record when it changes. */
export interface Judged {
  status: MarkStatus;
  reasons: readonly string[];
  degradedSince?: string;
  haltedSince?: string;
}

/** One source of an underlying, as its marks show it. */
export interface Member extends Judged {
  readonly description: SourceDescription;
  /** The last price that was believed. */
  believed?: RawPrice;
  /** Something was said, believed or not. */
  changed: boolean;
}

/** Our own price of one underlying: the oracle over all its sources. */
export interface Composite extends Judged {
  readonly instrument: string;
  readonly underlying: string;
  readonly rules: OracleRules;
  readonly members: readonly Member[];
  oracle: OracleState;
  price?: string;
  /** Event time of the newest price in it. */
  at: Instant;
}

export interface Verdict {
  readonly status: MarkStatus;
  readonly reasons: readonly string[];
}

const GOOD: Verdict = { status: 'OK', reasons: [] };

export function createComposite(
  underlying: string,
  sources: readonly SourceDescription[],
  weights: ReadonlyMap<string, number> | undefined,
  rules: OracleRules,
): Composite {
  const described = sources.map((source) => oracleSourceOf(source, weights?.get(source.source) ?? 1));
  return {
    instrument: `${underlying}@composite`,
    underlying,
    rules,
    members: sources.map((description) => ({ description, status: 'OK', reasons: [], changed: false })),
    oracle: initialOracle(underlying, described, 'OK'),
    at: 0n,
    status: 'OK',
    reasons: [],
  };
}

/** Takes everything that was said of an underlying at one moment, together. */
export function takeMoment(
  composite: Composite,
  prices: readonly RawPrice[],
  pegs: readonly RawPeg[],
  now: Instant,
): void {
  const said = new Map(prices.map((price) => [price.source, price]));
  const observations = new Map<string, Observation>();
  for (const { description } of composite.members) {
    const price = said.get(description.source);
    if (price !== undefined) observations.set(price.source, observationOf(price, now));
  }
  composite.oracle = reactOracle(
    isAwaited(composite) ? unopened(composite.oracle) : composite.oracle,
    {
      kind: 'batch',
      observations: [...observations.values()],
      pegs: pegs.map(pegOf),
      receivedTime: now,
    },
    composite.rules,
  ).state;
  composite.members.forEach((member, index) => {
    const observation = observations.get(member.description.source);
    member.changed = observation !== undefined;
    const raw = said.get(member.description.source);
    const record = composite.oracle.records[index];
    if (raw !== undefined && observation !== undefined && record?.last === observation) member.believed = raw;
  });
}

/** Before anybody has said anything there is nothing to come back from. */
function unopened(oracle: OracleState): OracleState {
  const { better: _none, ...rest } = oracle;
  return { ...rest, status: 'OK', reasons: [] };
}

/** A price that is no number, or not one of a price, is an observation that the oracle refuses. */
function observationOf(price: RawPrice, now: Instant): Observation {
  return {
    source: price.source,
    price: Decimal.tryParse(price.price) ?? Decimal.ZERO,
    eventTime: parseInstant(price.eventTime),
    receivedTime: now,
    ...(price.traded ? {} : { traded: false }),
    ...(isCrossed(price) ? { crossed: true } : {}),
  };
}

function pegOf({ currency, price, eventTime }: RawPeg): PegQuote {
  return { currency, price: Decimal.parse(price), eventTime: parseInstant(eventTime) };
}

/** The status of a member's own marks: left out is HALTED, doubted is DEGRADED; one that is still awaited is neither. */
export function memberVerdict(composite: Composite, index: number, now: Instant): Verdict {
  const record = composite.oracle.records[index];
  if (record === undefined) return GOOD;
  if (record.last === undefined && record.suspect === undefined && record.refused === undefined) {
    const waited = record.awaitedSince === undefined ? 0n : now - record.awaitedSince;
    return waited > record.source.maxAgeNs ? { status: 'HALTED', reasons: ['NO_DATA'] } : GOOD;
  }
  if (record.reasons.length > 0) return { status: 'HALTED', reasons: record.reasons };
  return record.doubts.length > 0 ? { status: 'DEGRADED', reasons: record.doubts } : GOOD;
}

/** True while nobody has said anything and nobody is overdue. */
export function isAwaited(composite: Composite): boolean {
  return (
    composite.price === undefined &&
    composite.members.every(({ believed, status }) => believed === undefined && status === 'OK')
  );
}

/** Takes over what the oracle says. A halted composite keeps its last price for the eye; nothing may be traded on it. */
export function compositeVerdict(composite: Composite): Verdict {
  const { oracle, members } = composite;
  const { status, reasons, price } = oracle;
  if (status !== 'HALTED' && price !== undefined) {
    composite.price = textOf(composite, price);
    composite.at = oracle.records.reduce(
      (newest, record, index) =>
        members[index]?.status !== 'HALTED' && record.last !== undefined && record.last.eventTime > newest
          ? record.last.eventTime
          : newest,
      0n,
    );
  }
  if (status !== 'HALTED') return { status, reasons };
  const ofMembers = members.flatMap((member) => (member.status === 'HALTED' ? member.reasons : []));
  return { status, reasons: [...new Set([...reasons, ...[...new Set(ofMembers)].sort()])] };
}

/** A price that is a source's own keeps the digits that it came with. */
function textOf({ oracle, members }: Composite, price: Decimal): string {
  const index = oracle.records.findIndex(({ last }) => last?.price === price);
  return members[index]?.believed?.price ?? price.toString();
}

/** Every source of the underlying as it was seen at this moment, and what else the verdict stands on. */
export function observed(composite: Composite, now: Instant): ObservedSource[] {
  return [
    ...composite.members.flatMap((member, index) => observedMember(composite, member, index, now)),
    ...observedAverage(composite),
    ...observedPegs(composite, now),
  ];
}

export function observedMember(
  composite: Composite,
  member: Member,
  index: number,
  now: Instant,
): ObservedSource[] {
  const record = composite.oracle.records[index];
  const seen = record?.suspect?.observation ?? record?.last;
  if (record === undefined || seen === undefined) return [];
  const reference = composite.price === undefined ? undefined : Number(composite.price);
  const { source, instrument } = member.description;
  return [
    {
      source,
      instrument,
      price: seen.price.toString(),
      eventTime: formatInstant(seen.eventTime),
      ageSeconds: secondsSince(record, now),
      ...(reference === undefined ? {} : { deviationBps: signedBps(seen.price.toNumber(), reference) }),
      reasons: member.reasons,
    },
  ];
}

const secondsSince = (record: SourceRecord, now: Instant): number =>
  record.last === undefined ? 0 : Number(now - record.last.eventTime) / 1e9;

function observedAverage({ oracle, instrument }: Composite): ObservedSource[] {
  const { twap, price, now } = oracle;
  if (twap === undefined) return [];
  return [
    {
      source: 'time-weighted-average',
      instrument,
      price: Decimal.ofNumber(twap, 8).toString(),
      eventTime: formatInstant(now),
      ageSeconds: 0,
      ...(price === undefined ? {} : { deviationBps: signedBps(twap, price.toNumber()) }),
      reasons: [],
    },
  ];
}

function observedPegs({ oracle }: Composite, now: Instant): ObservedSource[] {
  return [...oracle.pegs].map(([currency, { price, eventTime }]) => ({
    source: `peg:${currency}`,
    instrument: currency,
    price: price.toString(),
    eventTime: formatInstant(eventTime),
    ageSeconds: Number(now - eventTime) / 1e9,
    deviationBps: signedBps(price.toNumber(), 1),
    reasons: [],
  }));
}

/** Rounded to a thousandth of a basis point: what people read. */
function signedBps(price: number, reference: number): number {
  return Math.round((price / reference - 1) * 1e7) / 1e3;
}

export function compositeMark(composite: Composite, now: string): Mark | undefined {
  if (composite.price === undefined) return undefined;
  return {
    instrument: composite.instrument,
    kind: 'composite',
    price: composite.price,
    eventTime: formatInstant(composite.at),
    receivedTime: now,
    source: 'composite',
    status: composite.status,
    reasons: composite.reasons,
  };
}

export function isCrossed(quote: { readonly bid?: string; readonly ask?: string } | undefined): boolean {
  if (quote?.bid === undefined || quote.ask === undefined) return false;
  return Number(quote.bid) > Number(quote.ask);
}
