import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createLedgerPool } from '@evenkeel/adapter-postgres';
import { createRandom } from '@evenkeel/kernel';
import type { Random } from '@evenkeel/kernel';
import { runInProcess } from '@evenkeel/lab';
import type { VenueSettings } from '@evenkeel/adapter-venue-sim';
import { BUSY_POLICY } from '@evenkeel/testkit';
import { homeOf } from '../stack/home';
import { startStack } from '../stack/stack';
import type { StackInProcess } from '../stack/stack';
import type { ServiceName } from '../stack/service-environment';
import { loadRunInputs } from './inputs';
import { ProgressLine } from './progress-line';
import { ServiceRun } from './service-run';

const SERVICES: readonly ServiceName[] = ['price-ingest', 'risk', 'strategy', 'execution', 'ledger'];
type Victim = ServiceName | 'nats-server' | 'postgres';

/** By this share of the tape every service has taken several times as many inputs as a snapshot is written after. */
const SNAPSHOT_BY = 1 / 8;

/** A cruel exchange: refuses, stays silent, loses orders, fills in part. */
const VENUE: VenueSettings = {
  seed: 'faults',
  quirks: { rejects: 0.05, lost: 0.05, silent: 0.05, partials: 0.2, splits: 0.2 },
};

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  return items.map(() => left.splice(random.integer(left.length), 1)[0] as T); // one is left for every one taken
}

function kill(victim: Victim, run: ServiceRun, stack: StackInProcess): void {
  if (victim === 'nats-server') stack.nats()?.kill();
  else if (victim === 'postgres') process.kill(stack.postgres()?.pid ?? 0, 'SIGKILL');
  else run.supervisor.kill(victim);
}

describe('a run through SIGKILLs of everything it is made of', () => {
  const seed = process.env['EK_FAULT_SEED'] ?? String(Date.now());
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-faults-'));
  // Often enough that each victim comes back from a snapshot, most of them from one that is behind the journal.
  beforeAll(() => (process.env['EK_SNAPSHOT_INPUTS'] = '40'));
  afterAll(() => {
    delete process.env['EK_SNAPSHOT_INPUTS'];
    rmSync(dir, { recursive: true, force: true });
  });

  it('ends with the decisions of an undisturbed run, no duplicate order, no gap in the ledger', async () => {
    process.stderr.write(`fault seed ${seed} (repeat with EK_FAULT_SEED=${seed})\n`);
    const random = createRandom(seed);
    const inputs = loadRunInputs({ books: [], policy: BUSY_POLICY, seed: 'faults', days: 3 });
    const undisturbed = runInProcess({ tape: inputs.tape, books: inputs.books, venue: VENUE });

    const home = homeOf({ EK_HOME: dir });
    const stack = await startStack({ home, say: () => undefined, environment: {} });
    const run = new ServiceRun({
      home,
      stack,
      inputs,
      progress: new ProgressLine(true),
      speed: 0,
      venue: VENUE,
      logLevel: 'info',
    });
    const killed = new Map<Victim, number>();
    let over = false;
    const massacre = async (): Promise<void> => {
      const victims = shuffled<Victim>([...SERVICES, 'nats-server', 'postgres'], random);
      for (const [index, victim] of victims.entries()) {
        const at = (index + random.next()) / (victims.length + 1);
        while (!over && run.fraction < at) await delay(2);
        if (over) return;
        kill(victim, run, stack);
        killed.set(victim, run.fraction);
      }
    };
    const massacred = massacre();
    try {
      const report = await run.run();
      over = true;
      await massacred;
      const words = [...killed].map(([victim, at]) => `${victim} at ${(at * 100).toFixed(1)} %`);
      process.stderr.write(`killed: ${words.join(', ')}\n`);
      expect(killed.size).toBe(7);
      expect(report.halted).toBeUndefined();
      expect(report.decisionDigest).toBe(undisturbed.decisionDigest);
      // The laboratory signs nothing: the first commit here enrols the services' keys.
      expect(report.journal.commits).toBe(undisturbed.journal.all.length + 1);
      expect(report.verification.status).toBe('clean');
      // Whoever was killed first may have had no time to write one.
      for (const service of ['risk', 'strategy', 'execution'] as const)
        if ((killed.get(service) ?? 0) >= SNAPSHOT_BY)
          expect(readFileSync(join(home.logs, `${service}.log`), 'utf8')).toContain(
            'recovery goes on from a state snapshot',
          );
      const lines = readdirSync(run.venueDir).flatMap((name) =>
        readFileSync(join(run.venueDir, name), 'utf8').trim().split('\n'),
      );
      const records = lines.map(
        (line) => JSON.parse(line) as { kind: string; order?: { clientOrderId: string } },
      );
      const orders = records.filter(({ kind }) => kind === 'order').map(({ order }) => order?.clientOrderId);
      expect(orders).toHaveLength(undisturbed.venue.orders);
      expect(new Set(orders).size).toBe(orders.length);
      expect(records.filter(({ kind }) => kind === 'duplicate')).toEqual([]);
      await expectContiguousLedger(stack.databaseUrl, report.journal.commits);
    } finally {
      over = true;
      await run.stop();
      await stack.stop();
    }
  }, 300_000);
});

async function expectContiguousLedger(url: string, commits: number): Promise<void> {
  const pool = createLedgerPool({ url, max: 1 });
  try {
    const { rows } = await pool.query<{ count: number; first: number; last: number }>(
      'SELECT count(*) AS count, min(seq) AS first, max(seq) AS last FROM ledger.commit_log',
    );
    expect(rows[0]).toEqual({ count: commits, first: 1, last: commits });
  } finally {
    await pool.end();
  }
}
