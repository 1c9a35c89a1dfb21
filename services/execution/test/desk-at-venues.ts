import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Fenced } from '@evenkeel/adapter-nats';
import type { JournalFloor } from '@evenkeel/adapter-nats';
import { CONNECTORS } from '@evenkeel/adapter-venues';
import { sealCommit } from '@evenkeel/contracts';
import { Reactor, VIRTUAL_CLOCK, driveAsync, originOf, take } from '@evenkeel/engine';
import { MemoryEventLog, instantIdOf, partitionOfBook, venueReportIdOf } from '@evenkeel/eventing';
import type { Cause, SealedCommit } from '@evenkeel/eventing';
import { createOrderCore } from '@evenkeel/execution';
import type { ExecutionState, Latch, TradingPermission, VenueEffect } from '@evenkeel/execution';
import type {
  CommitDraft,
  CoreInput,
  EventOf,
  EventType,
  HedgeDecision,
  MarketInstant,
  ReconciliationRules,
} from '@evenkeel/facts';
import { specificationOf } from '@evenkeel/instruments';
import type { InstrumentSpec } from '@evenkeel/instruments';
import {
  NANOS_PER_MILLISECOND,
  NANOS_PER_SECOND,
  canonicalJson,
  formatInstant,
  parseInstant,
  uuidV5,
} from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { openVenues, parseVenueAccess } from '@evenkeel/venues';
import type { OpenAccount } from '@evenkeel/venues';
import { Registry } from 'prom-client';
import type { VenueHost } from '../src/outbound/partition-venues';
import { VenueGateway } from '../src/outbound/venue-gateway';

export const BOOK = 'two-venues';
export const START = parseInstant('2026-01-05T00:00:00Z');
export const PERPS = {
  binance: 'BTCUSDT-PERP@binance',
  deribit: 'BTC-PERPETUAL@deribit',
  bybit: 'BTCUSDT-PERP@bybit',
} as const;
const TEN_SECONDS = 10n * NANOS_PER_SECOND;
const PRODUCER = { service: 'execution', version: '0', gitSha: 'test', kernelHash: '' };

/** Connectors as the service opens them, by JSON settings. */
export function opener(access: object, environment: Readonly<Record<string, string>> = {}): OpenAccount {
  const clock = (): Instant => BigInt(Date.now()) * 1_000_000n;
  const host = { clock, environment, life: 'test' };
  return openVenues(CONNECTORS, parseVenueAccess(JSON.stringify(access), 'EK_VENUES'), host);
}

/** Bybit's perpetual has the terms of Binance's here. */
export function specOf(venue: keyof typeof PERPS): InstrumentSpec {
  const spec = specificationOf(venue === 'bybit' ? PERPS.binance : PERPS[venue]);
  if (!spec.ok) throw new Error(spec.failure.message);
  return { ...spec.value, id: PERPS[venue], venue };
}

const given = (instant: MarketInstant) => ({ instant, seq: 0, traceparent: '' });

/** One partition's order core on a journal in memory, with its way to real connectors: what a service hosts, without NATS. */
export class DeskAtVenues {
  readonly partition = partitionOfBook(BOOK);
  readonly reactor: Reactor<ExecutionState, VenueEffect>;
  readonly gateway: VenueGateway;
  /** At the door and in the sweep, as if by a file. */
  readonly latches = new Map<string, Latch>();
  permission: TradingPermission = { allowed: true };
  /** While the latches are waited for, another process takes the partition over. */
  isDeposedMeanwhile = false;
  now: Instant = START;
  private number = 0;
  private decisions = 0;
  private folded = 0;

  constructor(
    open: OpenAccount,
    readonly log = new MemoryEventLog('EK_JOURNAL_1'),
    private readonly takeBackAfterMs = 600_000,
    gap?: JournalFloor,
  ) {
    this.reactor = new Reactor(createOrderCore(), {
      epoch: '1',
      producer: PRODUCER,
      seal: sealCommit,
      hostClock: () => VIRTUAL_CLOCK,
    });
    const quiet = () => undefined;
    this.gateway = new VenueGateway({
      open,
      latches: {
        permitsFresh: async (_scopes, patienceMs) => {
          this.patienceMs = patienceMs;
          await this.latchesRead;
          return this.permission;
        },
        latches: this.latches,
      },
      killFolder: mkdtempSync(join(tmpdir(), 'desk-kill-')),
      takeBackAfterMs: this.takeBackAfterMs,
      ...(gap === undefined ? {} : { gap }),
      registry: new Registry(),
      stalls: { watch: () => quiet },
      logger: { info: quiet, warn: quiet, error: quiet },
      life: 'test',
      onNews: quiet,
      desk: { start: quiet, stop: quiet },
    });
  }

