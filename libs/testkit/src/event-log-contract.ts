import type { EventLog, ReadOptions, SealedCommit, StoredCommit } from '@evenkeel/eventing';
import { sealCommit } from '@evenkeel/contracts';
import { commitOf, decisionDraft } from './commits';

const at = (minute: number): string => `2026-01-01T00:${String(minute).padStart(2, '0')}:00Z`;

async function collect(log: EventLog, options: ReadOptions): Promise<StoredCommit[]> {
  const all: StoredCommit[] = [];
  for await (const stored of log.read(options)) all.push(stored);
  return all;
}

/** What two owners of one partition make of the same cause: the same id, other stamps, so other bytes. */
function rivals(book: string, version: number, prevHash: Uint8Array): readonly [SealedCommit, SealedCommit] {
  const sealedAt = (decidedTime: bigint): SealedCommit =>
    sealCommit(
      commitOf(decisionDraft(book, `${book}-${version}`, at(version)), { version, prevHash, decidedTime }),
    );
  return [sealedAt(1n), sealedAt(2n)];
}

function chainOf(book: string, length: number): SealedCommit[] {
  const chain: SealedCommit[] = [];
  for (let version = 1; version <= length; version += 1) {
    const prevHash = chain[chain.length - 1]?.hash ?? new Uint8Array(0);
    chain.push(
      sealCommit(commitOf(decisionDraft(book, `${book}-${version}`, at(version)), { version, prevHash })),
    );
  }
  return chain;
}

