import { checkBundle } from '@evenkeel/audit';
import type { BundleReport } from '@evenkeel/audit';
import { sealWith } from '@evenkeel/contracts';
import type { StoredCommit } from '@evenkeel/eventing';
import { required, toHex } from '@evenkeel/kernel';
import { runInProcess } from '@evenkeel/lab';
import { signerFromPem } from '@evenkeel/adapter-audit';
import { generateKeyPem } from '@evenkeel/signing-keys';
import { signerNamed } from '@evenkeel/testkit';
import {
  bundleAbout,
  decisionsIn,
  decodeLab,
  demonstration,
  withFalseReason,
} from './lab-bundle.test-support';
import { reexecuteDecision } from './reexecute-decision';

const ORIGIN = 'evenkeel.example/desk-1';
const log = signerFromPem(ORIGIN, generateKeyPem(), 'notes');
const trust = { logKeys: [log.key], witnesses: [], witnessQuorum: 0, origin: ORIGIN };

describe('a decision out of a bundle, run again', () => {
  const { journal } = runInProcess(demonstration());
  const decisions = decisionsIn(journal.all);
  const check = async (commits: readonly StoredCommit[], at: number, related = true): Promise<BundleReport> =>
    checkBundle(await bundleAbout(commits, at, log, related), trust, decodeLab, {
      reexecute: reexecuteDecision,
    });
  const codes = (report: BundleReport): string[] => report.findings.map((finding) => finding.code);

  it('comes out the same, byte for byte', async () => {
    expect(decisions.length).toBeGreaterThan(5);
    for (const at of [
      decisions[0],
      decisions[Math.floor(decisions.length / 2)],
      decisions[decisions.length - 1],
    ]) {
      const report = await check(journal.all, required(at, 'a decision'));
      expect(report.findings.filter((finding) => finding.outcome === 'broken')).toEqual([]);
      expect(codes(report)).toContain('AUDIT.REEXECUTED');
    }
  });

  it('comes out the same in the envelope of a host, which has leases, follows streams and signs', async () => {
    const at = required(decisions[3], 'a decision');
    const commits = journal.all.map((stored, index) => {
      if (index !== at) return stored;
      const taken = { journalSeq: 5n, eventTime: 7n };
      const hosted = { ...stored.commit, taken, fencingToken: 3n };
      return { ...stored, ...sealWith({ signer: signerNamed('strategy') })(hosted) };
    });
    const report = await check(commits, at);
    expect(report.findings.filter((finding) => finding.outcome === 'broken')).toEqual([]);
    expect(codes(report)).toContain('AUDIT.REEXECUTED');
  });

  it('is caught when the log was written with another decision than the core makes', async () => {
    const at = required(decisions[2], 'a decision');
    const forged = withFalseReason(journal.all, at);
    expect(toHex(required(forged[at], 'a commit').bytes)).not.toBe(
      toHex(required(journal.all[at], 'a commit').bytes),
    );
    const report = await check(forged, at);
    expect(report.verdict).toBe('divergent');
    expect(codes(report)).toContain('AUDIT.REEXECUTION_DIVERGED');
  });

  it('is not called divergent when the bundle lacks what the program knew', async () => {
    const bare = await check(journal.all, required(decisions[decisions.length - 1], 'a decision'), false);
    expect(codes(bare)).toEqual(expect.arrayContaining(['AUDIT.CHECKPOINT_SIGNED']));
    expect(codes(bare).some((code) => code === 'AUDIT.REEXECUTED' || code === 'AUDIT.NOT_REEXECUTED')).toBe(
      true,
    );
  });

  it('is left alone when it is not a program’s', async () => {
    const at = journal.all.findIndex(({ commit }) => commit.aggregate.context === 'risk');
    expect(codes(await check(journal.all, at))).toContain('AUDIT.NOT_REEXECUTED');
  });
});
