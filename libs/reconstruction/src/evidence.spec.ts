import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openPackFolder } from '@evenkeel/adapter-audit';
import {
  LedgerEpochs,
  LedgerEvidence,
  LedgerHistory,
  listDecisions,
  verifyLedger,
} from '@evenkeel/adapter-postgres';
import type { DecisionSummary } from '@evenkeel/adapter-postgres';
import { FindingList } from '@evenkeel/audit';
import { decodeCommit, sealWith } from '@evenkeel/contracts';
import { createRandom, parseInstant, required, toHex } from '@evenkeel/kernel';
import { runInProcess } from '@evenkeel/lab';
import { keyNamed, signerNamed } from '@evenkeel/testkit';
import { checkAuthors } from './check-authors';
import { checkEvidence, checkText } from './check-bundle';
import { decisionsToExport } from './decisions-to-export';
import { exportBundle } from './export-bundle';
import { demonstration } from './lab-bundle.test-support';
import { asSignedEpoch, ledgerOf } from './test-ledger.test-support';
import type { TestLedger } from './test-ledger.test-support';
import { writePack } from './write-pack';

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

/** A commit of the record as somebody else would have signed it. */
function resigned(bytes: Uint8Array, signer: string): Uint8Array {
  const { signature: _dropped, ...commit } = decodeCommit(bytes);
  return sealWith({ signer: signerNamed(signer) })(commit).bytes;
}

