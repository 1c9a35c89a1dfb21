import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LedgerEvidence, listDecisions } from '@evenkeel/adapter-postgres';
import type { DecisionSummary } from '@evenkeel/adapter-postgres';
import { createRandom, required } from '@evenkeel/kernel';
import { runInProcess } from '@evenkeel/lab';
import { checkEvidence } from './check-bundle';
import { exportBundle } from './export-bundle';
import { demonstration } from './lab-bundle.test-support';
import { asEpoch, ledgerOf } from './test-ledger.test-support';
import type { TestLedger } from './test-ledger.test-support';

const KEEL = join(__dirname, '..', '..', '..', 'services', 'keel', 'bin', 'keel.js');
const EXPORTED_AT = '2026-01-31T00:00:00Z';

/** A process without a network where the machine allows one, and without an environment everywhere. */
function checkAlone(file: string, key: string): { status: number | null; stdout: string; isolated: boolean } {
  const command = [process.execPath, KEEL, 'audit', 'check', file, '--key', key, '--json'];
  const isolated = spawnSync('unshare', ['-rn', 'true']).status === 0;
  const [program = '', ...rest] = isolated ? ['unshare', '-rn', ...command] : command;
  const { status, stdout } = spawnSync(program, rest, { env: {}, encoding: 'utf8' });
  return { status, stdout, isolated };
}

describe('evidence of a decision', () => {
  let ledger: TestLedger;
  let decisions: readonly DecisionSummary[];
  beforeAll(async () => {
    execFileSync(process.execPath, [KEEL, '--version']); // brings the build up to date
    const { journal } = runInProcess(demonstration());
    ledger = await ledgerOf(asEpoch(journal.all));
    decisions = await listDecisions(ledger.pool, { limit: 1000 });
  }, 120_000);
  afterAll(() => ledger.close());

  const exported = (what: string) =>
    exportBundle({
      evidence: new LedgerEvidence(ledger.pool),
      log: ledger.folder,
      what,
      exportedAt: EXPORTED_AT,
      exporter: 'keel',
    });

  it('is checked by a stranger without network, database or environment, and decided again', async () => {
    const chosen = required(
      decisions.filter(({ outcome }) => outcome === 'HEDGED')[5],
      'a sixth hedge of the day',
    );
    const { bytes, commits } = await exported(chosen.decisionId);
    const file = join(ledger.dir, 'evidence.jsonl');
    writeFileSync(file, bytes);
    const { status, stdout, isolated } = checkAlone(file, ledger.key);
    process.stderr.write(
      `evidence: ${commits} commits, ${bytes.length} bytes, checked ${isolated ? 'in a network namespace of its own' : 'WITHOUT network isolation (unshare is not permitted here)'}\n`,
    );
    const report = JSON.parse(stdout) as { verdict: string; findings: { code: string; outcome: string }[] };
    expect(status).toBe(0);
    expect(report.verdict).toBe('clean');
    const established = report.findings.filter(({ outcome }) => outcome === 'established');
    expect(established.map(({ code }) => code)).toEqual(
      expect.arrayContaining([
        'AUDIT.CHECKPOINT_SIGNED',
        'AUDIT.COMMITS_INCLUDED',
        'AUDIT.REEXECUTED',
        'AUDIT.ATTACHMENT_NAMED',
      ]),
    );
    expect(report.findings.map(({ code }) => code)).toContain('AUDIT.UNWITNESSED');
  }, 60_000);

  it('covers a range of decisions in one file', async () => {
    const [first, , third] = decisions;
    const places = await exported(`1..${required(third, 'a third decision').seq}`);
    expect(places.decisions.map(({ decisionId }) => decisionId)).toContain(first?.decisionId);
    const report = checkEvidence({ bytes: places.bytes, keys: [ledger.key] });
    expect(report.verdict).toBe('clean');
    expect(report.header?.subjects).toHaveLength(places.decisions.length);
  });

  it('fails the check with any one byte altered', async () => {
    const { bytes } = await exported(required(decisions[1], 'a second decision').decisionId);
    const random = createRandom('altered');
    const ends = lineEnds(bytes);
    const offsets = new Set<number>([0, bytes.length - 1]);
    ends.forEach((end, line) => {
      const start = line === 0 ? 0 : (ends[line - 1] ?? 0) + 1;
      const samples = line < 4 || line >= ends.length - 2 ? 24 : 4;
      for (let n = 0; n < samples; n += 1) offsets.add(start + random.integer(end - start + 1));
    });
    let caught = 0;
    for (const offset of offsets) {
      const altered = Uint8Array.from(bytes);
      altered[offset] = (altered[offset] ?? 0) ^ (1 << random.integer(8));
      if (checkEvidence({ bytes: altered, keys: [ledger.key] }).verdict !== 'clean') caught += 1;
    }
    process.stderr.write(
      `altered bundles: ${caught} of ${offsets.size} caught, every one of ${ends.length} lines tried, ${bytes.length} bytes\n`,
    );
    expect(caught).toBe(offsets.size);
  }, 120_000);

  it('is refused with the key of another log, and is no bundle at all when it is cut', async () => {
    const { bytes } = await exported(required(decisions[0], 'a decision').decisionId);
    const other = ledger.key.replace(/.{4}$/, 'AAA=');
    expect(() => checkEvidence({ bytes, keys: [other] })).toThrow(/not a verifier key/);
    expect(checkEvidence({ bytes: bytes.slice(0, bytes.length - 40), keys: [ledger.key] }).verdict).toBe(
      'unreadable',
    );
  });

  it('says which decision it does not know, and refuses a range without decisions', async () => {
    await expect(exported('ffffffff-0000')).rejects.toMatchObject({ code: 'LEDGER.NO_SUCH_DECISION' });
    await expect(exported('1..2')).rejects.toMatchObject({ code: 'AUDIT.NOTHING_TO_EXPORT' });
  });
});

function lineEnds(bytes: Uint8Array): number[] {
  const ends: number[] = [];
  bytes.forEach((byte, at) => (byte === 10 ? ends.push(at) : undefined));
  return ends;
}
