import type { CommitDraft, DomainEvent, Mark, MarketInstant } from '@evenkeel/facts';
import { AssertionFault, required } from '@evenkeel/kernel';
import type { OracleRules } from '../oracle/rules';
import type { SourceRecord } from '../oracle/source-record';
import type { RawInstant, RawPrice, SourceDescription } from '../tape/raw-instant';
import {
  compositeMark,
  compositeVerdict,
  createComposite,
  isAwaited,
  memberVerdict,
  observed,
  takeMoment,
} from './composite';
import type { Composite, Judged, Member, Verdict } from './composite';
import { rulesForRhythm } from './rhythm';
import { createSettlementWatch } from './settlements';
import type { SettlementWatch } from './settlements';

export interface PriceIngestConfig {
  readonly sources: readonly SourceDescription[];
  /** Changes to the rules that follow from the rhythm of the sources. */
  readonly rules?: Partial<OracleRules>;
  /** Weight of a source in the composite, by source name; 1 where not named. */
  readonly weights?: ReadonlyMap<string, number>;
  /** Instruments whose settlement is put on record; every expiring instrument that was quoted when absent. */
  readonly interest?: ReadonlySet<string>;
}

export interface IngestedInstant {
  readonly instant: MarketInstant;
  /** Commits of context `price`; each belongs to the partition of its instrument. */
  readonly facts: readonly CommitDraft[];
}

/**
 * Turns what sources say into marks that carry a status. Deterministic: the same raw instants give the same marks and
 * facts, so a price service that was killed gets back to where it was by ingesting the tape from its start.
 */
export interface PriceIngest {
  /** `number` is the instant's place in the run. Time must increase from call to call. */
  ingest(raw: RawInstant, number: number): IngestedInstant;
  /**
   * Takes more sources in. An underlying that has some already is judged anew from all of them, as if the service had just
   * begun.
   */
  follow(sources: readonly SourceDescription[]): void;
}

export function createPriceIngest(config: PriceIngestConfig): PriceIngest {
  return new CompositeIngest(config);
}

class CompositeIngest implements PriceIngest {
  private readonly settlements: SettlementWatch;
  private readonly sources: SourceDescription[];
  private composites: readonly Composite[];
  /** The records that a source speaks to; none where it is a chain's. */
  private heard = new Map<string, readonly SourceRecord[]>();

  constructor(private readonly config: PriceIngestConfig) {
    this.settlements = createSettlementWatch(config.interest);
    this.sources = [...config.sources];
    this.composites = createComposites(config);
    this.connect();
  }

  follow(added: readonly SourceDescription[]): void {
    const touched = new Set(added.map(({ underlying }) => underlying));
    this.sources.push(...added);
    const kept = this.composites.filter(({ underlying }) => !touched.has(underlying));
    const anew = this.sources.filter(({ underlying }) => touched.has(underlying));
    this.composites = [...kept, ...createComposites({ ...this.config, sources: anew })];
    this.connect();
  }

  ingest(raw: RawInstant, number: number): IngestedInstant {
    const { eventTime, fundings, deliveries } = raw;
    const facts: CommitDraft[] = [];
    const marks: Mark[] = [];
    this.hear(raw.prices);
    for (const composite of this.composites) takeMoment(composite, raw);
    for (const composite of this.composites)
      for (const member of composite.members) judgeMember(member, composite, raw, marks, facts);
    for (const quote of raw.quotes) {
      this.settlements.watch(quote.instrument);
      marks.push(quote);
    }
    for (const composite of this.composites) judgeComposite(composite, raw, marks, facts);
    for (const delivery of deliveries)
      for (const payload of this.settlements.settle(delivery)) {
        const { instrument } = payload;
        facts.push(draft('instrument', instrument, instrument, raw, { type: 'InstrumentSettled', payload }));
      }
    return { instant: { number, eventTime, marks, fundings, deliveries, wakes: [] }, facts };
  }

  private hear(prices: readonly RawPrice[]): void {
    for (const price of prices) {
      const records = this.heard.get(price.source);
      if (records === undefined) throw new AssertionFault(`source ${price.source} is described`);
      for (const record of records) record.said = price;
    }
  }

  private connect(): void {
    const members = this.composites.flatMap((composite) => composite.members);
    this.heard = new Map(
      this.sources.map(({ source }) => [
        source,
        members.flatMap(({ description, record }) => (description.source === source ? [record] : [])),
      ]),
    );
  }
}

