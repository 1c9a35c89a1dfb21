import type { CommitDraft, DomainEvent, Mark, MarketInstant, ObservedSource } from '@evenkeel/facts';
import { AssertionFault, required } from '@evenkeel/kernel';
import type { OracleRules } from '../oracle/rules';
import type { RawInstant, RawPrice, SourceDescription } from '../tape/raw-instant';
import {
  compositeMark,
  compositeVerdict,
  createComposite,
  isAwaited,
  isCrossed,
  memberVerdict,
  observed,
  takeMoment,
} from './composite';
import type { Composite, Judged, Member, Verdict } from './composite';
import { rulesForRhythm } from './rhythm';
import { createSettlementWatch } from './settlements';

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
  const settlements = createSettlementWatch(config.interest);
  const sources = [...config.sources];
  const composites = createComposites(config);
  const known = new Set(sources.map(({ source }) => source));
  return {
    follow(added) {
      const touched = new Set(added.map(({ underlying }) => underlying));
      sources.push(...added);
      for (const { source } of added) known.add(source);
      const kept = composites.filter(({ underlying }) => !touched.has(underlying));
      const anew = sources.filter(({ underlying }) => touched.has(underlying));
      composites.splice(0, composites.length, ...kept, ...createComposites({ ...config, sources: anew }));
    },
    ingest(raw, number) {
      for (const { source } of raw.prices)
        if (!known.has(source)) throw new AssertionFault(`source ${source} is described`);
      for (const composite of composites) takeMoment(composite, raw.prices, raw.pegs ?? [], raw.at);
      const facts: CommitDraft[] = [];
      const marks: Mark[] = [];
      for (const composite of composites)
        composite.members.forEach((member, index) =>
          judgeMember(member, composite, memberVerdict(composite, index, raw.at), raw, marks, facts),
        );
      for (const quote of raw.quotes) {
        settlements.watch(quote.instrument);
        marks.push(quote);
      }
      for (const composite of composites) judgeComposite(composite, raw, marks, facts);
      for (const delivery of raw.deliveries) {
        for (const settled of settlements.settle(delivery)) {
          facts.push(
            draft('instrument', settled.instrument, settled.instrument, raw, {
              type: 'InstrumentSettled',
              payload: settled,
            }),
          );
        }
      }
      const { eventTime, fundings, deliveries } = raw;
      return { instant: { number, eventTime, marks, fundings, deliveries, wakes: [] }, facts };
    },
  };
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
  verdict: Verdict,
  raw: RawInstant,
  marks: Mark[],
  facts: CommitDraft[],
): void {
  const moved = verdict.status !== member.status || !sameReasons(verdict.reasons, member.reasons);
  if (moved) {
    const before = { status: member.status };
    member.reasons = verdict.reasons;
    const { source, instrument } = member.description;
    record(member, before.status, verdict, {
      raw,
      facts,
      source,
      instrument,
      observed: () => seen(composite, raw),
    });
  }
  if (!moved && !member.changed) return;
  member.changed = true;
  if (member.believed !== undefined) marks.push(priceMark(member.believed, member, raw.eventTime));
}

const seen = (composite: Composite, raw: RawInstant): readonly ObservedSource[] =>
  observed(composite, raw.at);

function judgeComposite(composite: Composite, raw: RawInstant, marks: Mark[], facts: CommitDraft[]): void {
  const verdict = isAwaited(composite) ? undefined : compositeVerdict(composite);
  if (verdict === undefined) return;
  const moved = verdict.status !== composite.status || !sameReasons(verdict.reasons, composite.reasons);
  if (!moved && !composite.members.some((member) => member.changed)) return;
  const before = composite.status;
  composite.reasons = verdict.reasons;
  if (verdict.status !== before)
    record(composite, before, verdict, {
      raw,
      facts,
      source: `composite:${composite.underlying}`,
      instrument: composite.instrument,
      observed: () => seen(composite, raw),
    });
  const mark = compositeMark(composite, raw.eventTime);
  if (mark !== undefined) marks.push(mark);
}

interface Recording {
  readonly raw: RawInstant;
  readonly facts: CommitDraft[];
  readonly source: string;
  readonly instrument: string;
  readonly observed: () => readonly ObservedSource[];
}

/** Puts a change of status on record, with everything it was judged from, and into the state. */
function record(judged: Judged, before: Judged['status'], verdict: Verdict, to: Recording): void {
  const { raw, facts, source, instrument } = to;
  const at = raw.eventTime;
  const { reasons } = verdict;
  judged.status = verdict.status;
  const ofSource = (event: DomainEvent): number =>
    facts.push(draft('source', source, instrument, raw, event));
  const ofInstrument = (event: DomainEvent): number =>
    facts.push(draft('instrument', instrument, instrument, raw, event));
  const inputs = to.observed();
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
function priceMark(last: RawPrice, member: Member, now: string): Mark {
  const quoted = last.bid !== undefined && last.ask !== undefined && !isCrossed(last);
  return {
    instrument: last.instrument,
    kind: 'price',
    price: last.price,
    ...(quoted ? { bid: last.bid, ask: last.ask } : {}),
    // Told once, with the price it came with.
    ...(last.volume !== undefined && last.eventTime === now ? { volume: last.volume } : {}),
    eventTime: last.eventTime,
    receivedTime: now,
    source: last.source,
    status: member.status,
    reasons: member.reasons,
  };
}

function sameReasons(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((reason, index) => reason === b[index]);
}
