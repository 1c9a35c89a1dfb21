import { sealCommit } from '@evenkeel/contracts';
import { MemoryEventLog, causeOfCommit, decodeSnapshot, encodeSnapshot } from '@evenkeel/eventing';
import type { Cause, StateSnapshot, StoredCommit } from '@evenkeel/eventing';
import type { CommitDraft, CommitView, Core, CoreInput } from '@evenkeel/facts';
import { createRandom, fnv1a32, formatInstant, required } from '@evenkeel/kernel';
import { TEST_PRODUCER, commitOf, decisionDraft } from '@evenkeel/testkit';
import { causeOfInstant } from './event-time';
import type { GivenInstant } from './event-time';
import { PartitionReplay } from './partition-replay';
import type { ReplayTarget } from './partition-replay';
import { Reactor } from './reactor';
import { VIRTUAL_CLOCK, originOf } from './seal';
import { driveAsync, settle, take } from './settle';

const MINUTE = 60_000_000_000n;
const START = 1_767_225_600_000_000_000n;
const SCOPE = { service: 'execution', partition: '00', epoch: '1', codeHash: 'ab' };

/** Remembers in which order it was told what; answers an input with none to two commits, told by its name alone. */
interface Diary {
  readonly told: string[];
  said: number;
  current: string;
}

const nameOf = (input: CoreInput): string =>
  input.kind === 'instant'
    ? `i${input.instant.number}`
    : input.kind === 'commit'
      ? `c${required(input.commit.events[0]?.type === 'HedgeDecided' ? input.commit.events[0].payload.decisionId : undefined, 'a decision')}`
      : `v${input.id}`;
const answersTo = (name: string): number => (name.startsWith('f') ? 0 : fnv1a32(name) % 3);

const answer = (id: string, at: string): CommitDraft => ({
  // One aggregate for all of them: a commit out of its turn breaks the chain at once.
  aggregate: { context: 'execution', type: 'hedge-order', id: 'one' },
  book: 'b',
  eventTime: at,
  actor: { kind: 'algo', id: 'toy' },
  events: [{ type: 'OrderAcknowledged', payload: { clientOrderId: id, venueOrderId: '', at } }],
});

function diaryCore(): Core<Diary, never> {
  return {
    context: 'execution',
    initial: () => ({ told: [], said: 0, current: '' }),
    observe(state, input) {
      const name = nameOf(input);
      // A venue repeats its report until it is settled: what was said to it already counts.
      const again = input.kind === 'venue' ? state.told.filter((entry) => entry.startsWith(`!${name}/`)) : [];
      state.told.push(name);
      state.current = name;
      state.said = again.length;
      return state;
    },
    decide(state, input) {
      const name = nameOf(input);
      if (state.said >= answersTo(name)) return { commits: [], effects: [] };
      const at =
        input.kind === 'instant'
          ? input.instant.eventTime
          : input.kind === 'commit'
            ? input.commit.eventTime
            : input.at;
      return { commits: [answer(`${name}/${state.said}`, at)], effects: [] };
    },
    evolve(state, commit: CommitView) {
      for (const { type, payload } of commit.events)
        if (type === 'OrderAcknowledged') state.told.push(`!${payload.clientOrderId}`);
      state.said += 1;
      return state;
    },
    nextWake: () => undefined,
  };
}

const causeOf = (given: GivenInstant): Cause => causeOfInstant('EK_MARKET', '00', given);

class Crash extends Error {}

/** A host in memory: it takes what the scheduler hands it and may die at any append. */
class Host implements ReplayTarget {
  readonly reactor = new Reactor(diaryCore(), {
    epoch: '1',
    producer: TEST_PRODUCER,
    seal: sealCommit,
    hostClock: () => VIRTUAL_CLOCK,
    taken: () => ({ journalSeq: BigInt(this.seen), eventTime: this.time }),
  });
  seen = 0;
  instant = 0;
  time = 0n;
  newest: { seq: number; hash: Uint8Array } = { seq: 0, hash: new Uint8Array(0) };

  constructor(
    private readonly journal: MemoryEventLog,
    private readonly dies: () => boolean,
  ) {}

  observe(cause: Cause): void {
    this.reactor.observe(cause);
  }

  fold(own: StoredCommit): void {
    this.reactor.fold(own, own.seq);
    this.newest = own;
  }