function createComposites({ sources, rules, weights }: PriceIngestConfig): Composite[] {
  const byUnderlying = new Map<string, SourceDescription[]>();
  for (const description of sources) {
    if (description.kind !== 'price') continue;
    const group = byUnderlying.get(description.underlying);
    if (group === undefined) byUnderlying.set(description.underlying, [description]);
    else group.push(description);
  }
  return [...byUnderlying].map(([underlying, group]) =>
    createComposite(underlying, group, weights, { ...rulesForRhythm(group), ...rules }),
  );
}

function judgeMember(
  member: Member,
  composite: Composite,
  raw: RawInstant,
  marks: Mark[],
  facts: CommitDraft[],
): void {
  const { record, description } = member;
  const verdict = memberVerdict(composite, member);
  const moved = verdict.status !== member.status || !sameReasons(verdict.reasons, member.reasons);
  if (moved) {
    const before = member.status;
    member.reasons = verdict.reasons;
    const { source, instrument } = description;
    put(member, before, verdict, { raw, facts, source, instrument, composite });
  }
  member.hasNews = moved || record.said !== undefined;
  record.said = undefined;
  if (!member.hasNews) return;
  if (record.last !== undefined) marks.push(priceMark(record.last, member, raw.eventTime));
}

function judgeComposite(composite: Composite, raw: RawInstant, marks: Mark[], facts: CommitDraft[]): void {
  const { instrument, members, status: before } = composite;
  if (isAwaited(composite)) return;
  const verdict = compositeVerdict(composite);
  const moved = verdict.status !== before || !sameReasons(verdict.reasons, composite.reasons);
  if (!moved && !members.some((member) => member.hasNews)) return;
  composite.reasons = verdict.reasons;
  const source = `composite:${composite.underlying}`;
  if (verdict.status !== before)
    put(composite, before, verdict, { raw, facts, source, instrument, composite });
  const mark = compositeMark(composite, raw.eventTime);
  if (mark !== undefined) marks.push(mark);
}

interface Recording {
  readonly raw: RawInstant;
  readonly facts: CommitDraft[];
  readonly source: string;
  readonly instrument: string;
  readonly composite: Composite;
}

/** Puts a change of status on record, with everything it was judged from, and into the state. */
function put(judged: Judged, before: Judged['status'], verdict: Verdict, to: Recording): void {
  const { raw, facts, source, instrument, composite } = to;
  const at = raw.eventTime;
  const { reasons } = verdict;
  judged.status = verdict.status;
  const ofSource = (event: DomainEvent): number =>
    facts.push(draft('source', source, instrument, raw, event));
  const ofInstrument = (event: DomainEvent): number =>
    facts.push(draft('instrument', instrument, instrument, raw, event));
  const inputs = observed(composite, raw.at);
  if (before === 'OK' && verdict.status !== 'OK') {
    judged.degradedSince = at;
    ofSource({ type: 'SourceDegraded', payload: { source, instrument, at, reasons, observed: inputs } });
  }
  if (before !== 'HALTED' && verdict.status === 'HALTED') {
    judged.haltedSince = at;
    ofInstrument({ type: 'PriceHalted', payload: { instrument, at, reasons, observed: inputs } });
  }
  if (before === 'HALTED' && verdict.status !== 'HALTED') {
    const haltedSince = required(judged.haltedSince, 'the start of a halt');
    ofInstrument({ type: 'PriceRestored', payload: { instrument, at, haltedSince, observed: inputs } });
    delete judged.haltedSince;
  }
  if (before !== 'OK' && verdict.status === 'OK') {
    const degradedSince = required(judged.degradedSince, 'the start of a degradation');
    ofSource({
      type: 'SourceRecovered',
      payload: { source, instrument, at, degradedSince, observed: inputs },
    });
    delete judged.degradedSince;
  }
}

function draft(
  type: 'instrument' | 'source',
  id: string,
  book: string,
  raw: RawInstant,
  event: DomainEvent,
): CommitDraft {
  return {
    aggregate: { context: 'price', type, id },
    book,
    eventTime: raw.eventTime,
    actor: { kind: 'algo', id: 'price-ingest' },
    events: [event],
  };
}

/** What is not believed is not passed on: the mark keeps the last believed price and time, and says HALTED. */
function priceMark(last: RawPrice, { status, reasons }: Member, now: string): Mark {
  const { instrument, price, bid, ask, crossed, volume, eventTime, source } = last;
  const quoted = bid !== undefined && ask !== undefined && !crossed;
  return {
    instrument,
    kind: 'price',
    price,
    bid: quoted ? bid : undefined,
    ask: quoted ? ask : undefined,
    // Told once, with the price it came with.
    volume: eventTime === now ? volume : undefined,
    volatility: undefined,
    forward: undefined,
    index: undefined,
    eventTime,
    receivedTime: now,
    source,
    status,
    reasons,
  };
}

function sameReasons(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((reason, index) => reason === b[index]));
}