  /** Opens an account at each venue, as the first facts of a journal do. */
  openAccounts(venues: readonly (keyof typeof PERPS)[], rules: Partial<ReconciliationRules> = {}): void {
    for (const venue of venues) {
      const spec = specOf(venue);
      this.append({
        aggregate: { context: 'execution', type: 'venue-account', id: `${venue}/${BOOK}` },
        book: BOOK,
        eventTime: formatInstant(START),
        actor: { kind: 'human', id: 'operator' },
        events: [
          {
            type: 'VenueAccountOpened',
            payload: {
              book: BOOK,
              venue,
              at: formatInstant(START),
              specifications: [canonicalJson({ ...spec })],
              limits: {
                maxOrderQuantity: [],
                maxGrossNotionalUsd: '10000000',
                priceCollarBps: '50',
                maxOrdersPerMinute: 60,
                reconciliation: {
                  atStart: true,
                  interval: 'PT20S',
                  positionTolerance: '0',
                  balanceTolerance: '0.00000001',
                  ...rules,
                },
              },
              limitsVersion: 'v1',
            },
          },
        ],
      });
    }
  }

  get lastInstant(): number {
    return this.number;
  }

  get position(): VenueHost['position'] {
    return { eventTime: this.now, market: { number: this.number, seq: 0 } };
  }

  /** Folds what another process has put on the journal: what recovery does. */
  async recover(instants: readonly MarketInstant[]): Promise<void> {
    for (const stored of this.log.all.slice(this.folded)) this.reactor.fold(stored, stored.seq);
    await this.gateway.open(this);
    for (const instant of instants) {
      this.gateway.before(this, given(instant));
      this.number = instant.number;
      this.now = parseInstant(instant.eventTime);
      this.reactor.observe(this.causeOf({ kind: 'instant', instant }, instantIdOf('market', instant.number)));
    }
    await this.gateway.resume(this);
  }

  /** The market moves to these prices at `at`; wake-ups that were due before come first. */
  async market(prices: Readonly<Record<string, string>>, at: Instant): Promise<MarketInstant> {
    await this.advanceTo(at - 1n);
    const eventTime = formatInstant(at);
    const marks = Object.entries(prices).map(([instrument, price]) => ({
      instrument,
      kind: 'price' as const,
      price,
      index: price,
      eventTime,
      receivedTime: eventTime,
      source: 'test',
      status: 'OK' as const,
      reasons: [],
    }));
    return this.instant(at, { marks, wakes: [] });
  }

  /** The market goes on at these prices, every ten seconds until `to`. */
  async run(prices: Readonly<Record<string, string>>, to: Instant): Promise<MarketInstant[]> {
    const instants: MarketInstant[] = [];
    for (let at = this.now + TEN_SECONDS; at <= to; at += TEN_SECONDS)
      instants.push(await this.market(prices, at));
    await this.advanceTo(to);
    return instants;
  }

  /** Wakes whenever the core or a venue asks for it, until `to`. */
  async advanceTo(to: Instant): Promise<void> {
    for (;;) {
      const wakes = [this.reactor.nextWake(), this.gateway.due(this.partition)].flatMap((at) => at ?? []);
      const [first] = wakes.sort((a, b) => (a < b ? -1 : 1));
      if (first === undefined || first > to) break;
      await this.instant(first > this.now ? first : this.now + 1n, { marks: [], wakes: ['execution'] });
    }
    if (to > this.now) this.now = to;
  }

  /** Hears whatever venues in wall time have to say, until the condition holds. */
  async hear(what: string, until: () => boolean): Promise<void> {
    const deadline = Date.now() + 15_000;
    while (!until()) {
      if (Date.now() > deadline) throw new Error(`waited in vain for: ${what}`);
      await this.instant(this.now + 20n * NANOS_PER_MILLISECOND, { marks: [], wakes: ['execution'] });
      await delay(5);
    }
  }

