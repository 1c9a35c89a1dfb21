import { sealCommit } from '@evenkeel/contracts';
import { MemoryEventLog, partitionOfBook } from '@evenkeel/eventing';
import type { SealedCommit, SnapshotName } from '@evenkeel/eventing';
import { required } from '@evenkeel/kernel';
import {
  MemorySnapshotStore,
  TEST_PRODUCER,
  commitOf,
  createToyCore,
  decisionDraft,
} from '@evenkeel/testkit';
import { PartitionHost } from './partition-host';
import { SnapshotKeeper } from './snapshot-keeper';
import type { SnapshotEvent } from './snapshot-keeper';

const BOOK = 'kept';
const PARTITION = partitionOfBook(BOOK);
const CODE = 'c0';

interface Setting {
  readonly log: MemoryEventLog;
  readonly store: MemorySnapshotStore;
  readonly events: SnapshotEvent[];
}

function setting(): Setting {
  return { log: new MemoryEventLog('journal'), store: new MemorySnapshotStore(), events: [] };
}

interface Life {
  readonly code?: string;
  readonly every?: number;
  readonly lease?: { partition: string; token: bigint; assertHeld: () => Promise<void> };
}

async function live({ log, store, events }: Setting, { code = CODE, every = 0.5, lease }: Life = {}) {
  const snapshots = new SnapshotKeeper({
    store,
    service: 'execution',
    epoch: '1',
    codeHash: code,
    everyInputs: every,
    everyMs: Number.MAX_SAFE_INTEGER,
    nowMs: () => events.length * 1_000_000,
    onEvent: (event) => events.push(event),
  });
  const host = new PartitionHost({
    core: createToyCore(BOOK),
    partition: PARTITION,
    epoch: '1',
    journal: log,
    marketStream: 'EK_MARKET',
    inputs: ['strategy'],
    followsMarket: false,
    producer: TEST_PRODUCER,
    nowNs: () => 0n,
    snapshots,
    ...(lease === undefined ? {} : { lease }),
  });
  await host.beginRecovery();
  await host.finishRecovery();
  return host;
}

/** A decision of the book, each on a chain of its own. */
function decision(id: string): SealedCommit {
  const draft = decisionDraft(BOOK, id, '2026-01-01T00:00:00Z');
  return sealCommit(
    commitOf({ ...draft, aggregate: { ...draft.aggregate, id: `${BOOK}-${id}` } }, { cause: id }),
  );
}

async function decide({ log }: Setting, host: Awaited<ReturnType<typeof live>>, id: string): Promise<void> {
  const sealed = decision(id);
  await host.handleCommit({ ...sealed, subject: '', seq: log.appendNow(sealed, 0).seq });
  await new Promise((resolve) => setImmediate(resolve));
}

const kinds = ({ events }: Setting): string[] =>
  events.map(({ kind }) => kind).filter((kind) => kind !== 'written');
const newest = async ({ store }: Setting): Promise<SnapshotName> =>
  required((await store.list('execution', PARTITION))[0], 'a snapshot');

async function history(): Promise<Setting> {
  const made = setting();
  const host = await live(made);
  for (const id of ['a', 'b', 'c']) await decide(made, host, id);
  made.events.splice(0);
  return made;
}

describe('recovery from snapshots', () => {
  it('goes on from one that is behind the journal, and takes the rest from there', async () => {
    const made = await history();
    const later = decision('d');
    made.log.appendNow(later, 0);
    const host = await live(made);
    expect(kinds(made)).toEqual(['used']);
    expect(host.reactor.state.acknowledged).toEqual(['a-1', 'a-2', 'b-1', 'b-2', 'c-1', 'c-2', 'd-1', 'd-2']);
    expect(host.reactor.state.seen).toBe(4);
  });

  it('refuses corrupt bytes loudly and uses the one before', async () => {
    const made = await history();
    const name = await newest(made);
    const bytes = required(await made.store.get(name), 'its bytes');
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
    await made.store.put(name, bytes);
    const host = await live(made);
    expect(kinds(made)).toEqual(['refused', 'used']);
    expect(host.reactor.state.acknowledged).toHaveLength(6);
  });

  it('refuses one that is ahead of the journal, which was restored from an older copy', async () => {
    const made = await history();
    const older = { ...made, log: new MemoryEventLog('journal') };
    for (const { commit, bytes, hash, seq } of made.log.all.slice(0, 3))
      older.log.appendNow({ commit, bytes, hash }, commit.fromVersion === 1 ? 0 : seq - 1);
    const host = await live(older);
    expect(kinds(older).filter((kind) => kind === 'refused').length).toBeGreaterThan(0);
    expect(host.reactor.state.acknowledged).toEqual(['a-1', 'a-2']);
  });

  it('ignores one of another build, and says so', async () => {
    const made = await history();
    const host = await live(made, { code: 'd1' });
    expect(new Set(kinds(made))).toEqual(new Set(['ignored']));
    expect(host.reactor.state.acknowledged).toHaveLength(6);
  });

  it('is not misled by a snapshot under another name', async () => {
    const made = await history();
    const name = await newest(made);
    const bytes = required(await made.store.get(name), 'its bytes');
    await made.store.put({ ...name, codeHash: 'd1', seq: 99 }, bytes);
    await live(made, { code: 'd1' });
    expect(made.events[0]).toMatchObject({ kind: 'refused', error: { code: 'EVENTING.SNAPSHOT_FOREIGN' } });
  });

  it('keeps nothing of an owner that was deposed while it wrote', async () => {
    const made = setting();
    let settled = (): boolean => false;
    const assertHeld = (): Promise<void> =>
      settled() ? Promise.reject(new Error('deposed')) : Promise.resolve();
    const host = await live(made, { every: 1, lease: { partition: PARTITION, token: 1n, assertHeld } });
    // Everything has left the house under a valid lease; what comes now is the snapshot.
    settled = () => host.progress.seen >= 4;
    await decide(made, host, 'a');
    await decide(made, host, 'b');
    expect(made.events).toMatchObject([{ kind: 'failed', error: { message: 'deposed' } }]);
    expect(await made.store.list('execution', PARTITION)).toEqual([]);
  });

  it('keeps nothing of a host that left an input half taken', async () => {
    const made = setting();
    const host = await live(made);
    await decide(made, host, 'a');
    const before = (await made.store.list('execution', PARTITION)).length;
    const broken = jest.spyOn(made.log, 'append').mockRejectedValueOnce(new Error('the server is gone'));
    await expect(decide(made, host, 'b')).rejects.toThrow('gone');
    broken.mockRestore();
    await decide(made, host, 'c').catch(() => undefined);
    await host.leave();
    expect(await made.store.list('execution', PARTITION)).toHaveLength(before);
  });
});
