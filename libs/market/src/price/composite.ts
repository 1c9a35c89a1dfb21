import type { Mark, MarkStatus, ObservedSource } from '@evenkeel/facts';
import type { Instant } from '@evenkeel/kernel';
import { Decimal, formatInstant, required } from '@evenkeel/kernel';
import { exactPrice } from '../oracle/composite-verdict';
import { Oracle } from '../oracle/oracle';
import type { OracleRules } from '../oracle/rules';
import type { SourceRecord } from '../oracle/source-record';
import type { RawInstant, RawPeg, SourceDescription } from '../tape/raw-instant';
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
  /** What the oracle keeps of it; `last` is the last price that was believed. */
  readonly record: SourceRecord;
  /** At this moment it said something, believed or not, or its status moved. */
  hasNews: boolean;
}

/** Our own price of one underlying: the oracle over all its sources. */
export interface Composite extends Judged {
  readonly instrument: string;
  readonly underlying: string;
  readonly members: readonly Member[];
  readonly oracle: Oracle;
  price: string | undefined;
  /** Event time of the newest price in it. */
  eventTime: string;
}

export interface Verdict {
  readonly status: MarkStatus;
  readonly reasons: readonly string[];
}

const GOOD: Verdict = { status: 'OK', reasons: [] };
const UNHEARD: Verdict = { status: 'HALTED', reasons: ['NO_DATA'] };
const NO_PEGS: readonly RawPeg[] = [];

export function createComposite(
  underlying: string,
  sources: readonly SourceDescription[],
  weights: ReadonlyMap<string, number> | undefined,
  rules: OracleRules,
): Composite {
  const described = sources.map((source) => oracleSourceOf(source, weights?.get(source.source) ?? 1));
  const oracle = new Oracle(described, rules, 'OK');
  return {
    instrument: `${underlying}@composite`,
    underlying,
    members: sources.map((description, index) => {
      const record = required(oracle.records[index], 'a record for each source');
      return { description, record, hasNews: false, status: 'OK', reasons: GOOD.reasons };
    }),
    oracle,
    price: undefined,
    eventTime: '',
    status: 'OK',
    reasons: GOOD.reasons,
  };
}

/** Takes everything that was said of an underlying at one moment, together: what each record holds as said. */
export function takeMoment(composite: Composite, { pegs = NO_PEGS, at }: RawInstant): void {
  if (isAwaited(composite)) composite.oracle.openAnew();
  composite.oracle.take(pegs, at);
}

/** The status of a member's own marks: left out is HALTED, doubted is DEGRADED; one that is still awaited is neither. */
export function memberVerdict({ oracle }: Composite, { record }: Member): Verdict {
  if (record.isSilent) return oracle.isOverdue(record) ? UNHEARD : GOOD;
  if (record.outBits !== 0) return { status: 'HALTED', reasons: record.reasons };
  return record.doubtBits === 0 ? GOOD : { status: 'DEGRADED', reasons: record.doubts };
}

/** True while nobody has said anything and nobody is overdue. */
export function isAwaited({ price, members }: Composite): boolean {
  return (
    price === undefined && members.every(({ record, status }) => record.last === undefined && status === 'OK')
  );
}

/** Takes over what the oracle says. A halted composite keeps its last price for the eye; nothing may be traded on it. */
export function compositeVerdict(composite: Composite): Verdict {
  const { oracle, members } = composite;
  const { status, reasons } = oracle;
  if (status !== 'HALTED') {
    takePrice(composite);
    return oracle;
  }
  const ofMembers = members.flatMap((member) => (member.status === 'HALTED' ? member.reasons : []));
  return { status, reasons: [...new Set([...reasons, ...[...new Set(ofMembers)].sort()])] };
}

function takePrice(composite: Composite): void {
  const { price } = composite.oracle;
  if (price === undefined) return;
  // A price that is a source's own keeps the digits that it came with.
  const isOwn = price.low === price.high && price.low.converted === undefined;
  composite.price = isOwn ? price.low.last?.price : exactPrice(price).toString();
  let newest: SourceRecord | undefined;
  for (const { record, status } of composite.members)
    if (status !== 'HALTED' && record.last !== undefined)
      if (newest === undefined || record.lastAt > newest.lastAt) newest = record;
  composite.eventTime = newest?.last?.eventTime ?? '';
}

/** Every source of the underlying as it was seen at this moment, and what else the verdict stands on. */
export function observed(composite: Composite, now: Instant): ObservedSource[] {
  return [
    ...composite.members.flatMap((member) => observedMember(composite, member, now)),
    ...observedAverage(composite),
    ...observedPegs(composite, now),
  ];
}

function observedMember(composite: Composite, member: Member, now: Instant): ObservedSource[] {
  const { record, description } = member;
  const seen = record.suspect?.price ?? record.last;
  if (seen === undefined) return [];
  const reference = composite.price === undefined ? undefined : Number(composite.price);
  const { source, instrument } = description;
  return [
    {
      source,
      instrument,
      price: Decimal.parse(seen.price).toString(),
      eventTime: seen.eventTime,
      ageSeconds: record.last === undefined ? 0 : Number(now - record.last.at) / 1e9,
      ...(reference === undefined ? {} : { deviationBps: signedBps(seen.value, reference) }),
      reasons: member.reasons,
    },
  ];
}

function observedAverage({ oracle, instrument }: Composite): ObservedSource[] {
  const { twap, price, now } = oracle;
  if (Number.isNaN(twap)) return [];
  return [
    {
      source: 'time-weighted-average',
      instrument,
      price: Decimal.ofNumber(twap, 8).toString(),
      eventTime: formatInstant(now),
      ageSeconds: 0,
      ...(price === undefined ? {} : { deviationBps: signedBps(twap, price.value) }),
      reasons: [],
    },
  ];
}

function observedPegs({ oracle }: Composite, now: Instant): ObservedSource[] {
  return [...oracle.pegs].map(([currency, peg]) => {
    const at = oracle.timeOf(peg);
    return {
      source: `peg:${currency}`,
      instrument: currency,
      price: peg.price.toString(),
      eventTime: formatInstant(at),
      ageSeconds: Number(now - at) / 1e9,
      deviationBps: signedBps(peg.value, 1),
      reasons: [],
    };
  });
}

/** Rounded to a thousandth of a basis point: what people read. */
function signedBps(price: number, reference: number): number {
  return Math.round((price / reference - 1) * 1e7) / 1e3;
}

export function compositeMark(composite: Composite, now: string): Mark | undefined {
  const { instrument, price, eventTime, status, reasons } = composite;
  if (price === undefined) return undefined;
  return {
    instrument,
    kind: 'composite',
    price,
    bid: undefined,
    ask: undefined,
    volume: undefined,
    volatility: undefined,
    forward: undefined,
    index: undefined,
    eventTime,
    receivedTime: now,
    source: 'composite',
    status,
    reasons,
  };
}