/** What every journal must do, run against memory and against JetStream alike. */
export function describeEventLog(name: string, create: () => Promise<EventLog>): void {
  describe(`${name} keeps the journal's contract`, () => {
    let log: EventLog;
    beforeAll(async () => {
      log = await create();
    });

    it('gives contiguous sequences, and the published bytes back', async () => {
      let last = 0;
      const chain = chainOf('contract-a', 5);
      const before = await log.lastSeq();
      for (const sealed of chain) last = (await log.append(sealed, last)).seq;
      expect(last).toBe(before + 5);
      const back = await collect(log, { fromSeq: before + 1 });
      expect(back.map((stored) => stored.seq)).toEqual([1, 2, 3, 4, 5].map((offset) => before + offset));
      expect(back.map((stored) => Buffer.from(stored.bytes).toString('hex'))).toEqual(
        chain.map((sealed) => Buffer.from(sealed.bytes).toString('hex')),
      );
    });

    it('stores a commit once however often it is appended', async () => {
      const [first] = chainOf('contract-b', 1);
      if (first === undefined) throw new Error('a chain of one has one');
      const one = await log.append(first, 0);
      const two = await log.append(first, 0);
      expect(two).toEqual({ seq: one.seq, duplicate: true });
      expect(await log.lastSeq()).toBe(one.seq);
    });

    it('refuses a writer that has not seen the aggregate’s newest commit', async () => {
      const [first, second] = chainOf('contract-c', 2);
      const [rival] = [
        sealCommit(commitOf(decisionDraft('contract-c', 'rival', at(9)), { version: 2, cause: 'rival' })),
      ];
      if (first === undefined || second === undefined || rival === undefined)
        throw new Error('the chain has two');
      const { seq } = await log.append(first, 0);
      await log.append(second, seq);
      await expect(log.append(rival, seq)).rejects.toMatchObject({ code: 'EVENTING.CONFLICT' });
    });

    it('compares bytes, not ids: what another owner stored for the same cause is a conflict', async () => {
      const [mine, other] = rivals('contract-f', 1, new Uint8Array(0));
      expect(other.commit.commitId).toBe(mine.commit.commitId);
      const { seq } = await log.append(other, 0);
      await expect(log.append(mine, 0)).rejects.toMatchObject({ code: 'EVENTING.CONFLICT', lastSeq: seq });
      expect(await log.append(other, 0)).toEqual({ seq, duplicate: true });
      expect(await log.lastSeq()).toBe(seq);
    });

    it('lets one of two owners win each link, and the chain of what is stored holds', async () => {
      let last = 0;
      let prevHash: Uint8Array = new Uint8Array(0);
      const before = await log.lastSeq();
      for (let version = 1; version <= 20; version += 1) {
        const both = rivals('contract-g', version, prevHash);
        const ends = await Promise.allSettled(both.map((sealed) => log.append(sealed, last)));
        expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
        for (const [index, end] of ends.entries()) {
          if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'EVENTING.CONFLICT' });
          else {
            last = end.value.seq;
            prevHash = both[index]?.hash ?? prevHash;
          }
        }
      }
      let previous: Uint8Array = new Uint8Array(0);
      for (const stored of await collect(log, { fromSeq: before + 1 })) {
        expect(Buffer.from(stored.commit.prevHash).equals(Buffer.from(previous))).toBe(true);
        previous = stored.hash;
      }
    });

    it('takes no other commit for one whose newest successor it has seen stored', async () => {
      const [first, second] = chainOf('contract-by-context', 2);
      if (first === undefined || second === undefined) throw new Error('the chain has two');
      const { seq } = await log.append(first, 0);
      await log.append(second, seq);
      await expect(log.append(first, 0)).rejects.toMatchObject({ code: 'EVENTING.CONFLICT' });
    });

    it('halts when one id is asked to stand for two commits', async () => {
      const draft = decisionDraft('contract-i', 'once', at(1));
      const first = sealCommit(commitOf(draft, { cause: 'same' }));
      const again = sealCommit(commitOf(draft, { cause: 'same', version: 2, prevHash: first.hash }));
      const { seq } = await log.append(first, 0);
      await expect(log.append(again, seq)).rejects.toMatchObject({ code: 'EVENTING.ID_REUSED' });
    });

    it('lets only one owner append in a partition, to whichever aggregate', async () => {
      const place = { context: 'risk', type: 'book' } as const;
      const of = (id: string) =>
        sealCommit(
          commitOf({ ...decisionDraft('contract-j', id, at(1)), aggregate: { ...place, id } }, { cause: id }),
        );
      const first = await log.append(of('one'), 0, 'context');
      // Another owner, who has not heard of it, begins an aggregate of its own.
      await expect(log.append(of('two'), 0, 'context')).rejects.toMatchObject({
        code: 'EVENTING.CONFLICT',
        lastSeq: first.seq,
      });
      expect(await log.append(of('one'), 0, 'context')).toEqual({ seq: first.seq, duplicate: true });
      const second = await log.append(of('three'), first.seq, 'context');
      await expect(log.append(of('four'), second.seq + 1, 'context')).rejects.toMatchObject({
        code: 'EVENTING.LOG_BEHIND',
      });
      // Another context of the partition is another owner's.
      expect((await log.append(rivals('contract-j', 1, new Uint8Array(0))[0], 0, 'context')).duplicate).toBe(
        false,
      );
    });

    it('halts when the log holds less than was folded', async () => {
      const [first] = chainOf('contract-d', 1);
      if (first === undefined) throw new Error('a chain of one has one');
      await expect(log.append(first, 1)).rejects.toMatchObject({ code: 'EVENTING.LOG_BEHIND' });
    });

    it('reads some contexts of a partition alone, in order, and lets a reader stop early', async () => {
      const [first, second] = chainOf('contract-h', 2);
      if (first === undefined || second === undefined) throw new Error('the chain has two');
      const { seq } = await log.append(first, 0);
      await log.append(second, seq);
      const { partition } = first.commit;
      const strategy = await collect(log, { fromSeq: seq, partition, contexts: ['risk', 'strategy'] });
      expect(strategy.map((stored) => stored.commit.commitId)).toEqual(
        [first, second].map((sealed) => sealed.commit.commitId),
      );
      expect(await collect(log, { fromSeq: seq, partition, contexts: ['risk'] })).toEqual([]);
      for await (const stored of log.read({ fromSeq: seq, contexts: ['strategy'], ahead: 1 })) {
        expect(stored.seq).toBe(seq);
        break;
      }
    });

    it('reads one partition alone, in order', async () => {
      const [first] = chainOf('contract-e', 1);
      if (first === undefined) throw new Error('a chain of one has one');
      await log.append(first, 0);
      const back = await collect(log, { partition: first.commit.partition });
      expect(back.every((stored) => stored.commit.partition === first.commit.partition)).toBe(true);
      expect(back.map((stored) => stored.commit.commitId)).toContain(first.commit.commitId);
      const seqs = back.map((stored) => stored.seq);
      expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    });
  });
}
