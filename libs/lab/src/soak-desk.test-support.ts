import '@evenkeel/platform';
import { sealCommit } from '@evenkeel/contracts';
import {
  PartitionReexecution,
  Reactor,
  TOPOLOGY,
  VIRTUAL_CLOCK,
  bootedBook,
  causeOfInstant,
  causeOfReport,
  checkKept,
  drive,
  hears,
  sealBoot,
  take,
  wakeInstant,
} from '@evenkeel/engine';
import { causeOfCommit, decodeState, encodeState, partitionOfBook } from '@evenkeel/eventing';
import type { Cause, Producer, ReactorMemory, Seal, SealedCommit, StoredCommit } from '@evenkeel/eventing';
import { createOrderCore } from '@evenkeel/execution';
import type { VenueEffect } from '@evenkeel/execution';
import type { Context, Core, Kept, Mark, MarketInstant, VenueReport } from '@evenkeel/facts';
import { createProgramCore } from '@evenkeel/hedging';
import {
  Decimal,
  NANOS_PER_SECOND,
  assert,
  createRandom,
  formatInstant,
  parseInstant,
} from '@evenkeel/kernel';
import type { Instant, Random } from '@evenkeel/kernel';
import { parseBookFile } from '@evenkeel/market';
import { kernelHash } from '@evenkeel/pricing';
import { createRiskCore } from '@evenkeel/risk';

const START = parseInstant('2026-01-05T00:00:00Z');
const BOOK = 'soak';
const PERP = 'BTCUSDT-PERP@binance';
const VENUE = 'binance';
const PRODUCER: Producer = { service: 'soak', version: '0.1.0', gitSha: 'unknown', kernelHash };
const NO_BYTES = new Uint8Array(0);
/** As large in memory as a chained one, once its bytes are dropped, and a good deal quicker. */
const light: Seal = (commit) => ({ commit, bytes: NO_BYTES, hash: new Uint8Array(32) });

/** A book of so many calls, hedged every few seconds of event time for as long as one likes. */
const bookOf = (options: readonly string[]) =>
  parseBookFile(
    {
      book: BOOK,
      numeraire: 'USD',
      positions: options.map((instrument) => ({
        instrument,
        quantity: '200',
        price: '0.4',
        at: formatInstant(START),
      })),
      hedge: {
        instruments: [PERP],
        policy: { kind: 'delta-band', band: '0.02' },
        target: { delta: '0' },
      },
      limits: { maxOrderQuantity: { [PERP]: '1000000' }, maxGrossNotionalUsd: '900000000000' },
      evaluation: { maxInterval: 'PT1H', priceMoveBps: '1' },
    },
    'soak',
  );

type AnyReactor = Reactor<unknown, unknown>;

interface Party {
  readonly context: Context;
  readonly createCore: () => Core<unknown, unknown>;
  reactor: AnyReactor;
}

/**
 * The production cores of one partition at work without a journal behind them: each commit is handed to whoever hears it and then
 * dropped, so that what stays in memory is what cores and reactors keep. The venue fills, in parts or not at all, rejects, and now and
 * then answers too late.
 */
export class SoakDesk {
  /** Orders that left, and those that a check refused. */
  orders = 0;
  private readonly parties: readonly Party[];
  private readonly options: readonly string[];
  private readonly seal: Seal;
  private readonly replay: PartitionReexecution | undefined;
  private readonly partition = partitionOfBook(BOOK);
  private readonly waiting: StoredCommit[] = [];
  private readonly said: { readonly at: Instant; readonly report: VenueReport }[] = [];
  private readonly random: Random;
  private position = Decimal.ZERO;
  private seq = 0;
  private number = 0;
  private reports = 0;
  private now = START;

