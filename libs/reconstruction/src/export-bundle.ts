import { buildBundle, collectClosure, softwareOf } from '@evenkeel/audit';
import type { BundleCommit, JournalPlace } from '@evenkeel/audit';
import { EvenkeelError } from '@evenkeel/kernel';
import { kernelBytes, kernelHash } from '@evenkeel/pricing';
import { decodeEnvelope } from './commit-envelope';
import type { DecisionEvidence, DecisionPlace, SignedLog } from './evidence-ports';

export interface ExportOptions {
  readonly evidence: DecisionEvidence;
  readonly log: SignedLog;
  readonly decisions: readonly DecisionPlace[];
  /** What was asked for against what was held, where more was asked. */
  readonly partial?: string;
  /** ISO 8601. */
  readonly exportedAt: string;
  /** Program and version. */
  readonly exporter: string;
  /** Commits that were found to belong to it so far. */
  readonly onProgress?: (collected: number) => void;
}

export interface Exported {
  readonly bytes: Uint8Array;
  readonly commits: number;
  /** Size of the tree the proofs lead to. */
  readonly treeSize: number;
  readonly witnesses: readonly string[];
  /** The log's first verifier keys: what the auditor needs besides the file, from somewhere else. */
  readonly keys: readonly string[];
}

/**
 * Evidence about decisions that a stranger can check: everything that led to them, everything their program had taken
 * in before, the orders and fills that followed, and the proofs. Throws `AUDIT.NOT_SIGNED_YET` while no checkpoint
 * covers them.
 */
export async function exportBundle(options: ExportOptions): Promise<Exported> {
  const { evidence, log, decisions, exportedAt, exporter } = options;
  const related = new Map<string, JournalPlace>();
  const relate = (places: readonly JournalPlace[]): void =>
    places.forEach((place) => related.set(`${place.epoch}/${place.seq}`, place));
  for (const [epoch, book, last] of lastOfBooks(decisions))
    relate(await evidence.inputsBefore(epoch, book, last));
  for (const [epoch, ids] of idsByEpoch(decisions)) relate(await evidence.consequencesOf(epoch, ids));
  for (const [epoch, last] of lastOfEpochs([...decisions, ...related.values()]))
    relate(await evidence.keysBefore(epoch, last));
  const subjects = decisions.map(({ epoch, seq }) => ({ epoch, seq }));
  for (const { epoch, seq } of subjects) related.delete(`${epoch}/${seq}`);
  const commits = await collectClosure(evidence, [...subjects, ...related.values()], {
    decode: decodeEnvelope,
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  });
  const checkpoint = log.covering(commits[commits.length - 1]?.index ?? 0);
  if (checkpoint === undefined) {
    throw new EvenkeelError({
      code: 'AUDIT.NOT_SIGNED_YET',
      message: 'no signed checkpoint covers what is to be exported yet: wait for the ledger’s next one',
    });
  }
  const { size } = checkpoint.head;
  const bytes = buildBundle({
    origin: log.identity.origin,
    subjects,
    related: [...related.values()].sort(byPlace),
    commits,
    proofOf: (index) => log.proofOf(index, size),
    checkpoint: checkpoint.note,
    rotations: log.identity.rotations,
    attachments: attachmentsFor(commits),
    ...(options.partial === undefined ? {} : { partial: options.partial }),
    exportedAt,
    exporter,
  });
  return {
    bytes,
    commits: commits.length,
    treeSize: size,
    witnesses: checkpoint.witnesses,
    keys: log.identity.keys,
  };
}

/** The pricing kernel itself, where the commits name the one this build has. */
function attachmentsFor(commits: readonly BundleCommit[]): { name: string; bytes: Uint8Array }[] {
  return softwareOf(commits).kernels.includes(kernelHash)
    ? [{ name: 'pricing-kernel.wasm', bytes: kernelBytes() }]
    : [];
}

function lastOfBooks(decisions: readonly DecisionPlace[]): (readonly [string, string, number])[] {
  const last = new Map<string, readonly [string, string, number]>();
  for (const { epoch, book, seq } of decisions) {
    const key = JSON.stringify([epoch, book]);
    last.set(key, [epoch, book, Math.max(seq, last.get(key)?.[2] ?? 0)]);
  }
  return [...last.values()];
}

function lastOfEpochs(places: readonly JournalPlace[]): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  for (const { epoch, seq } of places) last.set(epoch, Math.max(seq, last.get(epoch) ?? 0));
  return last;
}

function idsByEpoch(decisions: readonly DecisionPlace[]): ReadonlyMap<string, readonly string[]> {
  const ids = new Map<string, readonly string[]>();
  for (const { epoch, decisionId } of decisions) ids.set(epoch, [...(ids.get(epoch) ?? []), decisionId]);
  return ids;
}

function byPlace(a: JournalPlace, b: JournalPlace): number {
  return a.epoch === b.epoch ? a.seq - b.seq : a.epoch < b.epoch ? -1 : 1;
}
