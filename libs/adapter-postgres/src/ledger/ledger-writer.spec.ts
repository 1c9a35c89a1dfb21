import { postingsOf } from '@evenkeel/accounting';
import type { Pool } from 'pg';
import { sealCommit } from '@evenkeel/contracts';
import type { Commit } from '@evenkeel/eventing';
import { required } from '@evenkeel/kernel';
import { verifyLedger } from '../audit/verify-ledger';
import { LedgerCluster } from '../sample/ledger-cluster.test-support';
import { sampleJournal } from '../sample/sample-journal.test-support';
import type { SampleCommit } from '../sample/sample-journal.test-support';
import type { JournalMessage } from './ledger-commit';
import { createLedgerWriter } from './ledger-writer';

let cluster: LedgerCluster;
beforeAll(async () => {
  cluster = await LedgerCluster.start();
});
afterAll(() => cluster.stop());

const journal = sampleJournal({ seed: 'ledger', steps: 120 });

async function rows(pool: Pool, sql: string): Promise<readonly Record<string, unknown>[]> {
  return (await pool.query<Record<string, unknown>>(sql)).rows;
}

function at(seq: number): SampleCommit {
  return required(journal[seq - 1], `commit ${seq} of the sample`);
}

/** The commit at `seq` with its envelope changed and sealed anew. */
function altered(seq: number, change: (commit: Commit) => Commit): JournalMessage {
  const original = at(seq);
  return { ...original, bytes: sealCommit(change(original.sealed.commit)).bytes };
}

