import type { PartitionStep } from '@evenkeel/contracts';
import type { MarketEntry, SettlementReport } from '@evenkeel/engine';
import type { CommitDraft, MarketInstant } from '@evenkeel/facts';
import { formatInstant, parseInstant } from '@evenkeel/kernel';
import type { PriceIngest, RawInstant } from '@evenkeel/market';
import { SteadyClock } from '@evenkeel/host';
import type { Wait } from '@evenkeel/telemetry';
import { ClockGuard } from './clock-guard';
import { LiveClock } from './live-clock';
import type { MarketBus } from './market-bus';

const MS = 1_000_000n;
const INTERVAL_MS = 20;

/** Services that settle what they are given at once, but for the partitions named; asks for wake-ups when told. */
class Services implements MarketBus {
  journalTime: MarketBus['journalTime'];
  readonly entries: MarketEntry[] = [];
  readonly facts = new Set<number>();
  readonly deaf = new Set<string>();
  readonly halted = new Map<string, string>();
  newest: Parameters<MarketBus['announce']>[0] = {};
  private readonly wakes = new Map<string, bigint>();
  private readonly market = new Map<string, number>();
  private readonly at = new Map<string, string>();
  private onReport: (report: SettlementReport) => void = () => undefined;

  constructor(readonly partitions: readonly string[]) {}

  async *history(): AsyncIterable<MarketEntry> {
    yield* [...this.entries];
  }
  hasFactsOf(number: number): boolean {
    return this.facts.has(number);
  }
  publish(
    _facts: readonly CommitDraft[],
    instant: MarketInstant,
    granted: readonly string[],
    begins = false,
  ): Promise<void> {
    this.entries.push({ kind: 'instant', given: { instant, seq: 0, traceparent: '' }, granted, begins });
    for (const partition of granted) this.take(partition, instant.eventTime, instant.number);
    return Promise.resolve();
  }
  give(steps: readonly PartitionStep[]): Promise<void> {
    for (const step of steps) this.giveOne(step);
    return Promise.resolve();
  }
  private giveOne(step: PartitionStep): void {
    this.entries.push({ kind: 'step', step, seq: 0, traceparent: '' });
    if (step.kind === 'wake') this.take(step.partition, step.at, step.after);
    else {
      const entry = this.instants.find(({ number }) => number === step.upTo);
      this.take(step.partition, entry?.eventTime ?? '', step.upTo);
    }
  }
  follow(onReport: (report: SettlementReport) => void): () => void {
    this.onReport = onReport;
    for (const partition of this.partitions) this.say(partition);
    return () => undefined;
  }
  announce(progress: Parameters<MarketBus['announce']>[0]): void {
    this.newest = progress;
  }

  get instants(): MarketInstant[] {
    return this.entries.flatMap((entry) => (entry.kind === 'instant' ? [entry.given.instant] : []));
  }
  /** Market instants that a partition was given. */
  marketOf(partition: string): number {
    return this.market.get(partition) ?? 0;
  }
  wokenAt(partition: string): readonly bigint[] {
    return this.entries.flatMap((entry) =>
      entry.kind === 'step' && entry.step.kind === 'wake' && entry.step.partition === partition
        ? [parseInstant(entry.step.at)]
        : [],
    );
  }
  wantWake(partition: string, at: bigint): void {
    this.wakes.set(partition, at);
  }
  halt(partition: string, reason: string): void {
    this.halted.set(partition, reason);
    this.say(partition);
  }

  private take(partition: string, at: string, market: number): void {
    this.market.set(partition, market);
    this.at.set(partition, at);
    if ((this.wakes.get(partition) ?? 0n) <= parseInstant(at)) this.wakes.delete(partition);
    if (!this.deaf.has(partition)) this.say(partition);
  }
  private say(partition: string): void {
    const at = this.at.get(partition);
    const wake = this.wakes.get(partition);
    const fault = this.halted.get(partition);
    for (const service of ['risk', 'strategy', 'execution'])
      this.onReport({
        service,
        partitions: {
          [partition]: {
            seen: 0,
            appended: 0,
            ...(at === undefined ? {} : { at }),
            ...(wake === undefined ? {} : { nextWake: formatInstant(wake) }),
            ...(fault === undefined ? {} : { fault }),
          },
        },
      });
  }
}

