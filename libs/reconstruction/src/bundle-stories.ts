import { verifyEd25519 } from '@evenkeel/audit';
import type { BundleReport } from '@evenkeel/audit';
import { decodeCommit } from '@evenkeel/contracts';
import { AuthorFault, Authors, isAboutKeys } from '@evenkeel/engine';
import { answerOf } from './answer';
import type { Reconstruction } from './reconstruction';
import { tellDecision } from './tell-decision';
import { StoryMaterial } from './told-commits';
import type { StoryRow } from './told-commits';

/**
 * The stories of the decisions that a bundle is about, told from its commits alone. Whether they are to be believed is what
 * the report says; a commit that it found broken is named in the story.
 */
export function bundleStories({
  commits,
  header,
  findings,
}: Pick<BundleReport, 'commits' | 'header' | 'findings'>): readonly Reconstruction[] {
  const broken = new Set(
    findings.flatMap(({ outcome, epoch, seq }) =>
      outcome === 'broken' && epoch !== undefined && seq !== undefined ? [`${epoch}/${seq}`] : [],
    ),
  );
  const epochs = new Map<string, StoryRow[]>();
  for (const { epoch, seq, bytes, hash } of commits) {
    const row = { seq, bytes, hash, commit: decodeCommit(bytes), hashHolds: !broken.has(`${epoch}/${seq}`) };
    epochs.set(epoch, [...(epochs.get(epoch) ?? []), row]);
  }
  return [...epochs].flatMap(([epoch, rows]) => {
    const material = new StoryMaterial(epoch, rows, authorsOf(epoch, rows));
    const subjects = new Set(
      (header?.subjects ?? []).flatMap((place) => (place.epoch === epoch ? [place.seq] : [])),
    );
    return material
      .all('HedgeDecided', 'HedgeDeclined')
      .filter(({ seq }) => subjects.has(seq))
      .map(({ payload }) => tellDecision(material, payload.decisionId));
  });
}

/** Who may have signed, by the keys that the file holds itself; nobody is named where they do not hold. */
function authorsOf(epoch: string, rows: readonly StoryRow[]): Authors | undefined {
  const [first] = rows;
  if (first === undefined || first.seq !== 1 || !isAboutKeys(first.commit)) return undefined;
  const authors = new Authors({ epoch, verify: verifyEd25519 });
  try {
    for (const row of rows) if (isAboutKeys(row.commit)) authors.take(row);
  } catch (error) {
    if (error instanceof AuthorFault) return undefined;
    throw error;
  }
  return authors;
}

/** A decision in two lines: what, and why. */
export function decisionLines(story: Reconstruction): readonly string[] {
  const { payload, commit } = story.decision;
  const { what, why } = answerOf(story);
  return [
    `${payload.at}  book ${payload.book}, sequence ${commit.seq}: ${what.join('; ')}`,
    `  because ${why.join('; ')}`,
  ];
}

/** The same for scripts. */
export function decisionJson({ epoch, decision, snapshot, next }: Reconstruction): object {
  const { decisionId, book, at, reasons, trades } = decision.payload;
  return {
    epoch,
    seq: decision.commit.seq,
    decisionId,
    book,
    at,
    outcome: decision.outcome,
    reasons,
    trades: trades.map(({ instrument, quantity }) => ({ instrument, quantity })),
    ...(snapshot === undefined || next === undefined
      ? {}
      : { equity: { before: snapshot.payload.equity, after: next.payload.equity } }),
  };
}
