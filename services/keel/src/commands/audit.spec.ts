import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createLedgerPool,
  listDecisions,
  rebuildReadModels,
  reconstruct,
  startEmbeddedPostgres,
  migrate,
  createLedgerWriter,
  verifyLedger,
} from '@evenkeel/adapter-postgres';
import type { EmbeddedPostgres } from '@evenkeel/adapter-postgres';
import { runAgainIn } from '@evenkeel/engine';
import { runInProcess } from '@evenkeel/lab';
import { reconstructionText } from '@evenkeel/reconstruction';
import { InlineAuditor } from '@evenkeel/verification';
import type { Pool } from 'pg';
import { BUSY_POLICY } from '@evenkeel/testkit';
import { loadRunInputs } from '../run/inputs';

/** A whole run's journal in a real database, and an auditor who trusts nothing. */
describe('audit verify', () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-audit-'));
  let server: EmbeddedPostgres;
  let pool: Pool;
  let commits = 0;
  let decisions = 0;
  beforeAll(async () => {
    server = await startEmbeddedPostgres({ dir, durability: 'process' });
    await migrate(server.url);
    pool = createLedgerPool({ url: server.url });
    const inputs = loadRunInputs({ books: [], policy: BUSY_POLICY, seed: 'audit', days: 2 });
    const { journal } = runInProcess({ tape: inputs.tape, books: inputs.books });
    const writer = createLedgerWriter(pool, { epoch: '1' });
    await writer.append(journal.all);
    await writer.close();
    commits = journal.all.length;
    decisions = journal.all
      .flatMap(({ commit }) => commit.events)
      .filter(({ event }) => event.type === 'HedgeDecided' || event.type === 'HedgeDeclined').length;
  }, 120_000);
  afterAll(async () => {
    await pool.end();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  const verify = () => verifyLedger(pool, { auditor: new InlineAuditor() });

  it('is clean on an untouched ledger, with every decision executed again', async () => {
    expect(decisions).toBeGreaterThan(20);
    const report = await verify();
    expect(report).toMatchObject({ status: 'clean', commits, readModels: 'equal', findings: [] });
    expect(runAgainIn(report.reexecuted)).toMatchObject({ decisions, notRunAgain: 0 });
  }, 120_000);

  it('names the sequence of one changed byte', async () => {
    const seq = Math.floor(commits / 2);
    const flip = async (): Promise<void> => {
      // As somebody with the owner's password would: the trigger is put aside first.
      await pool.query('ALTER TABLE ledger.commit_log DISABLE TRIGGER ALL');
      await pool.query(
        'UPDATE ledger.commit_log SET bytes = set_byte(bytes, 40, get_byte(bytes, 40) # 1) WHERE seq = $1',
        [seq],
      );
      await pool.query('ALTER TABLE ledger.commit_log ENABLE TRIGGER ALL');
    };
    await flip();
    const report = await verify();
    expect(report.status).toBe('divergent');
    expect(report.findings.map((finding) => finding.seq)).toContain(seq);
    await flip();
    expect((await verify()).status).toBe('clean');
  }, 240_000);

  it('catches a decision that does not follow from its inputs, though every hash was forged to fit', async () => {
    const inputs = loadRunInputs({ books: [], policy: BUSY_POLICY, seed: 'audit', days: 1 });
    const { journal } = runInProcess({ tape: inputs.tape, books: inputs.books });
    const auditor = new InlineAuditor();
    for (const stored of journal.all) {
      const events = stored.commit.events.map((recorded) =>
        recorded.event.type === 'HedgeDecided'
          ? {
              ...recorded,
              event: {
                ...recorded.event,
                payload: { ...recorded.event.payload, reasons: ['INTERVAL_ELAPSED'] },
              },
            }
          : recorded,
      );
      const commit = { ...stored.commit, events };
      auditor.push({ ...stored, epoch: '1', commit });
    }
    const { findings } = await auditor.finish();
    expect(findings.length).toBeGreaterThan(5);
    expect(findings[0]?.message).toMatch(/HedgeDecided\.reasons/);
  }, 60_000);

  it('rebuilds the read models to the same content, and tells the story of a decision', async () => {
    expect((await rebuildReadModels(pool, {})).identical).toBe(true);
    const [decision] = await listDecisions(pool, { epoch: '1', outcome: 'HEDGED', limit: 1 });
    if (decision === undefined) throw new Error('the run hedges');
    const text = reconstructionText(await reconstruct(pool, decision.decisionId), { full: true });
    for (const part of [
      'What was known',
      'The rule',
      'The choice',
      'What was done',
      'What came of it',
      'filled',
    ])
      expect(text).toContain(part);
  }, 120_000);
});
