import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseVerifierKey } from '@evenkeel/audit';
import type { CheckpointRecord, Defect, VerifierKey } from '@evenkeel/audit';
import { EvenkeelError, InvalidInputError } from '@evenkeel/kernel';
import type { LedgerFinding, TrailEvidence } from '@evenkeel/verification';
import { AuditFolder } from './audit-folder';
import { examineFolder } from './examine-folder';
import { mergeCheckpointRecords } from './merge-records';
import { openSignedFolder } from './signed-elsewhere';

/** What the database keeps of what was signed and cosigned. */
export interface CheckpointCopies {
  signed(): Promise<readonly CheckpointRecord[]>;
  cosigned(): Promise<readonly { readonly size: number; readonly note: string }[]>;
}

export interface TrailQuestions {
  readonly folder: string;
  readonly witnesses: readonly VerifierKey[];
  /** Files with checkpoint notes that somebody outside kept. */
  readonly outside: readonly string[];
  /** How long a copy may be behind before it counts as missing, ms. Default 2000. */
  readonly patienceMs?: number;
}

/** Reads and judges the audit folder, and holds its history against the one in Postgres. */
export async function trailEvidence(
  copies: CheckpointCopies,
  questions: TrailQuestions,
): Promise<TrailEvidence> {
  const outside = questions.outside.map((name) => ({ name, note: readFileSync(name, 'utf8') }));
  let opened: AuditFolder | undefined;
  try {
    opened = await openSignedFolder(questions.folder, () => copies.signed());
    const examination = await examineFolder(opened, { witnesses: questions.witnesses, outside });
    const findings: LedgerFinding[] = examination.defects.map(findingOf);
    findings.push(...(await copiesDiffer(copies, opened, questions.patienceMs ?? COPY_PATIENCE_MS)));
    return { origin: opened.identity.origin, examination, findings };
  } catch (error) {
    if (!(error instanceof EvenkeelError)) throw error;
    // A ledger without a log is complete in itself; one whose signed history lost its folder is not.
    if (error.code === 'AUDIT.NO_LOG' && outside.length === 0)
      return { origin: undefined, examination: undefined, findings: [] };
    const finding = { epoch: '', seq: 0, code: error.code, message: error.message, where: questions.folder };
    return { origin: opened?.identity.origin, examination: undefined, findings: [finding] };
  }
}

const COPY_PATIENCE_MS = 2_000;

/** The history in Postgres against the folder's. The ledger writes the folder first: a copy may be a moment behind. */
async function copiesDiffer(
  copies: CheckpointCopies,
  folder: AuditFolder,
  patienceMs: number,
): Promise<readonly LedgerFinding[]> {
  const findings: LedgerFinding[] = [];
  const missing = (where: string, message: string): void =>
    void findings.push({ epoch: '', seq: 0, code: 'AUDIT.CHECKPOINTS_MISSING', where, message });
  const records = folder.checkpoints();
  const deadline = performance.now() + patienceMs;
  let inPostgres = await copies.signed();
  while (inPostgres.length < records.length && performance.now() < deadline) {
    await delay(100);
    inPostgres = await copies.signed();
  }
  mergeCheckpointRecords([
    { place: 'the audit folder', records },
    { place: 'Postgres', records: inPostgres.slice(0, records.length) },
  ]);
  if (inPostgres.length < records.length) {
    const number = inPostgres.length + 1;
    missing(`ledger.signed_checkpoint ${number}`, `Postgres does not keep checkpoint ${number}.`);
  }
  const now = AuditFolder.open(folder.folder);
  if (inPostgres.length > now.checkpoints().length) {
    const number = now.checkpoints().length + 1;
    missing(
      `checkpoint ${number}`,
      `The audit folder does not keep checkpoint ${number}, which Postgres has.`,
    );
  }
  const cosigned = new Set(now.cosignedCheckpoints().map(({ note }) => note));
  for (const { size, note } of await copies.cosigned()) {
    const where = `cosigned checkpoint of size ${size}`;
    if (!cosigned.has(note)) missing(where, `The audit folder does not keep the ${where}.`);
  }
  return findings;
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
