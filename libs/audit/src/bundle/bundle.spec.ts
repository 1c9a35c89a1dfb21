import { required, toHex } from '@evenkeel/kernel';
import { FIXTURE_TRUST, buildFixtureBundle, bundleOfHistory } from '../testing/bundle.test-support';
import type { FixtureBundle } from '../testing/bundle.test-support';
import { buildHistory, decodeFixture, withRow } from '../testing/history.test-support';
import type { FixtureHistory } from '../testing/history.test-support';
import { buildBundle } from './build-bundle';
import { checkBundle } from './check-bundle';
import type { BundleReport, BundleTrust } from './check-bundle';
import { collectClosure, evidenceInMemory } from './collect-closure';
import type { Reexecute } from './reexecution';

const SOAK = process.env['EK_SOAK'] === '1';
const SEEDS = Array.from({ length: SOAK ? 40 : 8 }, (_, at) => `bundle ${at}`);

const check = (bytes: Uint8Array, trust: BundleTrust = FIXTURE_TRUST): BundleReport =>
  checkBundle(bytes, trust, decodeFixture);
const codes = (report: BundleReport): string[] =>
  report.findings.filter((finding) => finding.outcome === 'broken').map((finding) => finding.code);

describe('an evidence bundle', () => {
  let bundles: FixtureBundle[] = [];
  beforeAll(async () => {
    bundles = await Promise.all(SEEDS.map((seed, at) => buildFixtureBundle(seed, 12 + at * 9)));
  });

  it('is accepted on clean histories of many seeds, and says what it establishes and what not', () => {
    for (const { bytes, contents } of bundles) {
      const report = check(bytes);
      expect(codes(report)).toEqual([]);
      expect(report.verdict).toBe('clean');
      const established = report.findings.filter((f) => f.outcome === 'established').map((f) => f.code);
      expect(established).toEqual([
        'AUDIT.CHECKPOINT_SIGNED',
        'AUDIT.WITNESSED',
        'AUDIT.COMMITS_INCLUDED',
        'AUDIT.CLOSURE_COMPLETE',
        'AUDIT.ATTACHMENT_NAMED',
      ]);
      expect(report.commits).toHaveLength(contents.commits.length);
      expect(report.findings.map((f) => f.code)).toContain('AUDIT.NOT_REEXECUTED');
    }
  });

  it('has the same bytes when it is written again', () => {
    for (const { bytes, contents } of bundles) expect(toHex(buildBundle(contents))).toBe(toHex(bytes));
  });

  it('declares what a bounded history leaves out, as not established', async () => {
    const { bytes } = await buildFixtureBundle('bounded', 200, { historyMax: 2 });
    const report = check(bytes);
    expect(report.verdict).toBe('clean');
    expect(report.findings.filter((f) => f.code === 'AUDIT.CLOSURE_BOUNDED').length).toBeGreaterThan(0);
    expect(report.findings.map((f) => f.code)).not.toContain('AUDIT.CLOSURE_COMPLETE');
  });

  it('is accepted for a decision of a second epoch, whose sequences and versions start anew', async () => {
    const { bytes, contents } = await buildFixtureBundle('epochs', 90, { secondEpochAt: 30 });
    expect(contents.subjects).toMatchObject([{ epoch: '2' }]);
    expect(codes(check(bytes))).toEqual([]);
    expect(check(bytes).findings.map((f) => f.code)).toContain('AUDIT.CLOSURE_COMPLETE');
  });

  it('refuses to grow without bound, or to start from a commit that is not there', async () => {
    await expect(buildFixtureBundle('large', 200, { commitsMax: 5 })).rejects.toMatchObject({
      code: 'AUDIT.BUNDLE_TOO_LARGE',
    });
    const source = evidenceInMemory(buildHistory('x', 5).rows);
    const missing = collectClosure(source, [{ epoch: '1', seq: 9 }], { decode: decodeFixture });
    await expect(missing).rejects.toMatchObject({ code: 'AUDIT.COMMIT_ABSENT' });
  });

  it('fails without the right keys, the witness asked for, or of another origin', () => {
    const { bytes } = required(bundles[0], 'a bundle');
    const other = required(FIXTURE_TRUST.witnesses[0], 'a key');
    expect(codes(check(bytes, { ...FIXTURE_TRUST, logKeys: [] }))).toContain('AUDIT.SIGNATURE_MISSING');
    expect(codes(check(bytes, { ...FIXTURE_TRUST, witnesses: [] }))).toContain('AUDIT.WITNESSES_TOO_FEW');
    expect(codes(check(bytes, { ...FIXTURE_TRUST, origin: 'elsewhere' }))).toContain(
      'AUDIT.ROTATION_INVALID',
    );
    const unwitnessed = check(bytes, { ...FIXTURE_TRUST, witnesses: [], witnessQuorum: 0 });
    expect(unwitnessed.verdict).toBe('clean');
    expect(unwitnessed.findings.map((f) => f.code)).toContain('AUDIT.UNWITNESSED');
    expect(codes(check(bytes, { ...FIXTURE_TRUST, logKeys: [other] })).length).toBeGreaterThan(0);
  });
});

