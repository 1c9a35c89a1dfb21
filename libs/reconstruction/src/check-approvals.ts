import type { BundleCommit, Finding } from '@evenkeel/audit';
import { decodeCommit } from '@evenkeel/contracts';
import { governanceRecord } from '@evenkeel/engine';
import { effectOf, headOf } from '@evenkeel/governance';
import type { GovernanceRecord } from '@evenkeel/governance';

/**
 * What the commits of a bundle show of the people behind them: for every fact that names two, whether both signed it, were
 * enrolled by then, and in time. `rosterHash`: what their roster must descend from, as whoever checks knows it.
 */
export function checkApprovals(commits: readonly BundleCommit[], rosterHash?: string): readonly Finding[] {
  const records = new Map<string, GovernanceRecord>();
  const findings: Finding[] = [];
  for (const { bytes, epoch, seq } of commits) {
    const commit = decodeCommit(bytes);
    const record = records.get(epoch) ?? governanceRecord(rosterHash);
    records.set(epoch, record);
    const faults = record.take(commit);
    for (const { problem, message } of faults)
      findings.push(
        problem !== 'ROSTER_CONTRADICTED' && record.roster === undefined
          ? notEstablished(
              `Sequence ${seq}: the bundle does not hold the roster by which to judge: ${message}.`,
            )
          : broken(`GOVERNANCE.${problem}`, `Sequence ${seq}: ${message}.`, epoch, seq),
      );
    for (const { event } of commit.events) {
      const effect = effectOf(event);
      if (effect?.approval === undefined || faults.length > 0) continue;
      const { proposedBy, approvedBy } = effect.approval;
      findings.push({
        outcome: 'established',
        code: 'GOVERNANCE.APPROVED',
        message: `Sequence ${seq}: ${effect.what} was proposed by ${proposedBy} and approved by ${approvedBy}, each by a signature over exactly its content.`,
      });
    }
  }
  if (rosterHash === undefined)
    for (const [epoch, { roster }] of records)
      if (roster !== undefined)
        findings.push(
          notEstablished(
            `Whether the people of epoch ${epoch} are those of this desk: their roster has the hash ${headOf(roster)}; ask the desk for it.`,
          ),
        );
  return findings;
}

function broken(code: string, message: string, epoch: string, seq: number): Finding {
  return { outcome: 'broken', code, message, epoch, seq };
}

function notEstablished(message: string): Finding {
  return { outcome: 'not-established', code: 'GOVERNANCE.ROSTER_UNKNOWN', message };
}