  /** `chained`: each commit is sealed as the services do, and each decision is made again beside it; `light`: neither. */
  constructor(seed: string, journal: 'chained' | 'light', legs = 1) {
    this.options = Array.from({ length: legs }, (_, at) => `BTC-27DEC30-${90_000 + 100 * at}-C@deribit`);
    this.random = createRandom(seed);
    this.seal = journal === 'chained' ? sealCommit : light;
    this.replay = journal === 'chained' ? new PartitionReexecution() : undefined;
    this.parties = [
      this.party(createRiskCore),
      this.party(createProgramCore),
      this.party(() => createOrderCore()),
    ];
    const { drafts } = bootedBook({ file: bookOf(this.options), source: 'soak' }, formatInstant(START));
    for (const sealed of sealBoot(drafts, '1', PRODUCER, this.seal, 0n)) {
      const stored = this.store(sealed);
      for (const { context, reactor } of this.parties)
        if (context === sealed.commit.aggregate.context) reactor.fold(stored, stored.seq);
    }
    this.deliver();
  }

  /** Ten seconds of the market, with everything that follows from them. */
  step(): void {
    const next = this.now + 10n * NANOS_PER_SECOND;
    for (let wake = this.wake(); wake !== undefined && wake < next; wake = this.wake()) {
      this.now = wake > this.now ? wake : this.now;
      this.give(wakeInstant(this.number, this.now, ['execution']));
      this.hear();
    }
    this.now = next;
    this.number += 1;
    this.give({
      number: this.number,
      eventTime: formatInstant(next),
      marks: this.marks(),
      fundings: [],
      deliveries: [],
      wakes: [],
    });
    this.hear();
  }

  /** Every core taken out of the bytes of its own snapshot again; how many they were. */
  revive(): number {
    let bytes = 0;
    for (const party of this.parties) {
      const written = encodeState(party.reactor.memory());
      bytes += written.length;
      party.reactor = this.reactorOf(party.createCore());
      party.reactor.restore(decodeState(written) as ReactorMemory<unknown>); // what was just written
    }
    return bytes;
  }

  /** By service, as its host would report it; beyond a maximum it throws as the host does. */
  kept(): Record<string, Kept> {
    return Object.fromEntries(
      this.parties.map(({ context, reactor }) => {
        const kept = reactor.kept();
        checkKept(kept);
        return [context, kept];
      }),
    );
  }

  private wake(): Instant | undefined {
    const [own, told] = [this.execution.nextWake(), this.said[0]?.at];
    return own !== undefined && (told === undefined || own < told) ? own : told;
  }

  private get execution(): AnyReactor {
    const party = this.parties.find(({ context }) => context === 'execution');
    assert(party !== undefined, 'execution is a party');
    return party.reactor;
  }

  private marks(): Mark[] {
    const eventTime = formatInstant(this.now);
    const spot = (90_000 * (1 + 0.01 * (this.random.next() - 0.5))).toFixed(1);
    const mark = (
      instrument: string,
      kind: Mark['kind'],
      price: string,
      extra: Partial<Mark> = {},
    ): Mark => ({
      instrument,
      kind,
      price,
      eventTime,
      receivedTime: eventTime,
      source: 'soak',
      status: 'OK',
      reasons: [],
      ...extra,
    });
    return [
      mark('BTC@composite', 'composite', spot),
      mark(PERP, 'price', spot, { index: spot }),
      ...this.options.map((option) =>
        mark(option, 'option', '0.4', { volatility: 0.5, forward: spot, index: spot }),
      ),
    ];
  }

  private give(instant: MarketInstant): void {
    const cause = causeOfInstant('EK_MARKET', this.partition, { instant, seq: this.number, traceparent: '' });
    for (const party of this.parties) if (TOPOLOGY[party.context].followsMarket) this.take(party, cause);
    this.deliver();
  }

  /** What the venue has said by now. */
  private hear(): void {
    const execution = this.parties.find(({ context }) => context === 'execution');
    for (let next = this.said[0]; next !== undefined && next.at <= this.now; next = this.said[0]) {
      this.said.shift();
      this.reports += 1;
      const account = { venue: VENUE, book: BOOK };
      const id = `soak/${this.reports}`;
      if (execution !== undefined)
        this.take(
          execution,
          causeOfReport({ id, at: formatInstant(this.now), report: next.report, account }),
        );
      this.deliver();
    }
  }

