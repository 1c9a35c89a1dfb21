import type { Instant } from '@evenkeel/kernel';
import type { Findings } from './findings';
import { apart, isPowerOfTenOf, timesOf } from './looks-like';
import { createSpacing } from './spacing';
import type { SpacingRules } from './spacing';

/** Prices between two bars, or within one, that are further apart than this are told to a person. */
const JUMP = 3;
/** A close that is so near to a power of ten of both neighbours is one that was written in another unit. */
export const POWER_OF_TEN = 1.1;

/** A bar opens about where the one above closed; so much nearer the other way, over so many bars, the columns are swapped. */
const SWAPPED = 3;
const STEPS_MIN = 20;

export interface BarNumbers {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** All that is wrong with the numbers of one bar by themselves. */
export function barProblem({ open, high, low, close, volume }: BarNumbers): string | undefined {
  if (open > 0 && low > 0 && close > 0 && open <= high && open >= low && close <= high && close >= low)
    return volume < 0 ? `volume ${volume} is negative` : undefined;
  const prices = Object.entries({ open, high, low, close });
  const problems = prices
    .filter(([, price]) => !(price > 0))
    .map(([name, price]) => `${name} ${price} is no price`);
  if (problems.length === 0 && low > high) problems.push(`low ${low} lies above high ${high}`);
  for (const [name, price] of Object.entries({ open, close })) {
    if (problems.length === 0 && (price > high || price < low))
      problems.push(`${name} ${price} lies outside low ${low} to high ${high}`);
  }
  if (volume < 0) problems.push(`volume ${volume} is negative`);
  return problems.join('; ');
}

/** Judges the bars of one file in the order of time. */
export interface BarJudge {
  /** What is wrong with a bar; what concerns several goes to the findings. */
  bar(line: number, opened: Instant, numbers: BarNumbers): string | undefined;
  end(): void;
}

export function createBarJudge(rules: SpacingRules, findings: Findings): BarJudge {
  const { file } = rules;
  const spacing = createSpacing(rules, findings);
  let above: { line: number; open: number; close: number; before: number | undefined } | undefined;
  // How far bars open from the close above, and how far they close from the open above.
  let [forth, back, steps] = [0, 0, 0];
  return {
    bar(line, opened, numbers) {
      spacing.row(line, opened);
      const problem = barProblem(numbers);
      if (problem !== undefined) return problem;
      const { open, high, low, close } = numbers;
      if (high > JUMP * Math.max(open, close))
        findings.remark(file, line, 'wick', `high ${high} is ${timesOf(high, close)} the close`);
      if (low * JUMP < Math.min(open, close))
        findings.remark(file, line, 'wick', `low ${low} is ${timesOf(low, close)} the close`);
      if (above !== undefined && apart(close, above.close, JUMP)) {
        const { before } = above;
        if (before !== undefined && isSpike(above.close, before, close))
          findings.problem(
            file,
            above.line,
            `close ${above.close} is ${timesOf(above.close, before)} the close above and below it: another unit`,
          );
        else
          findings.remark(
            file,
            line,
            'jump',
            `close ${close} is ${timesOf(close, above.close)} the close above, ${above.close}`,
          );
      }
      if (above !== undefined) {
        forth += Math.abs(open - above.close);
        back += Math.abs(close - above.open);
        steps += 1;
      }
      above = { line, open, close, before: above?.close };
      return undefined;
    },
    end() {
      spacing.end();
      if (steps >= STEPS_MIN && back * SWAPPED < forth)
        findings.problem(file, 1, 'bars close where the one above opens: open and close are out of place');
    },
  };
}

function isSpike(close: number, before: number, after: number): boolean {
  return !apart(before, after, POWER_OF_TEN) && isPowerOfTenOf(close, before, POWER_OF_TEN);
}
