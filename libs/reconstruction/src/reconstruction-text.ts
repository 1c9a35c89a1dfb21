import { answerOf } from './answer';
import { checkText, isRemarkable, toldCheck } from './check-words';
import type { ToldCheck } from './check-words';
import { evidenceLine, fullStoryLines } from './full-story-text';
import type { Reconstruction } from './reconstruction';
import { numeraireOf } from './story-money';

export interface StoryTextOptions {
  /** Everything there is, below the answer. */
  readonly full?: boolean;
  /** The command that shows everything; otherwise the one that reads the ledger. */
  readonly more?: string;
}

const LABEL = 8;
const ID_DIGITS = 13;

/** The story for a person: the answer in five parts, what failed or was near its limit, and the rest on demand. */
export function reconstructionText(story: Reconstruction, options: StoryTextOptions = {}): string {
  const { payload, commit } = story.decision;
  const { full = false, more = `keel audit reconstruct ${payload.decisionId.slice(0, ID_DIGITS)} --full` } =
    options;
  const { what, why, effect, cost, who } = answerOf(story);
  const parts: readonly (readonly [string, readonly string[]])[] = [
    ['What', what],
    ['Why', why],
    ['Effect', effect],
    ['Cost', cost],
    ['Who', who],
    ['Checks', checkLines(story)],
    ['Again', runAgainLines(story)],
  ];
  const lines = [
    `Decision ${payload.decisionId} of book ${payload.book}, ${payload.at}`,
    `  epoch ${story.epoch}  ${evidenceLine(commit)}`,
    ...(story.problems.length === 0
      ? []
      : ['', 'PROBLEMS', ...story.problems.map((problem) => `  ! ${problem}`)]),
    '',
    ...parts.flatMap(([label, sentences]) => labelled(label, sentences)),
    '',
    ...(full
      ? fullStoryLines(story)
      : [`The rest (prices, positions, candidates, every check, hashes): ${more}`]),
  ];
  return `${lines.join('\n')}\n`;
}

/** What came out the same, and what did not or could not. */
function runAgainLines({ runAgain = [] }: Reconstruction): readonly string[] {
  const same = runAgain.filter(({ outcome }) => outcome === 'same').map(({ what, seq }) => `${what} ${seq}`);
  return [
    ...(same.length === 0 ? [] : [`run again, the same to the byte: ${same.join(', ')}`]),
    ...runAgain.flatMap(({ what, seq, outcome, message }) => {
      if (outcome === 'same') return [];
      return [
        outcome === 'differs' ? `! ${what} ${seq}: ${message}` : `${what} ${seq} not run again: ${message}`,
      ];
    }),
  ];
}

function labelled(label: string, sentences: readonly string[]): readonly string[] {
  return sentences.map((sentence, index) => `${(index === 0 ? label : '').padEnd(LABEL)}${sentence}`);
}

/** Checks of one stage of a decision's way. */
export interface CheckStage {
  readonly name: string;
  readonly checks: readonly ToldCheck[];
}

/** Every check of a story by stage, as a person reads it. */
export function checkStages(story: Reconstruction): readonly CheckStage[] {
  const numeraire = numeraireOf(story);
  const { orders, decision } = story;
  const told = (stage: string, checks: Reconstruction['decision']['payload']['checks']): CheckStage => ({
    name: stage,
    checks: checks.map((check) => toldCheck(check, numeraire)),
  });
  return [
    told('at the decision', decision.payload.checks),
    ...orders.flatMap(({ intended, refused }, index) => {
      const terms = intended?.payload ?? refused?.payload;
      return terms === undefined
        ? []
        : [told(orders.length === 1 ? 'before the order' : `before order ${index + 1}`, terms.checks)];
    }),
  ];
}

/** What failed or was near its limit, and the others as a count. */
function checkLines(story: Reconstruction): readonly string[] {
  const stages = checkStages(story);
  const remarkable = stages.flatMap(({ name, checks }) =>
    checks.filter(isRemarkable).map((check) => `${checkText(check)}, ${name}`),
  );
  const passed = stages.map(
    ({ name, checks }) =>
      `${checks.filter(({ result }) => result === 'passed').length} of ${checks.length} ${name}`,
  );
  return [
    ...(remarkable.length === 0 ? ['none failed, none was near its limit'] : remarkable),
    `passed: ${passed.join(', ')}`,
  ];
}