describe('a bundle of a log that was written wrong and signed all the same', () => {
  const sound = buildHistory('dishonest', 40);
  /** A row in the later half that follows another one of its aggregate. */
  const at = required(
    sound.rows
      .map((row, position) => ({ position, view: decodeFixture(row.bytes) }))
      .find(({ position, view }) => position > 20 && view.fromVersion > 1 && view.causation.seq > 0),
    'a row',
  ).position;
  const brokenBy = async (history: FixtureHistory, subject = at): Promise<string[]> =>
    codes(check((await bundleOfHistory(history, subject)).bytes));

  it('is clean while nothing is wrong', async () => {
    expect(await brokenBy(sound)).toEqual([]);
  });

  it('shows a commit that names another predecessor', async () => {
    const other = 'ab'.repeat(32);
    expect(await brokenBy(withRow(sound, at, (commit) => ({ ...commit, prevHash: other })))).toContain(
      'AUDIT.PREV_HASH_BROKEN',
    );
    const first = withRow(sound, 0, (commit) => ({ ...commit, prevHash: other }));
    expect(await brokenBy(first, 0)).toContain('AUDIT.PREV_HASH_BROKEN');
  });

  it('shows a cause that is another commit, or does not come before', async () => {
    const renamed = withRow(sound, at, (commit) => ({
      ...commit,
      causation: { ...commit.causation, commitId: 'somebody else' },
    }));
    expect(await brokenBy(renamed)).toContain('AUDIT.CAUSE_MISMATCH');
    const later = required(sound.rows[at + 2], 'a row');
    const early = withRow(sound, at, (commit) => ({
      ...commit,
      causation: { ...commit.causation, seq: later.seq, commitId: later.commitId },
    }));
    expect(await brokenBy(early)).toContain('AUDIT.CAUSE_NOT_BEFORE');
  });

  it('shows a commit that says another epoch, impossible versions, and sequences that skip', async () => {
    const foreign = withRow(sound, at, (commit) => ({ ...commit, epoch: '7' }));
    const misplaced = foreign.rows.map((row, p) => (p === at ? { ...row, epoch: '1' } : row));
    expect((await brokenBy({ ...foreign, rows: misplaced })).length).toBeGreaterThan(0);
    const backwards = withRow(sound, at, (commit) => ({ ...commit, toVersion: commit.fromVersion - 1 }));
    expect(await brokenBy(backwards)).toContain('AUDIT.VERSION_BROKEN');
    const last = sound.rows.length - 1;
    const skipping = withRow(sound, last, (commit) => commit, last + 6);
    expect(await brokenBy(skipping, last)).toContain('AUDIT.SEQUENCE_GAP');
  });
});

describe('re-execution of a bundle', () => {
  it('establishes the same bytes, names the first difference, and says when it could not run', async () => {
    const { bytes, contents } = await buildFixtureBundle('again', 30);
    const run = (reexecute: Reexecute): BundleReport =>
      checkBundle(bytes, FIXTURE_TRUST, decodeFixture, { reexecute });
    const same = run((decision) => ({ kind: 'bytes', bytes: Uint8Array.from(decision.bytes) }));
    expect(same.verdict).toBe('clean');
    expect(same.findings.map((f) => f.code)).toContain('AUDIT.REEXECUTED');
    const seq = required(contents.subjects[0], 'a subject').seq;
    const other = run((decision) => ({
      kind: 'bytes',
      bytes: decision.bytes.map((b, at) => (at === 20 ? b ^ 1 : b)),
    }));
    expect(other.verdict).toBe('divergent');
    expect(other.findings).toContainEqual(
      expect.objectContaining({
        code: 'AUDIT.REEXECUTION_DIVERGED',
        seq,
        message: expect.stringContaining('byte 20'),
      }),
    );
    const unable = run(() => {
      throw new Error('the kernel is another one');
    });
    expect(unable.verdict).toBe('clean');
    expect(unable.findings).toContainEqual(
      expect.objectContaining({
        outcome: 'not-established',
        message: expect.stringContaining('another one'),
      }),
    );
    let before = 0;
    run((_decision, commits) => {
      before = commits.length;
      return { kind: 'not-possible', reason: 'test' };
    });
    expect(before).toBe(contents.commits.length - 1);
  });
});
