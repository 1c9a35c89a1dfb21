import {
  MerkleFrontier,
  buildBundle,
  checkBundle,
  collectClosure,
  evidenceInMemory,
  formatCheckpoint,
  formatNote,
  inclusionProof,
  leafHashOf,
  signText,
} from '@evenkeel/audit';
import type { BundleReport, EnvelopeView, Hash } from '@evenkeel/audit';
import { encodeCommit } from '@evenkeel/contracts';
import { aggregateKey } from '@evenkeel/eventing';
import type { StoredCommit } from '@evenkeel/eventing';
import { required, sha256, toHex } from '@evenkeel/kernel';
import { runInProcess } from '@evenkeel/lab';
import { demonstrationMarket } from '@evenkeel/market';
import { decodeEnvelope } from './commit-envelope';
import { generateKeyPem, signerFromPem } from './ed25519-key';
import { inputsOf, reexecuteDecision } from './reexecute-decision';

const ORIGIN = 'evenkeel.example/lab';
const log = signerFromPem(ORIGIN, generateKeyPem(), 'notes');
const trust = { logKeys: [log.key], witnesses: [], witnessQuorum: 0, origin: ORIGIN };

/** The lab's journal has a name of its own; here it is the journal of its epoch. */
const decode = (bytes: Uint8Array): EnvelopeView => {
  const view = decodeEnvelope(bytes);
  const stream =
    view.causation.stream === 'EK_JOURNAL_lab' ? `EK_JOURNAL_${view.epoch}` : view.causation.stream;
  return { ...view, causation: { ...view.causation, stream } };
};

/** A signed bundle about one commit of a journal, with everything the program took in before it unless told otherwise. */
async function bundleAbout(
  journal: readonly StoredCommit[],
  at: number,
  related = true,
): Promise<Uint8Array> {
  const nodes = new Map<string, Hash>();
  const frontier = new MerkleFrontier();
  for (const { commit, seq, bytes } of journal) {
    const leaf = leafHashOf({ epoch: commit.epoch, seq, commitHash: toHex(sha256(bytes)) });
    frontier.append(leaf, (node, hash) => nodes.set(`${node.level}/${node.index}`, hash));
  }
  const place = ({ commit, seq }: StoredCommit): { epoch: string; seq: number } => ({
    epoch: commit.epoch,
    seq,
  });
  const subject = required(journal[at], 'a commit');
  const taken = journal
    .slice(0, at)
    .filter(({ commit }) => commit.book === subject.commit.book && inputsOf(commit.aggregate.context));
  const rows = journal.map(({ commit, seq, bytes }) => ({
    epoch: commit.epoch,
    seq,
    aggregate: aggregateKey(commit.aggregate),
    version: commit.toVersion,
    bytes,
  }));
  const roots = related ? taken.map(place) : [];
  const commits = await collectClosure(evidenceInMemory(rows), [place(subject), ...roots], { decode });
  const text = formatCheckpoint({
    origin: ORIGIN,
    size: frontier.size,
    root: frontier.root(),
    extensions: [],
  });
  return buildBundle({
    origin: ORIGIN,
    subjects: [place(subject)],
    related: roots,
    commits,
    proofOf: (index) =>
      inclusionProof(index, frontier.size, (node) =>
        required(nodes.get(`${node.level}/${node.index}`), 'a node'),
      ),
    checkpoint: formatNote({ text, signatures: [await signText(text, log)] }),
    exportedAt: '2026-01-31T00:00:00Z',
    exporter: 'test',
  });
}

describe('a decision out of a bundle, run again', () => {
  const market = demonstrationMarket('evidence', 1);
  const { journal } = runInProcess({
    tape: market.tape,
    books: [{ file: market.book, source: 'the demonstration book' }],
  });
  const isDecision = ({ commit }: StoredCommit): boolean =>
    commit.events.some(({ event }) => event.type === 'HedgeDecided' || event.type === 'HedgeDeclined');
  const decisions = journal.all.flatMap((stored, at) => (isDecision(stored) ? [at] : []));
  const check = async (commits: readonly StoredCommit[], at: number, related = true): Promise<BundleReport> =>
    checkBundle(await bundleAbout(commits, at, related), trust, decode, reexecuteDecision);
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

  it('is caught when the log was written with another decision than the core makes', async () => {
    const at = required(decisions[2], 'a decision');
    const honest = required(journal.all[at], 'a commit');
    const events = honest.commit.events.map((recorded) =>
      recorded.event.type === 'HedgeDecided'
        ? {
            ...recorded,
            event: { ...recorded.event, payload: { ...recorded.event.payload, reasons: ['TRUST_ME'] } },
          }
        : recorded,
    );
    const bytes = encodeCommit({ ...honest.commit, events });
    expect(toHex(bytes)).not.toBe(toHex(honest.bytes));
    const forged = journal.all.map((stored, p) =>
      p === at ? { ...stored, bytes, hash: sha256(bytes) } : stored,
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
