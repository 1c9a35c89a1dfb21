import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trailEvidence, verifyStateFile } from '@evenkeel/adapter-audit';
import { LedgerToVerify, createLedgerWriter } from '@evenkeel/adapter-postgres';
import { reexecuteJournal, runAgainIn } from '@evenkeel/engine';
import { required } from '@evenkeel/kernel';
import { runInProcess } from '@evenkeel/lab';
import { busyDemonstration } from '@evenkeel/testkit';
import { LedgerCluster } from '../../adapter-postgres/src/sample/ledger-cluster.test-support';
import type { LedgerDatabase } from '../../adapter-postgres/src/sample/ledger-cluster.test-support';
import { runVerification } from './verify-run';
import type { TrailEvidence } from './verification-ports';
import type { VerifyState } from './verify-state';

const market = busyDemonstration('threads', 1);
const books = ['one', 'two', 'three'].map((name) => ({
  file: { ...market.book, book: `book-${name}` },
  source: name,
}));
const { journal } = runInProcess({ tape: market.tape, books });
const { snapshots, decisions, orders } = runAgainIn(reexecuteJournal(journal.all).counts);
const epoch = required(journal.all[0], 'a commit').commit.epoch;

/** The threads run compiled code; `npm test` compiles first. */
const compiled = existsSync(join(__dirname, '..', 'dist', 'reexecution.worker.js'));
const withThreads = compiled ? it : it.skip;
if (!compiled) process.stdout.write('SKIPPED: threads of the verification (not compiled)\n');

describe('verifying a whole ledger', () => {
  let cluster: LedgerCluster;
  let filled: LedgerDatabase;
  let dir: string;
  const trailOf = (ledger: LedgerToVerify) => () =>
    trailEvidence(ledger.checkpoints, { folder: join(dir, 'none'), witnesses: [], outside: [] });
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'evenkeel-verify-'));
    cluster = await LedgerCluster.start();
    filled = await cluster.database();
    const pool = filled.pool();
    const writer = createLedgerWriter(pool, { epoch });
    await writer.append(journal.all);
    await writer.close();
    await pool.end();
  }, 60_000);
  afterAll(async () => {
    await cluster.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  withThreads(
    'gives the same report on any number of threads',
    async () => {
      const ledger = new LedgerToVerify((await cluster.database(filled)).pool());
      const reports = [];
      for (const threads of [0, 2])
        reports.push(await runVerification(ledger, { threads, trail: trailOf(ledger), readModels: false }));
      expect(reports[0]).toMatchObject({ status: 'clean' });
      expect(runAgainIn(reports[0]?.reexecuted ?? [])).toMatchObject({ snapshots, decisions, orders });
      expect(reports[1]).toEqual(reports[0]);
    },
    60_000,
  );

  it('calls no trail sound that the rows contradict, and none examined that could not be read', async () => {
    const ledger = new LedgerToVerify((await cluster.database(filled)).pool());
    const statusOf = async (evidence: Omit<TrailEvidence, 'origin'>) => {
      const trail = () => Promise.resolve({ origin: 'desk.example', ...evidence });
      return (await runVerification(ledger, { threads: 0, trail, readModels: false })).trail.status;
    };
    const signing = (size: number) => ({
      heads: [{ size, root: new Uint8Array(32) }],
      newest: { size, root: new Uint8Array(32) },
      checkpoints: 1,
      witnessed: undefined,
      tiles: 0,
      leafAt: () => undefined,
    });
    const broken = { epoch: '', seq: 0, code: 'AUDIT.CHECKPOINT_CHAIN_BROKEN', message: 'a line is missing' };
    expect(await statusOf({ examination: signing(10), findings: [] })).toBe('contradicted');
    expect(await statusOf({ examination: signing(1e6), findings: [] })).toBe('contradicted');
    expect(await statusOf({ examination: undefined, findings: [broken] })).toBe('unread');
  }, 60_000);

  it('is broken off and gone on with in another process, to the same end', async () => {
    const database = await cluster.database(filled);
    const ledger = new LedgerToVerify(database.pool());
    const stateFile = join(dir, 'state.json');
    const seen: VerifyState[] = [];
    const total = journal.all.length;
    const stop = new Error('broken off');
    await expect(
      runVerification(ledger, {
        threads: 0,
        trail: trailOf(ledger),
        state: verifyStateFile(stateFile),
        positionEvery: 250,
        readModels: false,
        onProgress: () => {
          if (!existsSync(stateFile)) return;
          seen.push(JSON.parse(readFileSync(stateFile, 'utf8')) as VerifyState); // written by the code under test
          throw stop;
        },
      }),
    ).resolves.toMatchObject({ status: 'unreadable' });
    const state = required(seen[0], 'a state that was kept');
    expect(state.position.seq).toBeGreaterThan(200);
    expect(state.position.seq).toBeLessThan(total);
    const rest = await runVerification(ledger, {
      threads: 1,
      trail: trailOf(ledger),
      state: verifyStateFile(stateFile),
    });
    expect(rest).toMatchObject({ status: 'clean', commits: total });
    expect(runAgainIn(rest.reexecuted)).toMatchObject({ snapshots, decisions, orders, notRunAgain: 0 });
    expect(rest.resumedAfter).toBe(state.position.commits);
    // Once more: nothing new, nothing to do.
    const again = await runVerification(ledger, {
      threads: 1,
      trail: trailOf(ledger),
      state: verifyStateFile(stateFile),
    });
    expect(again).toMatchObject({ status: 'clean', commits: total, resumedAfter: total });
  }, 60_000);
});
