import { reportSubject, takeIn } from '@evenkeel/facts';
import type {
  AggregateRef,
  CommitDraft,
  CoreInput,
  DomainEvent,
  HedgeDecision,
  MarkStatus,
  OrderLimits,
  ReportedTrade,
  RiskSnapshotTaken,
  TradeChosen,
  VenueReport,
} from '@evenkeel/facts';
import { specificationOf } from '@evenkeel/instruments';
import { canonicalJson, formatInstant, parseInstant } from '@evenkeel/kernel';
import { watched } from '@evenkeel/testkit';
import type { ExecutionState } from '../src/execution-state';
import { createOrderCore } from '../src/order-core';
import type { VenueEffect } from '../src/venue-effect';

export const PERP = 'BTCUSDT-PERP@binance';
export const OPTION = 'BTC-23JAN26-96000-C@deribit';
export const BOOK = 'desk';
export const T0 = parseInstant('2026-01-05T00:00:00Z');
export const at = (seconds: number): string =>
  formatInstant(T0 + BigInt(Math.round(seconds * 1000)) * 1_000_000n);

const LIMITS: OrderLimits = {
  maxOrderQuantity: [{ instrument: PERP, maxQuantity: '5' }],
  maxGrossNotionalUsd: '1000000',
  priceCollarBps: '50',
  maxOrdersPerMinute: 3,
};

/** Given, when, then: drives the core as a host would and keeps what came out. */
export class Desk {
  state: ExecutionState;
  readonly events: DomainEvent[] = [];
  readonly effects: VenueEffect[] = [];

  /** Watched for what a core may not do, but where a test is long. */
  constructor(
    limits: Partial<OrderLimits> = {},
    readonly core = watched(createOrderCore()).core,
  ) {
    this.state = core.initial();
    this.account('binance', PERP, limits);
    this.mark('90000', 0);
  }

  account(venue: string, instrument: string, limits: Partial<OrderLimits> = {}): void {
    const spec = specificationOf(instrument);
    if (!spec.ok) throw new Error(spec.failure.message);
    this.fold({
      type: 'VenueAccountOpened',
      payload: {
        book: BOOK,
        venue,
        at: at(0),
        specifications: [canonicalJson({ ...spec.value })],
        limits: { ...LIMITS, ...limits },
        limitsVersion: 'v1',
      },
    });
  }

  mark(price: string, seconds: number, status: MarkStatus = 'OK', instrument = PERP): void {
    const eventTime = at(seconds);
    const mark = {
      instrument,
      index: '90000',
      kind: 'price',
      price,
      eventTime,
      receivedTime: eventTime,
      source: 's',
      status,
      reasons: [],
    } as const;
    this.feed({
      kind: 'instant',
      instant: { number: 1, eventTime, marks: [mark], fundings: [], deliveries: [], wakes: [] },
    });
  }

  wake(seconds: number): void {
    const instant = {
      number: 1,
      eventTime: at(seconds),
      marks: [],
      fundings: [],
      deliveries: [],
      wakes: ['execution'],
    };
    this.feed({ kind: 'instant', instant });
  }

  decide(decisionId: string, seconds: number, ...trades: Partial<TradeChosen>[]): void {
    const decision: HedgeDecision = {
      decisionId,
      book: BOOK,
      at: at(seconds),
      snapshotId: 's',
      policyKind: 'delta-band',
      policyHash: 'p',
      assessments: [],
      candidates: [],
      trades: trades.map((trade) => ({
        instrument: PERP,
        quantity: '1',
        referencePrice: '90000',
        delta: 1,
        urgency: 'normal',
        ...trade,
      })),
      checks: [],
      reasons: [],
      quietBefore: { evaluations: 0, from: '', to: '', maxBandUse: 0 },
    };
    this.commit([{ type: 'HedgeDecided', payload: decision }], seconds);
  }

  /** What risk says. */
  risk(events: DomainEvent | readonly DomainEvent[], seconds: number): void {
    const aggregate = { context: 'risk', type: 'book', id: BOOK } as const;
    this.commit([events].flat(), seconds, aggregate);
  }

