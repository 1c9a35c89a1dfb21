import type {
  CommitDraft,
  DomainEvent,
  Mark,
  MarketInstant,
  MarkStatus,
  ObservedSource,
} from '@evenkeel/facts';
import type { Instant } from '@evenkeel/kernel';
import { required } from '@evenkeel/kernel';
import type { RawInstant, RawPrice } from '../tape/raw-instant';
import { compareMembers, compositeMark, createCompositeState, observe, recompute } from './composite';
import type { CompositeState } from './composite';
import { DEFAULT_PRICE_RULES } from './rules';
import type { PriceIngestConfig, PriceRules } from './rules';
import { createSettlementWatch } from './settlements';
import { acceptPrice, createSourceState, isCrossed, judge } from './source-health';
import type { SourceState, Verdict } from './source-health';

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
}

interface Judged {
  status: MarkStatus;
  reasons: readonly string[];
  degradedSince?: string;
  haltedSince?: string;
}

export function createPriceIngest(config: PriceIngestConfig): PriceIngest {
  const rules: PriceRules = { ...DEFAULT_PRICE_RULES, ...config.rules };
  const settlements = createSettlementWatch(config.interest);
  let market:
    { sources: ReadonlyMap<string, SourceState>; composites: readonly CompositeState[] } | undefined;

  return {
    ingest(raw, number) {
      market ??= createMarket(config, rules, raw.at);
      const { sources, composites } = market;
      takePrices(raw.prices, sources, composites, rules);
      for (const composite of composites) compareMembers(composite, raw.at);
      const facts: CommitDraft[] = [];
      const marks: Mark[] = [];
      for (const composite of composites) {
        for (const member of composite.members) judgeSource(member, composite, raw, rules, marks, facts);
      }
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

function createMarket(config: PriceIngestConfig, rules: PriceRules, start: Instant) {
  const sources = new Map<string, SourceState>();
  const members = new Map<string, SourceState[]>();
  for (const description of config.sources) {
    if (description.kind !== 'price') continue;
    const state = createSourceState(description, config.weights?.get(description.source) ?? 1, rules, start);
    sources.set(description.source, state);
    members.set(description.underlying, [...(members.get(description.underlying) ?? []), state]);
  }
  const composites = [...members].map(([underlying, states]) =>
    createCompositeState(underlying, states, rules),
  );
  return { sources, composites };
}

function takePrices(
  prices: readonly RawPrice[],
  sources: ReadonlyMap<string, SourceState>,
  composites: readonly CompositeState[],
  rules: PriceRules,
): void {
  for (const composite of composites) for (const member of composite.members) member.changed = false;
  for (const price of prices) {
    const state = required(sources.get(price.source), `the description of source ${price.source}`);
    const peers = prices.flatMap((other) => {
      const peer = sources.get(other.source);
      return peer !== state && peer?.description.underlying === state.description.underlying
        ? [Number(other.price)]
        : [];
    });
    acceptPrice(state, price, peers, rules);
  }
}

function judgeSource(
  member: SourceState,
  composite: CompositeState,
  raw: RawInstant,
  rules: PriceRules,
  marks: Mark[],
  facts: CommitDraft[],
): void {
  const verdict = judge(member, raw.at, rules);
  const moved = verdict.status !== member.status || !sameReasons(verdict.reasons, member.reasons);
  const before = member.status;
  member.reasons = verdict.reasons;
  const { source, instrument } = member.description;
  if (moved)
    record(member, before, verdict, {
      raw,
      facts,
      source,
      instrument,
      observed: () => observe(member, composite, raw.at),
    });
  if (moved || member.changed) {
    member.changed = true;
    if (member.last !== undefined) marks.push(priceMark(member.last, member, raw.eventTime));
  }
}

function judgeComposite(
  composite: CompositeState,
  raw: RawInstant,
  marks: Mark[],
  facts: CommitDraft[],
): void {
  if (!composite.members.some((member) => member.changed)) return;
  if (
    composite.price === undefined &&
    composite.members.every((member) => member.last === undefined && member.status === 'OK')
  )
    return;
  const verdict = recompute(composite);
  const before = composite.status;
  if (verdict.status !== before) {
    const { instrument } = composite;
    const observed = (): ObservedSource[] =>
      composite.members.flatMap((member) => observe(member, composite, raw.at));
    record(composite, before, verdict, {
      raw,
      facts,
      source: `composite:${composite.underlying}`,
      instrument,
      observed,
    });
  }
  composite.reasons = verdict.reasons;
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

/** Puts a change of status on record and into the state. */
function record(judged: Judged, before: MarkStatus, verdict: Verdict, to: Recording): void {
  const { raw, facts, source, instrument } = to;
  const at = raw.eventTime;
  judged.status = verdict.status;
  const ofSource = (event: DomainEvent): number =>
    facts.push(draft('source', source, instrument, raw, event));
  const ofInstrument = (event: DomainEvent): number =>
    facts.push(draft('instrument', instrument, instrument, raw, event));
  if (before === 'OK' && verdict.status !== 'OK') {
    judged.degradedSince = at;
    ofSource({ type: 'SourceDegraded', payload: { source, instrument, at, reasons: verdict.reasons } });
  }
  if (before !== 'HALTED' && verdict.status === 'HALTED') {
    judged.haltedSince = at;
    ofInstrument({
      type: 'PriceHalted',
      payload: { instrument, at, reasons: verdict.reasons, observed: to.observed() },
    });
  }
  if (before === 'HALTED' && verdict.status !== 'HALTED') {
    const haltedSince = required(judged.haltedSince, 'the start of a halt');
    ofInstrument({
      type: 'PriceRestored',
      payload: { instrument, at, haltedSince, observed: to.observed() },
    });
    delete judged.haltedSince;
  }
  if (before !== 'OK' && verdict.status === 'OK') {
    const degradedSince = required(judged.degradedSince, 'the start of a degradation');
    ofSource({ type: 'SourceRecovered', payload: { source, instrument, at, degradedSince } });
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
function priceMark(last: RawPrice, state: SourceState, now: string): Mark {
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
    status: state.status,
    reasons: state.reasons,
  };
}

function sameReasons(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((reason, index) => reason === b[index]);
}