describe('the ledger writer', () => {
  it('takes the journal over byte for byte, checkpoint and all', async () => {
    const pool = (await cluster.database()).pool();
    const writer = createLedgerWriter(pool, { epoch: '1' });
    expect(await writer.checkpoint()).toBe(0);
    for (let from = 0; from < journal.length; from += 50) await writer.append(journal.slice(from, from + 50));
    expect(await writer.checkpoint()).toBe(journal.length);
    const stored = await pool.query<{
      seq: number;
      bytes: Buffer;
      hash: Buffer;
      decoded: unknown;
    }>('SELECT seq, bytes, hash, decoded FROM ledger.commit_log ORDER BY seq');
    expect(stored.rows.map((row) => row.seq)).toEqual(journal.map((commit) => commit.seq));
    for (const [index, row] of stored.rows.entries()) {
      expect(row.bytes.equals(at(index + 1).bytes)).toBe(true);
      expect(row.hash.equals(at(index + 1).sealed.hash)).toBe(true);
      const { partition, book, clock, events } = at(index + 1).sealed.commit;
      expect(row.decoded).toEqual({
        partition,
        book,
        clock: { eventTime: clock.eventTime.toString() },
        events: events.map(({ version, event: { type } }) => ({ version, event: { type } })),
      });
    }
    await writer.close();
  });

  it('skips what it has, in whatever pieces it comes, and refuses other bytes at a known sequence', async () => {
    const pool = (await cluster.database()).pool();
    const writer = createLedgerWriter(pool, { epoch: '1' });
    await writer.append(journal.slice(0, 30));
    expect(await writer.append(journal.slice(10, 40))).toBe(40);
    expect(await writer.append(journal.slice(0, 5))).toBe(40);
    await expect(writer.append([{ ...at(7), bytes: at(8).bytes }])).rejects.toMatchObject({
      code: 'LEDGER.HASH_MISMATCH',
      seq: 7,
    });
    await writer.close();
  });

  const faults: readonly [
    name: string,
    code: string,
    batch: readonly JournalMessage[],
    seq: number,
    kept: number,
  ][] = [
    [
      'a gap in the sequence',
      'LEDGER.SEQUENCE_GAP',
      [...journal.slice(0, 20), ...journal.slice(21, 40)],
      22,
      20,
    ],
    [
      'bytes that are no commit',
      'LEDGER.UNDECODABLE',
      [...journal.slice(0, 20), { ...at(21), bytes: at(21).bytes.slice(0, -3) }],
      21,
      20,
    ],
    [
      'a version gap',
      'LEDGER.VERSION_GAP',
      [
        ...journal.slice(0, 20),
        altered(21, (c) => ({ ...c, fromVersion: c.fromVersion + 1, toVersion: c.toVersion + 1 })),
      ],
      21,
      20,
    ],
    [
      'a broken prevHash',
      'LEDGER.PREV_HASH_BROKEN',
      [...journal.slice(0, 20), altered(21, (c) => ({ ...c, prevHash: new Uint8Array(32) }))],
      21,
      20,
    ],
    [
      'a commit of another epoch',
      'LEDGER.WRONG_EPOCH',
      [...journal.slice(0, 20), altered(21, (c) => ({ ...c, epoch: '2' }))],
      21,
      20,
    ],
    [
      'a commit on another subject',
      'LEDGER.WRONG_SUBJECT',
      [...journal.slice(0, 20), { ...at(21), subject: 'ek.evt.v1.00.risk.book.other' }],
      21,
      20,
    ],
    [
      'a commit id used twice',
      'LEDGER.DUPLICATE_COMMIT',
      [...journal.slice(0, 20), altered(21, (c) => ({ ...c, commitId: at(3).sealed.commit.commitId }))],
      21,
      20,
    ],
    [
      'a payload the read models cannot hold',
      'LEDGER.UNPROJECTABLE',
      [
        ...journal.slice(0, 2),
        altered(3, (c) => ({
          ...c,
          events: c.events.map((recorded) =>
            recorded.event.type === 'PositionAdopted'
              ? {
                  ...recorded,
                  event: { ...recorded.event, payload: { ...recorded.event.payload, positionAfter: 'many' } },
                }
              : recorded,
          ),
        })),
      ],
      3,
      2,
    ],
  ];
  it.each(faults)(
    'stops at %s, keeps what came before and the evidence',
    async (_name, code, batch, seq, kept) => {
      const pool = (await cluster.database()).pool();
      const writer = createLedgerWriter(pool, { epoch: '1' });
      await expect(writer.append(batch)).rejects.toMatchObject({ code, seq, epoch: '1' });
      expect(await rows(pool, 'SELECT epoch, seq, code FROM ledger.quarantine')).toEqual([
        { epoch: '1', seq, code },
      ]);
      expect(await rows(pool, 'SELECT count(*) AS count FROM ledger.commit_log')).toEqual([{ count: kept }]);
      expect(await rows(pool, 'SELECT seq FROM ledger.checkpoint')).toEqual([{ seq: kept }]);
      await expect(writer.append(journal.slice(kept))).rejects.toMatchObject({ code, seq });
      await expect(writer.checkpoint()).rejects.toMatchObject({ code });
      await writer.close();
      // A new writer that is given the true journal goes on.
      const next = createLedgerWriter(pool, { epoch: '1' });
      expect(await next.append(journal.slice(kept))).toBe(journal.length);
      await next.close();
    },
  );

  it('lets one writer in at a time', async () => {
    const pool = (await cluster.database()).pool();
    const first = createLedgerWriter(pool, { epoch: '1' });
    await first.append(journal.slice(0, 5));
    const second = createLedgerWriter(pool, { epoch: '1', lockWaitMs: 0 });
    await expect(second.checkpoint()).rejects.toMatchObject({ code: 'LEDGER.ANOTHER_WRITER' });
    await first.close();
    expect(await second.append(journal.slice(0, 9))).toBe(9);
    await second.close();
  });

  it('refuses unbalanced entries before the database has to', async () => {
    const pool = (await cluster.database()).pool();
    const writer = createLedgerWriter(pool, {
      epoch: '1',
      entriesOf: (event) =>
        event.type === 'PositionAdopted'
          ? postingsOf(event).map((entry) => ({ ...entry, lines: entry.lines.slice(1) }))
          : [],
    });
    await expect(writer.append(journal.slice(0, 10))).rejects.toMatchObject({
      code: 'LEDGER.UNPROJECTABLE',
      seq: 3,
    });
    await writer.close();
  });

  it('survives the death of the server in the middle of an append', async () => {
    const pool = (await cluster.database()).pool();
    const before = createLedgerWriter(pool, { epoch: '1' });
    await before.append(journal.slice(0, 40));
    let strike = (): void => undefined;
    const struck = new Promise<void>((resolve) => (strike = resolve));
    await before.close();
    const writer = createLedgerWriter(pool, {
      epoch: '1',
      // The rows are in, the checkpoint is not.
      alongside: async (client) => {
        if (cluster.pid > 0) {
          process.kill(cluster.pid, 'SIGKILL');
          strike();
        }
        await client.query('SELECT 1 FROM pg_sleep(5)');
      },
    });
    const broken = writer.append(journal.slice(40, 90)).catch((error: unknown) => error);
    await struck;
    await cluster.restart();
    expect(await broken).toMatchObject({ code: 'LEDGER.UNAVAILABLE' });
    const after = createLedgerWriter(pool, { epoch: '1' });
    expect(await after.checkpoint()).toBe(40);
    expect(await after.append(journal.slice(40))).toBe(journal.length);
    expect(await rows(pool, 'SELECT count(*) AS count, max(seq) AS last FROM ledger.commit_log')).toEqual([
      { count: journal.length, last: journal.length },
    ]);
    await after.close();
    await writer.close();
  });

  it('is told LEDGER.UNAVAILABLE when the server dies during COPY, and recovers by itself', async () => {
    const pool = (await cluster.database()).pool();
    const writer = createLedgerWriter(pool, { epoch: '1' });
    await writer.append(journal.slice(0, 10));
    let killed = false;
    const trap = journal.slice(10).map((message) => ({
      ...message,
      // Read when the row is prepared, in the middle of the stream.
      get bytes(): Uint8Array {
        if (message.seq === 150 && !killed) {
          killed = true;
          process.kill(cluster.pid, 'SIGKILL');
        }
        return message.bytes;
      },
    }));
    await expect(writer.append(trap)).rejects.toMatchObject({ code: 'LEDGER.UNAVAILABLE' });
    expect(killed).toBe(true);
    await cluster.restart();
    expect(await writer.checkpoint()).toBe(10);
    expect(await writer.append(journal.slice(10))).toBe(journal.length);
    await writer.close();
  });

  it('prepares a stretch while it writes the one before, as if they had come one by one', async () => {
    const pool = (await cluster.database()).pool();
    const writer = createLedgerWriter(pool, { epoch: '1' });
    const under: Promise<number>[] = [];
    const done: number[] = [];
    for (let from = 0; from < journal.length; from += 30) {
      under.push(writer.append(journal.slice(from, from + 30)));
      if (under.length === 2) done.push((await under.shift()) ?? 0);
    }
    done.push(await required(under[0], 'the last stretch'));
    expect(done).toEqual(done.map((_, index) => Math.min(30 * (index + 1), journal.length)));
    await writer.close();
    expect(await verifyLedger(pool)).toMatchObject({
      status: 'clean',
      commits: journal.length,
      readModels: 'equal',
    });
  });

  it('writes nothing of a stretch that was prepared behind one that failed', async () => {
    const pool = (await cluster.database()).pool();
    let refusing = true;
    const writer = createLedgerWriter(pool, {
      epoch: '1',
      alongside: async (client, commits) => {
        if (refusing && commits[0]?.seq === 21)
          await client.query('SELECT pg_terminate_backend(pg_backend_pid())');
      },
    });
    expect(await writer.append(journal.slice(0, 20))).toBe(20);
    const [first, second] = [writer.append(journal.slice(20, 40)), writer.append(journal.slice(40, 60))];
    await expect(first).rejects.toMatchObject({ code: 'LEDGER.UNAVAILABLE' });
    await expect(second).rejects.toMatchObject({ code: 'LEDGER.UNAVAILABLE' });
    refusing = false;
    expect(await writer.checkpoint()).toBe(20);
    expect(await rows(pool, 'SELECT * FROM ledger.quarantine')).toEqual([]);
    expect(await writer.append(journal.slice(20))).toBe(journal.length);
    await writer.close();
  });

  it('keeps a stretch when the one prepared behind it contradicts the journal', async () => {
    const pool = (await cluster.database()).pool();
    const writer = createLedgerWriter(pool, { epoch: '1' });
    await writer.append(journal.slice(0, 20));
    const broken = altered(45, (c) => ({ ...c, prevHash: new Uint8Array(32) }));
    const [first, second] = [
      writer.append(journal.slice(20, 40)),
      writer.append([...journal.slice(40, 44), broken, ...journal.slice(45, 60)]),
    ];
    expect(await first).toBe(40);
    await expect(second).rejects.toMatchObject({ code: 'LEDGER.PREV_HASH_BROKEN', seq: 45 });
    expect(await rows(pool, 'SELECT max(seq) AS seq FROM ledger.commit_log')).toEqual([{ seq: 44 }]);
    await writer.close();
  });

  it('keeps epochs apart', async () => {
    const pool = (await cluster.database()).pool();
    const other = sampleJournal({ seed: 'ledger', steps: 10, epoch: 'second' });
    for (const [epoch, commits] of [
      ['1', journal.slice(0, 40)],
      ['second', other],
    ] as const) {
      const writer = createLedgerWriter(pool, { epoch });
      expect(await writer.append(commits)).toBe(commits.length);
      await writer.close();
    }
    expect(await rows(pool, 'SELECT epoch, seq FROM ledger.checkpoint ORDER BY epoch')).toEqual([
      { epoch: '1', seq: 40 },
      { epoch: 'second', seq: other.length },
    ]);
  });
});