  private take({ reactor }: Party, cause: Cause): void {
    drive(take(reactor, cause), (task) => {
      if (task.kind === 'append') {
        const stored = this.store(task.made);
        return { recorded: task.made, seq: stored.seq };
      }
      this.perform(task.effect as VenueEffect); // only execution has effects
      return undefined;
    });
  }

  private store(sealed: SealedCommit): StoredCommit {
    this.seq += 1;
    const stored: StoredCommit = { ...sealed, seq: this.seq, subject: '' };
    this.waiting.push(stored);
    if (sealed.commit.aggregate.type === 'hedge-order' && sealed.commit.fromVersion === 1) this.orders += 1;
    const [divergence] = this.replay?.push(stored) ?? [];
    assert(divergence === undefined, `decided again, it is the same: ${divergence?.message ?? ''}`);
    return stored;
  }

  private deliver(): void {
    for (let stored = this.waiting.shift(); stored !== undefined; stored = this.waiting.shift())
      for (const party of this.parties)
        if (hears(party.context, stored.commit)) this.take(party, causeOfCommit('EK_JOURNAL_1', stored));
  }

  private perform(effect: VenueEffect): void {
    if (effect.kind === 'submit') return this.trade(effect.order);
    if (effect.kind === 'query')
      return this.say(1n, { kind: 'not-found', clientOrderId: effect.clientOrderId });
    if (effect.kind === 'reconcile')
      this.say(1n, {
        kind: 'account',
        venue: VENUE,
        book: BOOK,
        requestId: effect.requestId,
        positions: [{ instrument: PERP, quantity: this.position.toString() }],
        openOrders: [],
        balances: [],
        complete: true,
      });
  }

  /** One order in twenty is rejected, one is filled by half, one is never heard of again; the others fill. */
  private trade({
    clientOrderId,
    quantity,
    side,
    limitPrice,
  }: Extract<VenueEffect, { kind: 'submit' }>['order']): void {
    const fate = this.random.integer(20);
    if (fate === 0) return this.say(1n, { kind: 'rejected', clientOrderId, reason: 'VENUE_REJECTED' });
    if (fate === 1) return undefined;
    this.say(0n, { kind: 'acknowledged', clientOrderId, venueOrderId: `v-${clientOrderId}` });
    const whole = Decimal.parse(quantity);
    const filled = fate === 2 ? whole.dividedBy(Decimal.parse('2'), 3, 'down') : whole;
    if (filled.isPositive()) {
      const price = limitPrice;
      this.position = this.position.plus(side === 'buy' ? filled : filled.negated());
      const fee = { currency: 'USDT', amount: '-0.1' };
      const fillId = `f-${clientOrderId}`;
      this.say(1n, {
        kind: 'filled',
        clientOrderId,
        fillId,
        quantity: filled.toString(),
        price,
        fee,
        liquidity: 'taker',
      });
    }
    if (fate === 2) this.say(1n, { kind: 'cancelled', clientOrderId, reason: 'IOC_REMAINDER' });
  }

  private say(seconds: bigint, report: VenueReport): void {
    this.said.push({ at: this.now + seconds * NANOS_PER_SECOND, report });
    this.said.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  }

  private party<State, Effect>(createCore: () => Core<State, Effect>): Party {
    const create = createCore as () => Core<unknown, unknown>; // its state stays inside
    const core = create();
    return { context: core.context, createCore: create, reactor: this.reactorOf(core) };
  }

  private reactorOf(core: Core<unknown, unknown>): AnyReactor {
    const { seal } = this;
    return new Reactor(core, { epoch: '1', producer: PRODUCER, seal, hostClock: () => VIRTUAL_CLOCK });
  }
}
