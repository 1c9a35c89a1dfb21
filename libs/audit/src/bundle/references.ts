import { toHex } from '@evenkeel/kernel';
import type { EnvelopeView } from '../chain/envelope-view';
import type { BoundaryLine, JournalPlace, SoftwareLine } from './bundle-lines';

/** A commit of a bundle, read. */
export interface BundleCommit extends JournalPlace {
  readonly index: number;
  readonly bytes: Uint8Array;
  /** SHA-256 of `bytes`. */
  readonly hash: Uint8Array;
  readonly envelope: EnvelopeView;
}

const JOURNAL = /^EK_JOURNAL_(.+)$/;

/** The epoch of a journal stream; `undefined` for any other stream. */
export function epochOfJournal(stream: string): string | undefined {
  return JOURNAL.exec(stream)?.[1];
}

export function placeKey(place: JournalPlace): string {
  return `${place.epoch}/${place.seq}`;
}

/** Versions of an aggregate start again at 1 in every epoch. */
export function versionKey(aggregate: string, version: number, epoch: string): string {
  return `${epoch} ${aggregate}@${version}`;
}

/** The commit a commit was caused by, when that one is in a journal. */
export function causeOf(envelope: EnvelopeView): (JournalPlace & { readonly commitId: string }) | undefined {
  const epoch = epochOfJournal(envelope.causation.stream);
  if (epoch === undefined || envelope.causation.seq === 0) return undefined;
  return { epoch, seq: envelope.causation.seq, commitId: envelope.causation.commitId };
}

/** The version of its aggregate that a commit follows; `undefined` for the first of the epoch. */
export function previousOf(
  envelope: EnvelopeView,
): { readonly epoch: string; readonly aggregate: string; readonly version: number } | undefined {
  return envelope.fromVersion > 1
    ? { epoch: envelope.epoch, aggregate: envelope.aggregate, version: envelope.fromVersion - 1 }
    : undefined;
}

/** Look-ups over a set of commits by what refers to them. */
export interface CommitSet {
  readonly byPlace: ReadonlyMap<string, BundleCommit>;
  readonly byVersion: ReadonlyMap<string, BundleCommit>;
}

export function commitSet(commits: readonly BundleCommit[]): CommitSet {
  return {
    byPlace: new Map(commits.map((commit) => [placeKey(commit), commit])),
    byVersion: new Map(
      commits.map((commit) => [
        versionKey(commit.envelope.aggregate, commit.envelope.toVersion, commit.envelope.epoch),
        commit,
      ]),
    ),
  };
}

/** The commits of the set that one refers to, and what it refers to outside of it. */
export function resolve(
  commit: BundleCommit,
  set: CommitSet,
): { readonly inside: readonly BundleCommit[]; readonly outside: readonly BoundaryLine[] } {
  const inside: BundleCommit[] = [];
  const outside: BoundaryLine[] = [];
  const previous = previousOf(commit.envelope);
  if (previous !== undefined) {
    const found = set.byVersion.get(versionKey(previous.aggregate, previous.version, previous.epoch));
    if (found !== undefined) inside.push(found);
    else
      outside.push({
        kind: 'boundary',
        what: 'previous',
        ...previous,
        hash: toHex(commit.envelope.prevHash),
      });
  }
  const cause = causeOf(commit.envelope);
  if (cause !== undefined) {
    const found = set.byPlace.get(placeKey(cause));
    if (found !== undefined) inside.push(found);
    else outside.push({ kind: 'boundary', what: 'cause', ...cause });
  }
  return { inside, outside };
}

/** The boundaries of a set of commits, each once, in a fixed order. */
export function boundariesOf(commits: readonly BundleCommit[]): readonly BoundaryLine[] {
  const set = commitSet(commits);
  const byKey = new Map<string, BoundaryLine>();
  for (const commit of commits)
    for (const line of resolve(commit, set).outside) byKey.set(boundaryKey(line), line);
  return [...byKey.keys()].sort().flatMap((key) => byKey.get(key) ?? []);
}

export function boundaryKey(line: BoundaryLine): string {
  return line.what === 'cause'
    ? `cause ${placeKey(line)} ${line.commitId}`
    : `previous ${versionKey(line.aggregate, line.version, line.epoch)} ${line.hash}`;
}

/** What the commits say of the software and rules that made them, each once and sorted. */
export function softwareOf(commits: readonly BundleCommit[]): SoftwareLine {
  const distinct = (values: readonly string[]): readonly string[] =>
    [...new Set(values)].filter((v) => v !== '').sort();
  const envelopes = commits.map((commit) => commit.envelope);
  return {
    kind: 'software',
    kernels: distinct(envelopes.map((envelope) => envelope.producer.kernelHash)),
    policies: distinct(envelopes.map((envelope) => envelope.policyHash)),
    limits: distinct(envelopes.map((envelope) => envelope.limitsVersion)),
    producers: distinct(
      envelopes.map(({ producer }) => `${producer.service} ${producer.version} ${producer.gitSha}`),
    ),
  };
}