  async settle(cause: Cause): Promise<void> {
    await driveAsync(settle(this.reactor, cause), (task) => Promise.resolve(this.append(task)));
  }

  tookCommit({ seq }: StoredCommit): void {
    this.seen = seq;
  }

  tookInstant({ instant }: GivenInstant): void {
    this.instant = instant.number;
    this.time = START + BigInt(instant.number) * MINUTE;
  }

  async take(cause: Cause): Promise<void> {
    await driveAsync(take(this.reactor, cause), (task) => Promise.resolve(this.append(task)));
  }

  fact(id: string): void {
    const sealed = this.reactor.sealFact(
      answer(`f${id}`, formatInstant(this.time)),
      originOf('host', `f${id}`),
    );
    const { seq } = this.journal.appendNow(sealed, this.reactor.lastSeqOf(sealed.commit));
    this.fold({ ...sealed, seq, subject: '' });
  }

  snapshot(): Uint8Array {
    const { seen, instant, newest } = this;
    const position = { seen, eventTime: this.time, market: { number: instant, seq: 0 } };
    const own = { appended: newest.seq, appendedHash: new Uint8Array(newest.hash) };
    return encodeSnapshot({
      ...SCOPE,
      ...position,
      ...own,
      fencingToken: 0n,
      hostFacts: [],
      ...this.reactor.memory(),
    });
  }

  restore(snapshot: StateSnapshot<Diary>): void {
    this.reactor.restore(snapshot);
    this.seen = snapshot.seen;
    this.instant = snapshot.market.number;
    this.time = snapshot.eventTime;
    this.newest = { seq: snapshot.appended, hash: snapshot.appendedHash };
  }

  private append(task: { kind: string; made?: Parameters<MemoryEventLog['appendNow']>[0] }) {
    if (task.made === undefined) return undefined;
    if (this.dies()) throw new Crash();
    const { seq } = this.journal.appendNow(task.made, this.reactor.lastSeqOf(task.made.commit));
    if (this.dies()) throw new Crash();
    this.newest = { seq, hash: task.made.hash };
    return { recorded: task.made, seq };
  }
}

async function* ofContext(
  journal: MemoryEventLog,
  context: string,
  fromSeq: number,
): AsyncIterable<StoredCommit> {
  for await (const stored of journal.read({ fromSeq }))
    if (stored.commit.aggregate.context === context) yield stored;
}

async function recovered(
  journal: MemoryEventLog,
  market: readonly GivenInstant[],
  dies: () => boolean,
  bytes?: Uint8Array,
): Promise<Host> {
  const host = new Host(journal, dies);
  const from = bytes === undefined ? undefined : decodeSnapshot<Diary>(bytes, SCOPE);
  if (from !== undefined) host.restore(from);
  const replay = new PartitionReplay({
    partition: '00',
    journalStream: journal.name,
    marketStream: 'EK_MARKET',
    own: ofContext(journal, 'execution', from?.appended ?? 1),
    inputs: ofContext(journal, 'strategy', (from?.seen ?? 0) + 1),
    ends: { journal: journal.all.length, market: market.length },
    target: host,
    ...(from === undefined ? {} : { from }),
  });
  try {
    await replay.begin();
  } catch (error) {
    // What a life took in without a word may be taken in another order by the next: then its snapshot is of no use.
    expect(error).toMatchObject({ code: 'ENGINE.SNAPSHOT_CONTRADICTED' });
    return recovered(journal, market, dies);
  }
  for (const published of market) await replay.takeInstant(published);
  await replay.finish();
  return host;
}

/**
 * What had been told from the streams before each own commit: the order among inputs that nothing was said to is nobody's
 * business, and a venue's report is on record by its consequences alone.
 */
function knownBefore(told: readonly string[]): Map<string, string> {
  const known = new Map<string, string>();
  const inputs = new Set<string>();
  for (const entry of told) {
    if (entry.startsWith('!')) known.set(entry, [...inputs].sort().join(' '));
    else if (!entry.startsWith('v')) inputs.add(entry);
  }
  return known;
}

