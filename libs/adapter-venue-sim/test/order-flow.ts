import { takeIn } from '@evenkeel/facts';
import { createOrderCore } from '@evenkeel/execution';
import type { ExecutionState, VenueEffect } from '@evenkeel/execution';
import type {
  CommitDraft,
  CoreInput,
  DomainEvent,
  HedgeDecision,
  Mark,
  MarketInstant,
  OrderLimits,
} from '@evenkeel/facts';
import { contractOf, specificationOf } from '@evenkeel/instruments';
import type { Contract, InstrumentSpec } from '@evenkeel/instruments';
import { canonicalJson, formatInstant, parseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { SimulatedVenue } from '../src/simulated-venue';

export const PERP = 'BTCUSDT-PERP@binance';
export const BOOK = 'book-1';
export const START = parseInstant('2026-01-05T00:00:00Z');

export function contractNamed(instrument: string): Contract {
  return contractOf(specOf(instrument));
}

export function specOf(instrument: string): InstrumentSpec {
  const found = specificationOf(instrument);
  if (!found.ok) throw new Error(found.failure.message);
  return found.value;
}

export function markOf(price: string, at: Instant, extra: Partial<Mark> = {}): Mark {
  const eventTime = formatInstant(at);
  return {
    instrument: PERP,
    kind: 'price',
    price,
    eventTime,
    receivedTime: eventTime,
    source: 'test',
    status: 'OK',
    reasons: [],
    ...extra,
  };
}

export function decisionOf(
  decisionId: string,
  at: Instant,
  quantity: string,
  referencePrice: string,
  urgency = 'normal',
): HedgeDecision {
  return {
    decisionId,
    book: BOOK,
    at: formatInstant(at),
    snapshotId: 'snapshot',
    policyKind: 'delta-band',
    policyHash: 'hash',
    assessments: [],
    candidates: [],
    trades: [{ instrument: PERP, quantity, referencePrice, delta: Number(quantity), urgency }],
    checks: [],
    reasons: ['BAND_BREACHED'],
    quietBefore: { evaluations: 0, from: '', to: '', maxBandUse: 0 },
  };
}

const LIMITS: OrderLimits = {
  maxOrderQuantity: [{ instrument: PERP, maxQuantity: '50' }],
  maxGrossNotionalUsd: '100000000',
  priceCollarBps: '50',
  maxOrdersPerMinute: 1000,
};

/** The order core and a venue on one event-time line: the smallest host there can be. */
export class OrderFlow {
  readonly core = createOrderCore();
  readonly events: DomainEvent[] = [];
  state: ExecutionState = this.core.initial();
  now = START;
  /** Asked before each effect and before each settling; true kills the process at that point. */
  dies: () => boolean = () => false;
  /** What starting again does; set by tests that kill. */
  restart: () => void = () => undefined;
  private dead = false;
  private last: MarketInstant | undefined;
  private number = 0;
  private commits = 0;

  constructor(
    public venue: SimulatedVenue,
    limits: OrderLimits = LIMITS,
  ) {
    this.fold({
      aggregate: { context: 'execution', type: 'venue-account', id: `binance/${BOOK}` },
      book: BOOK,
      eventTime: formatInstant(START),
      actor: { kind: 'human', id: 'tester' },
      events: [
        {
          type: 'VenueAccountOpened',
          payload: {
            book: BOOK,
            venue: 'binance',
            at: formatInstant(START),
            specifications: [canonicalJson({ ...specOf(PERP) })],
            limits,
            limitsVersion: '1',
          },
        },
      ],
    });
  }

  market(price: string, at: Instant, extra: Partial<Mark> = {}): void {
    this.advanceTo(at - 1n);
    this.now = at;
    const instant = this.instant(at, [markOf(price, at, extra)], []);
    this.venue.onMarks(instant);
    this.last = instant;
    this.feed({ kind: 'instant', instant });
  }

  /** A venue that was opened again has to be shown the market as it is. */
  showAgain(): void {
    if (this.last !== undefined) this.venue.onMarks(this.last);
  }

  decide(decision: HedgeDecision): void {
    const commit = {
      commitId: decision.decisionId,
      aggregate: { context: 'strategy', type: 'hedge-program', id: BOOK } as const,
      book: BOOK,
      eventTime: decision.at,
      correlationId: 'correlation',
      events: [{ type: 'HedgeDecided', payload: decision } as const],
    };
    this.feed({ kind: 'commit', commit });
  }

  /** Wakes whenever the core or the venue asks for it, until `to`. */
  advanceTo(to: Instant): void {
    for (;;) {
      const wake = [this.core.nextWake(this.state), this.venue.due()].reduce(
        (first, time) => (time !== undefined && (first === undefined || time < first) ? time : first),
        undefined,
      );
      if (wake === undefined || wake > to) break;
      this.now = wake > this.now ? wake : this.now;
      for (const due of this.venue.collect(this.now)) {
        this.feed({ kind: 'venue', id: due.id, at: due.at, report: due.report });
        if (this.dies()) this.restart();
        else this.venue.settled(due.id);
      }
      this.feed({ kind: 'instant', instant: this.instant(this.now, [], ['execution']) });
    }
    if (to > this.now) this.now = to;
  }

  feed(input: CoreInput): void {
    this.state = takeIn(this.core, this.state, input);
    for (let step = this.core.decide(this.state, input); ; step = this.core.decide(this.state, input)) {
      for (const commit of step.commits) this.fold(commit);
      for (const effect of step.effects) {
        this.dead ||= this.dies();
        if (!this.dead) this.carryOut(effect);
      }
      if (step.commits.length === 0) break;
    }
    if (this.dead) {
      this.dead = false;
      this.restart();
    }
  }

  fold(draft: CommitDraft): void {
    this.commits += 1;
    this.events.push(...draft.events);
    this.state = this.core.evolve(this.state, {
      commitId: `c${this.commits}`,
      correlationId: 'correlation',
      ...draft,
    });
  }

  carryOut(effect: VenueEffect): void {
    this.venue.perform(effect, this.now);
  }

  types(): string[] {
    return this.events.map((event) => event.type).filter((type) => type !== 'VenueAccountOpened');
  }

  private instant(at: Instant, marks: readonly Mark[], wakes: readonly string[]): MarketInstant {
    this.number += 1;
    return { number: this.number, eventTime: formatInstant(at), marks, fundings: [], deliveries: [], wakes };
  }
}