describe('evidence of a decision', () => {
  let ledger: TestLedger;
  let decisions: readonly DecisionSummary[];
  beforeAll(async () => {
    execFileSync(process.execPath, [KEEL, '--version']); // brings the build up to date
    const { journal } = runInProcess(demonstration());
    ledger = await ledgerOf(asSignedEpoch(journal.all));
    decisions = await listDecisions(ledger.pool, { epoch: '1', limit: 1000 });
  }, 120_000);
  afterAll(() => ledger.close());

  const exported = async (what: string) => {
    const evidence = new LedgerEvidence(ledger.pool);
    const asked = await decisionsToExport(evidence, new LedgerEpochs(ledger.pool), { what });
    const { decisions } = asked;
    const bundle = await exportBundle({
      evidence,
      log: ledger.folder,
      decisions,
      exportedAt: EXPORTED_AT,
      exporter: 'keel',
    });
    return { ...bundle, decisions };
  };

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
        'AUDIT.SNAPSHOT_REEXECUTED',
        'AUDIT.REEXECUTED',
        'AUDIT.ORDER_REEXECUTED',
        'AUDIT.ATTACHMENT_NAMED',
        'AUTHORS.SIGNED',
      ]),
    );
    expect(report.findings.map(({ code }) => code)).toContain('AUDIT.UNWITNESSED');
  }, 60_000);

  it('says who signed, by keys that the file holds itself, and by the desk key that the stranger has', async () => {
    const chosen = required(decisions[3], 'a decision');
    const { bytes } = await exported(chosen.decisionId);
    const check = (deskKeys: readonly string[]) => checkEvidence({ bytes, keys: [ledger.key], deskKeys });
    const codes = (deskKeys: readonly string[]): string[] => check(deskKeys).findings.map(({ code }) => code);
    const desk = toHex(keyNamed('keel').publicKey);
    expect(codes([])).toEqual(expect.arrayContaining(['AUTHORS.SIGNED', 'AUTHORS.DESK_UNKNOWN']));
    expect(codes([desk])).toContain('AUTHORS.SIGNED');
    expect(codes([desk])).not.toContain('AUTHORS.DESK_UNKNOWN');
    expect(check([toHex(keyNamed('another desk').publicKey)])).toMatchObject({ verdict: 'divergent' });
    // The log itself may hold what a service should not have said: the file shows it to whoever checks.
    const { commits } = check([desk]);
    const findings = new FindingList();
    const at = commits.findIndex(({ envelope }) => envelope.aggregate.startsWith('strategy/'));
    const forged = commits.map((one, index) =>
      index === at ? { ...one, bytes: resigned(one.bytes, 'execution') } : one,
    );
    checkAuthors(forged, [desk], findings);
    expect(findings.all()).toMatchObject([{ outcome: 'broken', code: 'AUTHORS.WRONG_SERVICE' }]);
    const unsigned = new FindingList();
    checkAuthors(commits.slice(1), [desk], unsigned);
    expect(unsigned.all()).toMatchObject([{ outcome: 'not-established', code: 'AUTHORS.UNSIGNED_EPOCH' }]);
  });

  it('is verified with its authors, and under the desk key that an auditor has', async () => {
    const report = await verifyLedger(ledger.pool, { readModels: false });
    const desk = toHex(keyNamed('keel').publicKey);
    expect(report).toMatchObject({ status: 'clean', authors: [{ epoch: '1', deskKey: desk }] });
    const other = await verifyLedger(ledger.pool, { readModels: false, deskKeys: ['00'.repeat(32)] });
    expect(other.findings).toMatchObject([{ seq: 1, code: 'AUTHORS.ENROLMENT_INVALID' }]);
  });

  it('covers a range of decisions in one file', async () => {
    const [first, , third] = decisions;
    const places = await exported(`1..${required(third, 'a third decision').seq}`);
    expect(places.decisions.map(({ decisionId }) => decisionId)).toContain(first?.decisionId);
    const report = checkEvidence({ bytes: places.bytes, keys: [ledger.key] });
    expect(report.verdict).toBe('clean');
    const number = places.decisions.length;
    expect(report.header?.subjects).toHaveLength(number);
    const text = checkText(report, 'a range');
    expect(text).toContain(`${number} decisions were decided again and came out the same`);
    expect(text).not.toMatch(/Sequence \d+ was decided again/);
    expect(checkText(report, 'a range', true).match(/Sequence \d+ was decided again/g)).toHaveLength(number);
    // Anybody can write another time there and seal the file anew.
    const at = text.indexOf('Not established');
    expect(text.slice(0, at)).not.toContain(EXPORTED_AT);
    expect(text.slice(at)).toMatch(new RegExp(`says ${EXPORTED_AT}.*nobody signed that`));
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

  it('is refused with the key of another log; cut or a line short it is broken, and other files are no bundle', async () => {
    const { bytes } = await exported(required(decisions[0], 'a decision').decisionId);
    const other = ledger.key.replace(/.{4}$/, 'AAA=');
    expect(() => checkEvidence({ bytes, keys: [other] })).toThrow(/not a verifier key/);
    const check = (altered: Uint8Array) => checkEvidence({ bytes: altered, keys: [ledger.key] }).verdict;
    expect(check(bytes.slice(0, bytes.length - 40))).toBe('divergent');
    const lines = Buffer.from(bytes).toString().split('\n');
    for (const gone of [0, 1, 3, lines.length - 2])
      expect(check(new TextEncoder().encode(lines.filter((_, at) => at !== gone).join('\n')))).toBe(
        'divergent',
      );
    expect(check(new TextEncoder().encode('a,b\n1,2\n'))).toBe('unreadable');
  });

  it('is read by an auditor with the file alone: verified first with a key, and plainly not without', async () => {
    const chosen = required(
      decisions.find(({ outcome }) => outcome === 'HEDGED'),
      'a hedge',
    );
    const { bytes } = await exported(chosen.decisionId);
    const file = join(ledger.dir, 'read.jsonl.gz');
    writeFileSync(file, gzipSync(bytes));
    const keel = (...words: readonly string[]) =>
      spawnSync(process.execPath, [KEEL, 'audit', ...words], { env: {}, encoding: 'utf8' });
    const told = keel('show', file, '--key', ledger.key);
    expect(told.status).toBe(0);
    expect(told.stdout).toMatch(/^verified: /);
    const part = [
      'What +hedged: ',
      'Why +the exposure had left its band',
      'Effect +\\S+ ',
      'Cost +expected ',
      'Who +policy ',
    ];
    for (const line of part) expect(told.stdout).toMatch(new RegExp(`^${line}`, 'm'));
    expect(told.stdout).toMatch(/BTC exposure .* → /);
    const alone = keel('show', file);
    expect([alone.status, alone.stdout]).toEqual([0, expect.stringMatching(/^NOT VERIFIED: /)]);
    const checked = keel('check', file, '--key', ledger.key);
    expect(checked.stdout).toMatch(/^clean: .*[^]*Decided\n.*book demonstration, sequence \d+: hedged: /);
    const cut = join(ledger.dir, 'cut.jsonl');
    writeFileSync(cut, bytes.slice(0, -40));
    const broken = keel('check', cut, '--key', ledger.key);
    expect([broken.status, broken.stdout]).toEqual([1, expect.stringMatching(/^broken: /)]);
    const shown = keel('show', cut, '--key', ledger.key);
    expect([shown.status, shown.stdout]).toEqual([1, expect.stringMatching(/^BROKEN: /)]);
  }, 60_000);

  it('checks the folder of a pack by the same command, and says where a file of one belongs', async () => {
    const out = join(ledger.dir, 'pack');
    await writePack({
      source: new LedgerHistory(ledger.pool),
      log: ledger.folder,
      openFolder: () => openPackFolder(out),
      madeAt: EXPORTED_AT,
      epochs: ['1'],
      from: parseInstant('2026-01-05T00:00:00Z'),
      to: parseInstant('2026-01-05T02:00:00Z'),
    });
    const check = (path: string) =>
      spawnSync(process.execPath, [KEEL, 'audit', 'check', path, '--key', ledger.key], {
        env: {},
        encoding: 'utf8',
      });
    const whole = check(out);
    expect([whole.status, whole.stdout]).toEqual([
      0,
      expect.stringMatching(/^clean: .*\n {2}regulator’s pack of /),
    ]);
    const one = check(join(out, 'commits.jsonl'));
    expect([one.status, one.stderr]).toEqual([
      2,
      expect.stringMatching(/is one file of a pack: check the folder/),
    ]);
    const folder = check(ledger.dir);
    expect([folder.status, folder.stderr]).toEqual([
      2,
      expect.stringMatching(/is a folder without the manifest\.json of a pack/),
    ]);
    writeFileSync(join(out, 'orders.csv'), 'nothing');
    expect(check(out)).toMatchObject({ status: 1, stdout: expect.stringMatching(/orders\.csv/) as string });
  }, 60_000);

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