describe.each(Array.from({ length: 10 }, (_, index) => `history ${index}`))('a replay of %s', (seed) => {
  it('knows at each own commit what its author knew, decides nothing twice and forgets nothing', async () => {
    const random = createRandom(seed);
    const journal = new MemoryEventLog('journal');
    const market: GivenInstant[] = [];
    const foreign: StoredCommit[] = [];
    const waiting = new Map<string, number>();
    const truth = new Map<string, string>();
    const snapshots: Uint8Array[] = [];
    const dies = (): boolean => random.next() < 0.06;
    let host = new Host(journal, dies);
    let lives = 1;
    let reports = 0;

    const note = (): void => {
      for (const [own, known] of knownBefore(host.reactor.state.told)) {
        // What a life said is on record only if it got that far; the first to know it is its author.
        if (!truth.has(own)) truth.set(own, known);
      }
    };
    const act = async (): Promise<void> => {
      const roll = random.next();
      if (roll < 0.25) {
        const number = market.length + 1;
        const eventTime = formatInstant(START + BigInt(number) * MINUTE);
        const instant = { number, eventTime, marks: [], fundings: [], deliveries: [], wakes: [] };
        market.push({ instant, seq: 0, traceparent: '' });
      } else if (roll < 0.5 && market.length > 0) {
        const id = `${foreign.length}`;
        // Written at the newest time, or a little late.
        const at = formatInstant(
          START + BigInt(market.length - random.integer(Math.min(3, market.length))) * MINUTE,
        );
        const sealed = sealCommit(commitOf(decisionDraft(`foreign-${id}`, id, at), { cause: `x${id}` }));
        foreign.push({ ...sealed, subject: '', seq: journal.appendNow(sealed, 0).seq });
      } else if (roll < 0.7) {
        const next = market[host.instant];
        if (next === undefined) return;
        await host.take(causeOf(next));
        host.tookInstant(next);
      } else if (roll < 0.88) {
        const next = foreign.find(({ seq }) => seq > host.seen);
        if (next === undefined || next.commit.clock.eventTime > host.time) return;
        await host.take(causeOfCommit(journal.name, next));
        host.tookCommit(next);
      } else if (roll < 0.93) {
        if (host.time === 0n) return;
        reports += 1;
        waiting.set(`${reports}`, reports);
        for (const id of [...waiting.keys()]) {
          const at = formatInstant(host.time);
          const report = { kind: 'acknowledged', clientOrderId: id, venueOrderId: '', at } as never; // the diary reads its id alone
          await host.take({
            input: { kind: 'venue', id, at, report },
            ...originOf('host', `v${id}`),
            causation: { stream: 'venue', seq: 0n, commitId: `v${id}-${lives}` },
          });
          waiting.delete(id);
        }
      } else if (roll < 0.96) {
        if (host.time > 0n) host.fact(`${(reports += 1)}`);
      } else snapshots.push(host.snapshot());
    };

    for (let step = 0; step < 400; step += 1) {
      try {
        await act();
        note();
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
        note();
        for (;;) {
          lives += 1;
          try {
            const bytes = random.next() < 0.6 ? snapshots[random.integer(snapshots.length + 1)] : undefined;
            host = await recovered(journal, market, dies, bytes);
            break;
          } catch (again) {
            if (!(again instanceof Crash)) throw again;
          }
        }
        note();
      }
    }
    const whole = await recovered(journal, market, () => false);
    const fromSnapshot = await recovered(journal, market, () => false, snapshots[snapshots.length - 1]);
    const { told } = whole.reactor.state;
    expect(lives).toBeGreaterThan(3);
    for (const [own, known] of knownBefore(told))
      if (truth.has(own)) expect([own, known]).toEqual([own, truth.get(own)]);
    const said = told.filter((entry) => entry.startsWith('!'));
    expect(new Set(said).size).toBe(said.length);
    const inputs = [
      ...market.map(({ instant }) => `i${instant.number}`),
      ...foreign.map((_, id) => `c${id}`),
    ];
    expect(told.filter((entry) => /^[ic]/.test(entry)).sort()).toEqual([...inputs].sort());
    for (const name of inputs)
      expect(said.filter((entry) => entry.startsWith(`!${name}/`))).toHaveLength(answersTo(name));
    expect(fromSnapshot.reactor.state.told.filter((entry) => entry.startsWith('!'))).toEqual(said);
    const fromStreams = (entries: readonly string[]): string[] =>
      entries.filter((entry) => !entry.startsWith('v')).sort();
    expect(fromStreams(fromSnapshot.reactor.state.told)).toEqual(fromStreams(told));
    expect(fromSnapshot.reactor.memory().heads).toEqual(whole.reactor.memory().heads);
  });
});
