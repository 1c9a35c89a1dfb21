import {
  MerkleFrontier,
  buildBundle,
  collectClosure,
  evidenceInMemory,
  formatCheckpoint,
  formatNote,
  inclusionProof,
  leafHashOf,
  signText,
} from '@evenkeel/audit';
import type { DecodeEnvelope, EnvelopeView, Hash, JournalPlace, SigningPort } from '@evenkeel/audit';
import { encodeCommit } from '@evenkeel/contracts';
import { aggregateKey } from '@evenkeel/eventing';
import type { Commit, StoredCommit } from '@evenkeel/eventing';
import { required, sha256, toHex } from '@evenkeel/kernel';
import type { LabRunOptions } from '@evenkeel/lab';
import { busyDemonstration } from '@evenkeel/testkit';
import { decodeEnvelope } from './commit-envelope';
import { inputsOf } from './reexecute-decision';

/** A day of the built-in market and its book. */
export function demonstration(): LabRunOptions {
  const market = busyDemonstration('evidence', 1);
  return { tape: market.tape, books: [{ file: market.book, source: 'the demonstration book' }] };
}

/** Positions of the decisions, made and refused. */
export function decisionsIn(journal: readonly StoredCommit[]): readonly number[] {
  return journal.flatMap(({ commit }, at) =>
    commit.events.some(({ event }) => event.type === 'HedgeDecided' || event.type === 'HedgeDeclined')
      ? [at]
      : [],
  );
}

/** The journal with another reason in one decision: what an operator who writes the log could put there. */
export function withFalseReason(journal: readonly StoredCommit[], at: number): readonly StoredCommit[] {
  const honest: Commit = required(journal[at], 'a commit').commit;
  const events = honest.events.map((recorded) =>
    recorded.event.type === 'HedgeDecided'
      ? {
          ...recorded,
          event: { ...recorded.event, payload: { ...recorded.event.payload, reasons: ['TRUST_ME'] } },
        }
      : recorded,
  );
  const bytes = encodeCommit({ ...honest, events });
  return journal.map((stored, p) => (p === at ? { ...stored, bytes, hash: sha256(bytes) } : stored));
}

/** The lab's journal has a name of its own; here it is the journal of its epoch. */
export function decodeLab(bytes: Uint8Array): EnvelopeView {
  const view = decodeEnvelope(bytes);
  const stream =
    view.causation.stream === 'EK_JOURNAL_lab' ? `EK_JOURNAL_${view.epoch}` : view.causation.stream;
  return { ...view, causation: { ...view.causation, stream } };
}

const ORIGIN = 'evenkeel.example/desk-1';

/** A signed bundle about one commit of a journal, with everything the program took in before it unless told otherwise. */
export async function bundleAbout(
  journal: readonly StoredCommit[],
  at: number,
  log: SigningPort,
  related = true,
  decode: DecodeEnvelope = decodeLab,
): Promise<Uint8Array> {
  const nodes = new Map<string, Hash>();
  const frontier = new MerkleFrontier();
  for (const { commit, seq, bytes } of journal) {
    const leaf = leafHashOf({ epoch: commit.epoch, seq, commitHash: toHex(sha256(bytes)) });
    frontier.append(leaf, (node, hash) => nodes.set(`${node.level}/${node.index}`, hash));
  }
  const place = ({ commit, seq }: StoredCommit): JournalPlace => ({
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
  const commits = await collectClosure(evidenceInMemory(rows), [place(subject), ...roots], {
    decode,
  });
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