  /** A decision with these trades comes up; signed contracts by instrument. */
  decide(
    trades: readonly (readonly [instrument: string, quantity: string, price: string])[],
    urgency: 'normal' | 'passive' = 'normal',
  ): Promise<void> {
    this.decisions += 1;
    const decisionId = uuidV5(`decision-${this.decisions}`);
    const decision: HedgeDecision = {
      decisionId,
      book: BOOK,
      at: formatInstant(this.now),
      snapshotId: 'snapshot',
      policyKind: 'delta-band',
      policyHash: 'hash',
      assessments: [],
      candidates: [],
      trades: trades.map(([instrument, quantity, referencePrice]) => ({
        instrument,
        quantity,
        referencePrice,
        delta: Number(quantity),
        urgency,
        ...(urgency === 'passive' ? { limitPrice: referencePrice } : {}),
      })),
      checks: [],
      reasons: ['BAND_BREACHED'],
      quietBefore: { evaluations: 0, from: '', to: '', maxBandUse: 0 },
    };
    const commit = {
      commitId: decisionId,
      aggregate: { context: 'strategy', type: 'hedge-program', id: BOOK } as const,
      book: BOOK,
      eventTime: decision.at,
      correlationId: decisionId,
      events: [{ type: 'HedgeDecided', payload: decision } as const],
    };
    return this.take(this.causeOf({ kind: 'commit', commit }, decisionId));
  }

  handleVenue(input: Omit<Extract<CoreInput, { kind: 'venue' }>, 'kind'>) {
    return this.take(this.causeOf({ kind: 'venue', ...input }, venueReportIdOf(input.id)));
  }

  assertHeld(): Promise<void> {
    return this.isDeposedMeanwhile ? Promise.reject(new Fenced('it was paused')) : Promise.resolve();
  }

  /** How long the newest order would have waited for latches, and what it waited for. */
  patienceMs = 0;
  latchesRead: Promise<void> = Promise.resolve();

  /** How long the journal took for the newest intent. */
  sinceInputMs = 0;

  handleFact(id: string, draft: CommitDraft): Promise<boolean> {
    this.append(draft, id);
    return Promise.resolve(true);
  }

  /** Payloads of one type on the journal, in order. */
  events<T extends EventType>(type: T): EventOf<T>['payload'][] {
    return this.log.all.flatMap(({ commit }) =>
      commit.events.flatMap(({ event }) =>
        event.type === type ? [event.payload as EventOf<T>['payload']] : [],
      ),
    ); // narrowed by its type
  }

  private async instant(
    at: Instant,
    content: Pick<MarketInstant, 'marks' | 'wakes'>,
  ): Promise<MarketInstant> {
    this.number += 1;
    this.now = at;
    const instant = {
      number: this.number,
      eventTime: formatInstant(at),
      fundings: [],
      deliveries: [],
      ...content,
    };
    this.gateway.before(this, given(instant));
    await this.take(this.causeOf({ kind: 'instant', instant }, instantIdOf('market', instant.number)));
    await this.gateway.after(this, given(instant));
    return instant;
  }

  private append(draft: CommitDraft, id = `boot|${draft.aggregate.id}`): void {
    const sealed = this.reactor.sealFact(draft, originOf('boot', uuidV5(id)));
    this.reactor.fold(sealed, this.store(sealed).seq);
  }

  private store(sealed: SealedCommit): { recorded: SealedCommit; seq: number } {
    const { seq } = this.log.appendNow(sealed, this.reactor.lastSeqOf(sealed.commit));
    this.folded = this.log.all.length;
    return { recorded: sealed, seq };
  }

  private async take(cause: Cause): Promise<void> {
    await driveAsync(take(this.reactor, cause), async (task) => {
      if (task.kind === 'append') return this.store(task.made);
      await this.gateway.perform(task.effect, this);
      return undefined;
    });
  }

  private causeOf(input: CoreInput, commitId: string): Cause {
    const causation = { stream: 'test', seq: 0n, commitId };
    return { input, causation, correlationId: commitId, traceparent: '' };
  }
}
