import { readFileSync } from 'node:fs';
import type { Pool } from 'pg';
import { AuditFolder, examineFolder, mergeCheckpointRecords } from '@evenkeel/adapter-audit';
import type { FolderExamination } from '@evenkeel/adapter-audit';
import { readSignedCheckpoints } from '@evenkeel/adapter-postgres';
import type { LedgerFinding } from '@evenkeel/adapter-postgres';
import { parseVerifierKey } from '@evenkeel/audit';
import type { Defect, VerifierKey } from '@evenkeel/audit';
import { EvenkeelError, InvalidInputError } from '@evenkeel/kernel';

/** What was signed and stored about the tree, judged; `absent` where the ledger never had an audit folder. */
export interface TrailEvidence {
  readonly origin: string | undefined;
  readonly examination: FolderExamination | undefined;
  readonly findings: readonly LedgerFinding[];
}

export interface TrailQuestions {
  readonly folder: string;
  readonly witnesses: readonly VerifierKey[];
  /** Files with checkpoint notes that somebody outside kept. */
  readonly outside: readonly string[];
}

/** Reads and judges the audit folder, and holds its history against the one in Postgres. */
export async function trailEvidence(pool: Pool, questions: TrailQuestions): Promise<TrailEvidence> {
  const outside = questions.outside.map((name) => ({ name, note: readFileSync(name, 'utf8') }));
  let opened: AuditFolder | undefined;
  try {
    opened = AuditFolder.open(questions.folder);
    const examination = await examineFolder(opened, { witnesses: questions.witnesses, outside });
    const findings = examination.defects.map(findingOf);
    mergeCheckpointRecords([
      { place: 'the audit folder', records: opened.checkpoints() },
      { place: 'Postgres', records: await readSignedCheckpoints(pool) },
    ]);
    return { origin: opened.identity.origin, examination, findings };
  } catch (error) {
    if (!(error instanceof EvenkeelError)) throw error;
    // A ledger without a log is complete in itself; one whose signed history lost its folder is not.
    if (error.code === 'AUDIT.NO_LOG' && outside.length === 0) {
      if ((await readSignedCheckpoints(pool)).length === 0)
        return { origin: undefined, examination: undefined, findings: [] };
    }
    const finding = { epoch: '', seq: 0, code: error.code, message: error.message, where: questions.folder };
    return { origin: opened?.identity.origin, examination: undefined, findings: [finding] };
  }
}

function findingOf({ code, epoch, seq, where, message }: Defect): LedgerFinding {
  return { code, epoch: epoch ?? '', seq: seq ?? 0, message, ...(where === undefined ? {} : { where }) };
}

/** Verifier keys as people give them, one by one. */
export function witnessKeysOf(texts: readonly string[], path: string): readonly VerifierKey[] {
  return texts.map((text) => {
    const key = parseVerifierKey(text.trim());
    if (key === undefined)
      throw new InvalidInputError('the command', [{ path, message: `"${text}" is not a verifier key` }]);
    return key;
  });
}
