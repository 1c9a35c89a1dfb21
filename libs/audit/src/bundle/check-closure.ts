import { sameBytes } from '@evenkeel/kernel';
import type { JournalPlace } from './bundle-lines';
import type { FindingList } from './findings';
import type { ReadBundle } from './read-bundle';
import {
  boundariesOf,
  boundaryKey,
  causeOf,
  commitSet,
  placeKey,
  previousOf,
  resolve,
  versionKey,
} from './references';
import type { BundleCommit, CommitSet } from './references';

/**
 * Whether the commits of a bundle hang together and nothing that belongs is left out unsaid: each is what its successor
 * says it follows, each cause comes first and is the commit named, what is referred to is there or declared to be
 * outside, and nothing is there that the subjects do not lead to.
 */
export function checkClosure(
  bundle: ReadBundle,
  commits: readonly BundleCommit[],
  findings: FindingList,
): void {
  const set = commitSet(commits);
  checkUnique(commits, set, findings);
  for (const commit of commits) checkLinks(commit, set, findings);
  checkOffsets(commits, findings);
  checkBoundaries(bundle, commits, findings);
  checkReach([...bundle.header.subjects, ...bundle.header.related], commits, set, findings);
}

function checkUnique(commits: readonly BundleCommit[], set: CommitSet, findings: FindingList): void {
  const ids = new Set<string>();
  for (const commit of commits) {
    const { commitId, aggregate, toVersion, fromVersion } = commit.envelope;
    const twice =
      set.byPlace.get(placeKey(commit)) !== commit ||
      set.byVersion.get(versionKey(aggregate, toVersion, commit.envelope.epoch)) !== commit ||
      ids.has(commitId);
    if (twice) findings.broken('AUDIT.COMMIT_REPEATED', `commit ${commitId} is there twice`, commit);
    if (toVersion < fromVersion || fromVersion < 1) {
      findings.broken('AUDIT.VERSION_BROKEN', `versions ${fromVersion} to ${toVersion} cannot be`, commit);
    }
    ids.add(commitId);
  }
}

function checkLinks(commit: BundleCommit, set: CommitSet, findings: FindingList): void {
  const { envelope } = commit;
  if (envelope.epoch !== commit.epoch) {
    findings.broken('AUDIT.EPOCH_MISMATCH', `the commit says epoch ${envelope.epoch}`, commit);
  }
  const previous = previousOf(envelope);
  if (previous === undefined && envelope.prevHash.length > 0) {
    findings.broken(
      'AUDIT.PREV_HASH_BROKEN',
      'the first commit of its aggregate names a predecessor',
      commit,
    );
  }
  const before =
    previous === undefined
      ? undefined
      : set.byVersion.get(versionKey(previous.aggregate, previous.version, previous.epoch));
  if (before !== undefined && (!sameBytes(before.hash, envelope.prevHash) || before.index >= commit.index)) {
    findings.broken(
      'AUDIT.PREV_HASH_BROKEN',
      `it does not follow sequence ${before.seq}, the version before it`,
      commit,
    );
  }
  const cause = causeOf(envelope);
  const causing = cause === undefined ? undefined : set.byPlace.get(placeKey(cause));
  if (cause === undefined || causing === undefined) return;
  if (causing.envelope.commitId !== cause.commitId) {
    findings.broken('AUDIT.CAUSE_MISMATCH', `sequence ${cause.seq} is not the cause it names`, commit);
  }
  if (causing.index >= commit.index) {
    findings.broken(
      'AUDIT.CAUSE_NOT_BEFORE',
      `its cause, sequence ${cause.seq}, does not come before it`,
      commit,
    );
  }
}

/** Within an epoch every sequence stands at the same distance from its leaf index. */
function checkOffsets(commits: readonly BundleCommit[], findings: FindingList): void {
  const offsets = new Map<string, number>();
  for (const commit of commits) {
    const offset = commit.index - commit.seq;
    const known = offsets.get(commit.epoch);
    if (known === undefined) offsets.set(commit.epoch, offset);
    else if (known !== offset)
      findings.broken('AUDIT.SEQUENCE_GAP', 'sequence and place in the tree do not agree', commit);
  }
}

function checkBoundaries(bundle: ReadBundle, commits: readonly BundleCommit[], findings: FindingList): void {
  const derived = boundariesOf(commits);
  const declared = bundle.boundaries.map(boundaryKey);
  if (derived.map(boundaryKey).join('\n') !== declared.join('\n')) {
    findings.broken(
      'AUDIT.BUNDLE_INCOMPLETE',
      'What the commits refer to outside of the bundle is not what the bundle declares: something was taken out or put in.',
    );
    return;
  }
  if (derived.length === 0) {
    findings.established(
      'AUDIT.CLOSURE_COMPLETE',
      'Every cause in the journal and the whole history of every aggregate touched is in the bundle.',
    );
    return;
  }
  for (const line of derived) {
    const what =
      line.what === 'cause'
        ? `The cause at sequence ${line.seq} (${line.commitId})`
        : `The history of ${line.aggregate} up to version ${line.version}`;
    findings.notEstablished('AUDIT.CLOSURE_BOUNDED', `${what} is outside of this bundle.`);
  }
}

function checkReach(
  roots: readonly JournalPlace[],
  commits: readonly BundleCommit[],
  set: CommitSet,
  findings: FindingList,
): void {
  const reached = new Set<BundleCommit>();
  const queue = roots.flatMap((root) => set.byPlace.get(placeKey(root)) ?? []);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    queue.push(...resolve(next, set).inside);
  }
  for (const commit of commits) {
    if (!reached.has(commit))
      findings.broken('AUDIT.BUNDLE_STRANGER', 'nothing in the bundle leads to it', commit);
  }
}
