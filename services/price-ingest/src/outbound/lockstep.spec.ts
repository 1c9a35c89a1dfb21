import type { BookUnderManagement, PartitionReport, SettlementReport } from '@evenkeel/engine';
import { partitionOfBook } from '@evenkeel/eventing';
import type { MarketInstant } from '@evenkeel/facts';
import { formatInstant, parseInstant, required } from '@evenkeel/kernel';
import { digestOf, runInProcess } from '@evenkeel/lab';
import { createPriceIngest } from '@evenkeel/market';
import { busyDemonstration } from '@evenkeel/testkit';
import type { PriceIngest, RawInstant, Tape } from '@evenkeel/market';
import type { Stalls, Wait, WaitSource } from '@evenkeel/telemetry';
import { Lockstep } from './lockstep';
import type { MarketBus } from './market-bus';
import { MemoryServices } from './memory-services.test-support';
import type { Accident } from './memory-services.test-support';

/** Who is waited for, as the process would say it. */
class Waiting implements Pick<Stalls, 'watch'> {
  private source: WaitSource | undefined;

  watch(source: WaitSource): () => void {
    this.source = source;
    return () => (this.source = undefined);
  }

  get now(): readonly Wait[] {
    return [...(this.source?.() ?? [])];
  }
}

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const { tape: day, book } = busyDemonstration('lockstep', 1);
const LENGTH = 110;
/** The beginning of a day: enough for every book to hedge. */
const tape: Tape = {
  ...day,
  length: LENGTH,
  *instants() {
    const instants = day.instants();
    for (let count = 0; count < LENGTH; count += 1)
      yield required(instants.next().value, 'an instant of the day');
  },
};
const books: readonly BookUnderManagement[] = Array.from({ length: 10 }, (_, index) => ({
  file: { ...book, book: `book-${index}` },
  source: `book ${index}`,
}));

const some = books.slice(2, 5);

function lockstepOver(services: MemoryServices, more: object = {}): Lockstep {
  const interest = new Set([
    ...book.positions.map(({ instrument }) => instrument),
    ...book.hedge.instruments,
  ]);
  return new Lockstep({
    bus: services,
    tape,
    ingest: createPriceIngest({ sources: tape.sources, interest }),
    partitions: services.partitions,
    speed: 0,
    logger: silent,
    ...more,
  });
}

const decisionsOf = (services: MemoryServices, one: string): string =>
  digestOf(services.log.all.filter(({ commit }) => commit.book === one));

