import type { LedgerFinding } from './finding';
import type { ComparableLedger, JournalToCompare } from './verification-ports';

/** Holds journals against the ledger: each message by its hash, and their files against what their server counts. */
export async function checkJournals(
  journals: readonly JournalToCompare[],
  ledger: ComparableLedger,
): Promise<readonly LedgerFinding[]> {
  const findings: LedgerFinding[] = [];
  const taken = await ledger.takenOver();
  for (const journal of journals) {
    findings.push(
      ...(await ledger.compare(journal.epoch, taken.get(journal.epoch) ?? 0, journal.messages())),
    );
    findings.push(...journal.fileFindings());
  }
  return findings;
}
