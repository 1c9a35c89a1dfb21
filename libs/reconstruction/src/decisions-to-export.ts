import { EvenkeelError } from '@evenkeel/kernel';
import { alsoInText } from './decision-to-read';
import { epochToRead } from './epoch-to-read';
import type { EpochToRead } from './epoch-to-read';
import type { DecisionEvidence, DecisionPlace, EpochHistory } from './evidence-ports';
import { isRange, rangeToRead } from './range-to-read';

export interface ExportQuestion {
  /** The beginning of a decision's id, or a range `FROM..TO` of sequences or times of one epoch. */
  readonly what: string;
  readonly epoch?: string;
  /** Whether a range may reach beyond what the epoch holds. */
  readonly partial?: boolean;
}

export interface DecisionsToExport {
  readonly epoch: EpochToRead;
  readonly decisions: readonly DecisionPlace[];
  /** What was asked for against what the epoch holds, where more was asked and that was allowed. */
  readonly partial?: string;
  /** What a person should know of the answer. */
  readonly notes: readonly string[];
}

/**
 * Which decisions an export is about. Throws what `decisionToRead`, `epochToRead` and `rangeToRead` throw, and
 * `AUDIT.NOTHING_TO_EXPORT` when a range holds no decision.
 */
export async function decisionsToExport(
  evidence: DecisionEvidence,
  history: EpochHistory,
  { what, epoch: wanted, partial = false }: ExportQuestion,
): Promise<DecisionsToExport> {
  if (!isRange(what)) {
    const found = await evidence.decisionNamed(what, wanted);
    const also = alsoInText(found);
    const { alsoIn: _, ...place } = found;
    return {
      epoch: await epochToRead(history, found.epoch),
      decisions: [place],
      notes: also === '' ? [] : [also],
    };
  }
  const epoch = await epochToRead(history, wanted);
  const { range, beyond } = await rangeToRead(history, epoch, what, partial);
  const decisions = await evidence.decisionsIn(epoch.epoch, range);
  if (decisions.length > 0)
    return { epoch, decisions, notes: [], ...(beyond === undefined ? {} : { partial: beyond }) };
  throw new EvenkeelError({
    code: 'AUDIT.NOTHING_TO_EXPORT',
    message: `epoch ${epoch.epoch} has no decision in ${what}`,
  });
}