  commit(
    events: DomainEvent[],
    seconds: number,
    aggregate: AggregateRef = { context: 'strategy', type: 'hedge-program', id: BOOK },
  ): void {
    this.feed({
      kind: 'commit',
      commit: { commitId: 'c', aggregate, book: BOOK, eventTime: at(seconds), correlationId: 'why', events },
    });
  }

  report(report: VenueReport, seconds: number): void {
    this.feed({
      kind: 'venue',
      id: `${reportSubject(report)}/${report.kind}/${seconds}`,
      at: at(seconds),
      report,
    });
  }

  fill(clientOrderId: string, fillId: string, quantity: string, seconds: number): void {
    const fee = { currency: 'USDT', amount: '-1' };
    this.report(
      { kind: 'filled', clientOrderId, fillId, quantity, price: '90000', fee, liquidity: 'taker' },
      seconds,
    );
  }

  /** A trade of somebody else, told on the account at binance. */
  foreignFill(
    clientOrderId: string,
    fillId: string,
    quantity: string,
    seconds: number,
    told: Partial<ReportedTrade> = {},
  ): void {
    const fee = { currency: 'USDT', amount: '-1' };
    const trade = {
      venueOrderId: clientOrderId,
      instrument: PERP,
      side: 'buy',
      at: at(seconds - 0.5),
      ...told,
    } as const;
    this.feed({
      kind: 'venue',
      id: `${clientOrderId}/${fillId}`,
      at: at(seconds),
      report: {
        kind: 'filled',
        clientOrderId,
        fillId,
        quantity,
        price: '90000',
        fee,
        liquidity: 'taker',
        trade,
      },
      account: { venue: 'binance', book: BOOK },
    });
  }

  feed(input: CoreInput): void {
    this.state = takeIn(this.core, this.state, input);
    for (;;) {
      const step = this.core.decide(this.state, input);
      for (const commit of step.commits) for (const event of commit.events) this.fold(event, commit);
      this.effects.push(...step.effects);
      if (step.commits.length === 0) break;
    }
    expect(this.core.decide(this.state, input).commits).toEqual([]);
  }

  fold(event: DomainEvent, draft?: CommitDraft): void {
    if (draft !== undefined) this.events.push(event);
    const aggregate = draft?.aggregate ?? { context: 'execution', type: 'venue-account', id: 'a' };
    this.state = this.core.evolve(this.state, {
      commitId: 'x',
      aggregate,
      book: BOOK,
      eventTime: draft?.eventTime ?? at(0),
      correlationId: 'why',
      events: [event],
    });
  }

  types(): string[] {
    return this.events.map((event) => event.type);
  }

  last(): Record<string, unknown> {
    return { ...this.events.at(-1)?.payload };
  }
}

export interface SnapshotNumbers {
  readonly delta?: number;
  readonly gamma?: number;
  readonly vega?: number;
  readonly hedged?: string;
  readonly at?: string;
  /** The leg of `OPTION`: how much is held (nothing where it is only watched), and what one contract brings. */
  readonly leg?: {
    readonly quantity: string;
    readonly perContract?: { readonly delta: number; readonly gamma: number; readonly vega: number };
  };
}

/** A risk snapshot with the numbers that execution looks at. */
export function snapshotOf(numbers: SnapshotNumbers): DomainEvent {
  const { delta = 0, gamma = 0, vega = 0, hedged = '0', leg } = numbers;
  const exposure = { underlying: 'BTC', delta, gamma, vega };
  const payload = {
    book: BOOK,
    numeraire: 'USD',
    at: numbers.at ?? at(1),
    marks: [{ instrument: 'BTC@composite', price: '90000' }],
    exposures: [exposure],
    legs: leg === undefined ? [] : [{ instrument: OPTION, ...leg }],
    pnl: { hedged },
  };
  // The order core reads no other field.
  return { type: 'RiskSnapshotTaken', payload: payload as unknown as RiskSnapshotTaken };
}