describe('ten books in lockstep', () => {
  const lab = runInProcess({ tape, books });
  it('decide at all', () => {
    const decided = lab.journal.all.filter(({ commit }) =>
      commit.events.some(({ event }) => event.type === 'HedgeDecided'),
    );
    expect(new Set(decided.map(({ commit }) => commit.book)).size).toBe(books.length);
  });

  it('decide as they do in the lab, whatever order their services come in', async () => {
    let turn = 0;
    const jitter: Accident = async () => {
      turn += 1;
      for (let pauses = (turn * 7) % 5; pauses > 0; pauses -= 1) await Promise.resolve();
    };
    const services = await MemoryServices.open(books, tape.from, jitter);
    await lockstepOver(services).run();
    expect(services.newest).toMatchObject({ done: true, fraction: 1 });
    expect(digestOf(services.log.all)).toBe(lab.decisionDigest);
  });

  it('decide as each does alone', () => {
    const alone = runInProcess({ tape, books: books.slice(3, 4) });
    const among = lab.journal.all.filter(({ commit }) => commit.book === 'book-3');
    expect(digestOf(among)).toBe(alone.decisionDigest);
  });

  it('finish but for the one whose partition halts, which is named with its reason', async () => {
    const halted = partitionOfBook('book-3');
    let taken = 0;
    const services = await MemoryServices.open(some, tape.from, (context, partition) => {
      const itsTurn = context === 'risk' && partition === halted;
      if (itsTurn) taken += 1;
      return itsTurn && taken === 40 ? Promise.reject(new Error('a torn page')) : Promise.resolve();
    });
    await lockstepOver(services).run();
    expect(services.newest).toMatchObject({ done: true, halted: { [halted]: 'risk: Error: a torn page' } });
    for (const { file } of some.filter(({ file }) => partitionOfBook(file.book) !== halted))
      expect(decisionsOf(services, file.book)).toBe(
        digestOf(lab.journal.all.filter(({ commit }) => commit.book === file.book)),
      );
  });

  it('go on over a halt that its owner denies, and over wake-ups that nobody asked for', async () => {
    const quiet = await MemoryServices.open(some, tape.from);
    await lockstepOver(quiet).run();
    const services = await MemoryServices.open(some, tape.from);
    const follow = services.follow.bind(services);
    let forged = 0;
    services.follow = (onReport) =>
      follow((report) => {
        onReport(report);
        if (forged >= 300) return;
        forged += 1;
        const lie = forged % 2 === 0 ? { fault: 'over' } : { nextWake: formatInstant(tape.from) };
        const partitions = Object.entries(report.partitions).map(([name, one]) => [name, { ...one, ...lie }]);
        onReport({ service: report.service, partitions: Object.fromEntries(partitions) as never }); // as reported, and a lie
        onReport(report);
      });
    await lockstepOver(services).run();
    expect(forged).toBe(300);
    expect(services.newest).toMatchObject({ done: true });
    expect(services.newest.halted).toBeUndefined();
    expect(digestOf(services.log.all)).toBe(digestOf(quiet.log.all));
    expect(services.entries.length - quiet.entries.length).toBeLessThanOrEqual(forged);
  });

  it('wait for a slow one only so far, and name who lacks what; after minutes they go on without it', async () => {
    const slow = partitionOfBook('book-3');
    let now = 0;
    let stuck = false;
    const services = await MemoryServices.open(some, tape.from, (context, partition, { number }) => {
      stuck ||= context === 'execution' && partition === slow && number === 40;
      return context === 'execution' && partition === slow && number >= 40
        ? new Promise<void>(() => undefined)
        : Promise.resolve();
    });
    const stalls = new Waiting();
    const lockstep = lockstepOver(services, { nowMs: () => now, stalls });
    const running = lockstep.run();
    while (!stuck) await new Promise(setImmediate);
    for (let turns = 0; turns < 400; turns += 1) await new Promise(setImmediate);
    // As far ahead as it may be, and no further; nobody has been told yet.
    const published = services.entries.filter(({ kind }) => kind === 'instant').length;
    expect(published).toBe(40 + 32);
    expect(stalls.now).toEqual([]);
    now = 11_000;
    lockstep.report();
    const said = `partition ${slow}: execution has taken`;
    expect(stalls.now).toMatchObject([{ for: 'execution', what: 'settle', forMs: 11_000 }]);
    expect(stalls.now[0]?.detail).toContain(said);
    // The others still move.
    expect(stalls.now[0]?.keepsFromReady).toBe(false);
    await expectEventually(() => services.newest.waiting?.[0]?.includes(said) === true);
    expect(services.newest.done).toBeUndefined();
    now = 200_000;
    await running;
    expect(services.newest.done).toBe(true);
    expect(services.newest.halted?.[slow]).toContain('it did not settle in 180 s: execution has taken');
  });

  it.each(['risk', 'strategy', 'execution'] as const)(
    'wait for %s by name where it is missing',
    async (missing) => {
      let now = 0;
      let stuck = 0;
      const never = (context: string): Promise<void> => {
        if (context !== missing) return Promise.resolve();
        stuck += 1;
        return new Promise<void>(() => undefined);
      };
      const services = await MemoryServices.open(some, tape.from, (context, _partition, { number }) =>
        number >= 10 ? never(context) : Promise.resolve(),
      );
      // strategy takes no instants: it is gone from the board.
      if (missing === 'strategy') services.mute(missing);
      const stalls = new Waiting();
      const lockstep = lockstepOver(services, { nowMs: () => now, stalls });
      const running = lockstep.run();
      for (let turns = 0; turns < 400 || (missing !== 'strategy' && stuck === 0); turns += 1)
        await new Promise(setImmediate);
      now = 34_000;
      expect(stalls.now).toMatchObject([
        { for: missing, what: 'settle', forMs: 34_000, keepsFromReady: true },
      ]);
      lockstep.stop();
      await running;
      expect(stalls.now).toEqual([]);
    },
  );

  it('goes on from where an earlier life was, and publishes nothing twice', async () => {
    const services = await MemoryServices.open(some, tape.from);
    const first = lockstepOver(services);
    const running = first.run();
    while (services.entries.length < 200) await new Promise(setImmediate);
    first.stop();
    await running;
    await lockstepOver(services).run();
    const numbers = services.entries.flatMap((entry) =>
      entry.kind === 'instant' ? [entry.given.instant.number] : [],
    );
    expect(numbers).toEqual(Array.from({ length: tape.length }, (_, index) => index + 1));
    expect(digestOf(services.log.all)).toBe(runInProcess({ tape, books: some }).decisionDigest);
  });

  it('refuses another tape than the one the run began with', async () => {
    const services = await MemoryServices.open(books.slice(0, 1), tape.from);
    const instant = {
      number: 1,
      eventTime: '2026-01-01T00:00:00Z',
      marks: [],
      fundings: [],
      deliveries: [],
      wakes: [],
    };
    services.entries.push({ kind: 'instant', given: { instant, seq: 1, traceparent: '' }, granted: [] });
    await expect(lockstepOver(services).run()).rejects.toMatchObject({ code: 'PRICE.OTHER_TAPE' });
  });
});