const rawAt = (at: bigint): RawInstant => ({
  at,
  eventTime: formatInstant(at),
  prices: [],
  quotes: [],
  fundings: [],
  deliveries: [],
});
const ingest: PriceIngest = {
  follow: () => undefined,
  ingest: ({ eventTime, fundings, deliveries }, number) => ({
    instant: { number, eventTime, marks: [], fundings, deliveries, wakes: [] },
    facts: [],
  }),
};

interface Run {
  readonly clock: LiveClock;
  readonly warned: object[];
  skip(ms: number): void;
}

function clockOver(services: Services, more: object = {}): Run {
  let skipped = 0;
  const warned: object[] = [];
  const nowMs = (): number => performance.now() + skipped;
  const clock = new LiveClock({
    bus: services,
    market: rawAt,
    silent: () => [],
    notes: () => [],
    ingest,
    partitions: services.partitions,
    clock: () => BigInt(Math.round(nowMs() * 1_000)) * 1_000n,
    intervalMs: INTERVAL_MS,
    lasts: undefined,
    logger: { warn: (what: object) => void warned.push(what) },
    nowMs,
    ...more,
  });
  return { clock, warned, skip: (ms) => void (skipped += ms) };
}

async function until(happened: () => boolean): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!happened()) {
    if (Date.now() > deadline) throw new Error('it has not happened in time');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

describe('event time from the clock', () => {
  it('goes on for everybody but the partition that does not settle, which is gone on with after its patience', async () => {
    const services = new Services(['03', '04']);
    const { clock, warned, skip } = clockOver(services);
    const running = clock.run();
    await until(() => services.marketOf('03') >= 3);
    services.deaf.add('03');
    const before = services.marketOf('03');
    await until(() => services.marketOf('04') >= before + 20);
    expect(services.marketOf('03')).toBeLessThanOrEqual(before + 1);
    expect(warned).toEqual([]);
    skip(5_100);
    await until(() => services.marketOf('03') >= before + 20);
    expect(JSON.stringify(warned[0])).toContain('"partition":"03"');
    services.deaf.delete('03');
    skip(5_100);
    await until(
      () => services.marketOf('03') === services.marketOf('04') && services.marketOf('03') > before + 30,
    );
    clock.stop();
    await running;
    expect(new Set(warned.map((what) => JSON.stringify(what).slice(0, 17)))).toEqual(
      new Set(['{"partition":"03"']),
    );
  });

  it('says which source it has no first price of, and since when, until it has', async () => {
    let waits: () => readonly Wait[] = () => [];
    let silent: readonly string[] = ['deribit:index'];
    const stalls = {
      watch: (look: () => readonly Wait[]) => {
        waits = look;
        return () => undefined;
      },
    };
    const firstPrices = (): Wait | undefined => waits().find(({ what }) => what === 'first-prices');
    const { clock, skip } = clockOver(new Services(['03']), { silent: () => silent, stalls });
    const running = clock.run();
    firstPrices();
    skip(1_000);
    expect(firstPrices()).toMatchObject({ for: 'venue', detail: 'nothing yet from deribit:index' });
    expect(firstPrices()?.forMs).toBeGreaterThanOrEqual(1_000);
    silent = [];
    expect(firstPrices()).toBeUndefined();
    // What a new book names is waited for from then on, not since the process began.
    silent = ['okx:perp'];
    expect(firstPrices()?.forMs).toBeLessThan(500);
    silent = [];
    clock.stop();
    await running;
  });

  it('wakes a partition when it asked to be, not before, and no other with it', async () => {
    const services = new Services(['03', '04']);
    const { clock } = clockOver(services);
    const running = clock.run();
    await until(() => services.instants.length >= 2);
    const due = parseInstant(services.instants[1]?.eventTime ?? '') + 130n * MS;
    services.wantWake('03', due);
    await until(() => services.wokenAt('03').length > 0);
    clock.stop();
    await running;
    expect(services.wokenAt('03')[0]).toBeGreaterThanOrEqual(due);
    expect(services.wokenAt('04')).toEqual([]);
  });

  it('does not let wake-ups without end keep the market from a partition', async () => {
    const services = new Services(['03']);
    const { clock } = clockOver(services);
    const running = clock.run();
    await until(() => services.instants.length >= 2);
    services.wantWake('03', 10n ** 30n);
    const insistent = setInterval(() => services.wantWake('03', 1n), 1);
    const before = services.marketOf('03');
    await until(() => services.marketOf('03') >= before + 5);
    clearInterval(insistent);
    clock.stop();
    await running;
  });

  it('names a halted partition, and ends its market for the others when the time is over', async () => {
    const services = new Services(['03', '04']);
    const { clock } = clockOver(services, { lasts: 300n * MS });
    const running = clock.run();
    await until(() => services.instants.length >= 2);
    services.halt('03', 'torn');
    await until(() => services.newest.done === true);
    clock.report();
    expect(services.newest.halted).toEqual({ '03': 'risk: torn' });
    const published = services.instants.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(services.instants).toHaveLength(published);
    clock.stop();
    await running;
  });

  it('goes on with numbers and times of an earlier life, and does not give a number twice that facts speak of', async () => {
    const services = new Services(['03']);
    const first = clockOver(services);
    const running = first.clock.run();
    await until(() => services.instants.length >= 3);
    first.clock.stop();
    await running;
    const spoken = services.instants.length + 1;
    services.facts.add(spoken);
    const second = clockOver(services);
    const again = second.clock.run();
    await until(() => services.instants.length >= spoken + 3);
    second.clock.stop();
    await again;
    const numbers = services.instants.map(({ number }) => number);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    const times = services.instants.map(({ eventTime }) => parseInstant(eventTime));
    expect([...times].sort((a, b) => (a < b ? -1 : 1))).toEqual(times);
  });

  it.each([
    ['back 20 s', -20_000n],
    ['forward an hour', 3_600_000n],
    ['back an hour', -3_600_000n],
  ])(
    'neither stops nor jumps when the wall clock is set %s, and says so in the next instant',
    async (_what, step) => {
      const services = new Services(['03']);
      let set = 0n;
      const steady = new SteadyClock({
        wallNs: () => BigInt(Math.round(performance.now() * 1_000)) * 1_000n + set,
      });
      const said: string[] = [];
      const guard = new ClockGuard(({ what }) => said.push(what));
      const { clock } = clockOver(services, {
        clock: () => steady.now(),
        startFrom: (at: bigint) => steady.startFrom(at),
        guard: (instant: MarketInstant) => guard.check(instant, steady.differenceNs),
      });
      const running = clock.run();
      await until(() => services.instants.length >= 3);
      set = step * MS;
      const before = services.instants.length;
      const began = performance.now();
      await until(() => services.instants.length >= before + 10);
      const tookMs = performance.now() - began;
      clock.stop();
      await running;
      const times = services.instants.slice(before - 1).map(({ eventTime }) => parseInstant(eventTime));
      const gone = (times.at(-1) ?? 0n) - (times[0] ?? 0n);
      expect(gone).toBeGreaterThan(0n);
      expect(Number(gone / MS)).toBeLessThan(tookMs + 1_000);
      expect(tookMs).toBeLessThan(5_000);
      expect(said).toEqual(['clock-untrusted']);
    },
  );

  it('goes on from the journal where the market on the stream is lost, with a number above all before', async () => {
    const services = new Services(['03']);
    const first = clockOver(services);
    const running = first.clock.run();
    await until(() => services.instants.length >= 5);
    first.clock.stop();
    await running;
    const [began, ...lost] = services.instants;
    const from = parseInstant(began?.eventTime ?? '');
    const upTo = parseInstant(lost.at(-1)?.eventTime ?? '');
    const newest = services.instants.length;
    services.entries.length = 0;
    services.journalTime = { from, upTo };
    const second = clockOver(services);
    const again = second.clock.run();
    await until(() => services.instants.length >= 3);
    second.clock.stop();
    await again;
    const [begins] = services.entries;
    expect(begins).toMatchObject({ kind: 'instant', begins: true, granted: ['03'] });
    const numbers = services.instants.map(({ number }) => number);
    expect(numbers[0]).toBeGreaterThan(newest);
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
    expect(parseInstant(services.instants[0]?.eventTime ?? '')).toBeGreaterThan(upTo);
  });
});
