import type { EnvelopeView } from '@evenkeel/audit';
import { decodeWhole } from '@evenkeel/contracts';
import { aggregateKey } from '@evenkeel/eventing';
import type { Commit } from '@evenkeel/eventing';

/** A commit in the audit's own words. */
export function envelopeOf(commit: Commit): EnvelopeView {
  const { causation, producer, config } = commit;
  return {
    commitId: commit.commitId,
    epoch: commit.epoch,
    aggregate: aggregateKey(commit.aggregate),
    fromVersion: commit.fromVersion,
    toVersion: commit.toVersion,
    prevHash: commit.prevHash,
    causation: { stream: causation.stream, seq: Number(causation.seq), commitId: causation.commitId },
    correlationId: commit.correlationId,
    producer,
    policyHash: config.policyHash,
    limitsVersion: config.limitsVersion,
    eventTypes: commit.events.map(({ event }) => event.type),
  };
}

/** Published bytes to envelope: what the chain verifier and the bundle checker take as their decoder. */
export function decodeEnvelope(bytes: Uint8Array): EnvelopeView {
  return envelopeOf(decodeWhole(bytes));
}