async function expectEventually(happened: () => boolean): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!happened()) {
    if (Date.now() > deadline) throw new Error('it has not happened in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Services that settle at once and ask to be woken again and again. */
class WakefulServices implements MarketBus {
  readonly journalTime = undefined;
  published = 0;
  wakes = 0;
  done = false;
  private onReport: (report: SettlementReport) => void = () => undefined;

  constructor(
    private readonly partition: string,
    private readonly wakesEach: number,
    private readonly spanNs: bigint,
  ) {}

  async *history(): AsyncIterable<never> {
    yield* [];
  }
  hasFactsOf = (): boolean => false;
  publish(_facts: unknown, { eventTime }: MarketInstant): Promise<void> {
    this.published += 1;
    return this.settle(eventTime, this.wakesEach);
  }
  give([step]: Parameters<MarketBus['give']>[0]): Promise<void> {
    if (step?.kind !== 'wake') throw new Error('nobody falls behind here');
    this.wakes += 1;
    return this.settle(step.at, this.left - 1);
  }
  follow(onReport: (report: SettlementReport) => void): () => void {
    this.onReport = onReport;
    this.say({ seen: 0, appended: 0 });
    return () => undefined;
  }
  announce({ done }: Parameters<MarketBus['announce']>[0]): void {
    this.done ||= done === true;
  }
  private left = 0;
  private settle(at: string, left: number): Promise<void> {
    this.left = left;
    const nextWake = left === 0 ? {} : { nextWake: formatInstant(parseInstant(at) + this.spanNs / 1_000n) };
    this.say({ seen: 0, appended: 0, at, ...nextWake });
    return Promise.resolve();
  }
  private say(report: PartitionReport & { readonly nextWake?: string }): void {
    for (const service of ['risk', 'strategy', 'execution'])
      this.onReport({ service, partitions: { [this.partition]: report } });
  }
}

it('a tape runs to its end although wake-ups outnumber it by far', async () => {
  const spanNs = 60_000_000_000n;
  const instants = Array.from({ length: 311 }, (_, index): RawInstant => {
    const at = BigInt(index + 1) * spanNs;
    return { at, eventTime: formatInstant(at), prices: [], quotes: [], fundings: [], deliveries: [] };
  });
  const services = new WakefulServices('03', 80, spanNs);
  const ingest: PriceIngest = {
    follow: () => undefined,
    ingest: ({ eventTime }, number) => ({
      instant: { number, eventTime, marks: [], fundings: [], deliveries: [], wakes: [] },
      facts: [],
    }),
  };
  const tapeOf = { from: 0n, to: 311n * spanNs, instants: () => instants[Symbol.iterator]() };
  const partitions = ['03'];
  await new Lockstep({ bus: services, tape: tapeOf, ingest, partitions, speed: 0, logger: silent }).run();
  expect(services).toMatchObject({ published: 311, wakes: 311 * 80, done: true });
});
