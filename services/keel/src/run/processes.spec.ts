import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { JetStreamEventLog, connectNats, currentEpoch } from '@evenkeel/adapter-nats';
import type { BusAccess } from '@evenkeel/adapter-nats';
import { createLedgerPool } from '@evenkeel/adapter-postgres';
import { partitionOf } from '@evenkeel/kernel';
import { runInProcess } from '@evenkeel/lab';
import { BUSY_POLICY } from '@evenkeel/testkit';
import { homeOf } from '../stack/home';
import { startStack } from '../stack/stack';
import { loadRunInputs } from './inputs';
import type { RunInputs } from './inputs';
import { ProgressLine } from './progress-line';
import { ServiceRun } from './service-run';

const SOAK = process.env['EK_SOAK'] === '1';
const [BOOKS, PROCESSES] = SOAK ? [16, 3] : [2, 2];
const SHARED = ['risk', 'strategy', 'execution'] as const;

/** One book for each of so many partitions, each like the demonstration book. */
function inputsOver(count: number): RunInputs {
  const inputs = loadRunInputs({ books: [], policy: BUSY_POLICY, seed: 'processes', days: 1 });
  const [like] = inputs.books;
  if (like === undefined) throw new Error('the built-in market has a book');
  const names = new Map<string, string>();
  for (let index = 0; names.size < count; index += 1) {
    const name = `desk-${index}`;
    if (!names.has(partitionOf(name))) names.set(partitionOf(name), name);
  }
  const books = [...names.values()].map((book) => ({ ...like, file: { ...like.file, book } }));
  return { ...inputs, books };
}

/** Owners that each context's partitions had, by the tokens in the journal. */
async function ownersOf(bus: BusAccess): Promise<Map<string, bigint[]>> {
  const connection = await connectNats(bus, 'test');
  const { journalStream } = await currentEpoch(connection);
  const owners = new Map<string, bigint[]>();
  for await (const { commit } of new JetStreamEventLog(connection, journalStream).read({})) {
    if (commit.fencingToken === undefined) continue;
    const place = `${commit.aggregate.context} ${commit.partition}`;
    const tokens = owners.get(place) ?? [];
    if (tokens.at(-1) !== commit.fencingToken) tokens.push(commit.fencingToken);
    owners.set(place, tokens);
  }
  await connection.close();
  return owners;
}

describe(`${BOOKS} books over ${PROCESSES} processes each of risk, strategy and execution`, () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-processes-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('one killed for good and one added in mid-run: partitions move, decisions and ledger do not change', async () => {
    const inputs = inputsOver(BOOKS);
    const venue = { seed: 'processes' };
    const undisturbed = runInProcess({ tape: inputs.tape, books: inputs.books, venue });
    const home = homeOf({ EK_HOME: dir });
    const stack = await startStack({
      home,
      say: () => undefined,
      environment: { EK_DURABILITY: 'unsynced' },
    });
    const run = new ServiceRun({
      home,
      stack,
      inputs,
      progress: new ProgressLine(true),
      speed: 0,
      venue,
      logLevel: 'info',
      processes: PROCESSES,
    });
    let over = false;
    const disturb = async (): Promise<void> => {
      while (!over && run.fraction < 0.3) await delay(5);
      for (const name of SHARED) run.supervisor.end(`${name}-1`);
      while (!over && run.fraction < 0.6) await delay(5);
      for (const name of SHARED) run.addProcess(name, `${name}-late`);
      disturbed = !over;
    };
    let disturbed = false;
    const disturbing = disturb();
    try {
      const report = await run.run();
      over = true;
      await disturbing;
      expect(disturbed).toBe(true);
      expect(report.halted).toBeUndefined();
      expect(report.decisionDigest).toBe(undisturbed.decisionDigest);
      // The laboratory signs nothing: the first commit here enrols the services' keys.
      expect(report.journal.commits).toBe(undisturbed.journal.all.length + 1);
      expect(report.verification.status).toBe('clean');
      const owners = await ownersOf(stack.access('observer'));
      expect(owners.size).toBe(SHARED.length * BOOKS);
      const moved = [...owners.values()].filter((tokens) => tokens.length > 1);
      process.stderr.write(`${moved.length} of ${owners.size} partitions had more than one owner\n`);
      expect(moved.length).toBeGreaterThan(0);
      for (const tokens of owners.values())
        expect(tokens).toEqual([...tokens].sort((a, b) => (a < b ? -1 : 1)));
      const sent = readdirSync(run.venueDir).flatMap((name) =>
        readFileSync(join(run.venueDir, name), 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as { kind: string; order?: { clientOrderId: string } })
          .filter(({ kind }) => kind === 'order' || kind === 'duplicate'),
      );
      expect(sent.filter(({ kind }) => kind === 'duplicate')).toEqual([]);
      expect(sent).toHaveLength(undisturbed.venue.orders);
      const pool = createLedgerPool({ url: stack.databaseUrl, max: 1 });
      const { rows } = await pool.query('SELECT count(*) AS count, max(seq) AS last FROM ledger.commit_log');
      await pool.end();
      expect(rows[0]).toEqual({ count: report.journal.commits, last: report.journal.commits });
    } finally {
      over = true;
      await run.stop();
      await stack.stop();
    }
  }, 600_000);
});
