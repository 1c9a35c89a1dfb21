import { InvalidInputError, required, tryParseInstant } from '@evenkeel/kernel';
import type { NamedRow } from '../tape/table-rows';
import { POWER_OF_TEN, createBarJudge } from './bar-judge';
import { createFindings } from './findings';
import { isPowerOfTenOf, timesOf } from './looks-like';

/** A table that is no series of bars yet has no spacing to be judged by. */
const BARS_MIN = 3;

/**
 * What a person is to know of a table of bars (columns timestamp or date, open, high, low, close), judged as those of a tape are, with
 * the median of their spacing as their interval. Throws `InvalidInputError` naming the lines that contradict themselves or
 * their neighbours. Cells that are no numbers or times are left to whoever reads them.
 */
export function remarksOfBars(file: string, rows: readonly NamedRow[]): readonly string[] {
  const bars = rows.flatMap(({ line, fields }) => {
    const at = tryParseInstant(fields['timestamp'] ?? fields['date'] ?? '');
    const [open, high, low, close] = (['open', 'high', 'low', 'close'] as const).map((name) =>
      Number(fields[name] ?? Number.NaN),
    ) as [number, number, number, number]; // four names
    const isRead = at !== undefined && [open, high, low, close].every(Number.isFinite);
    return isRead ? [{ line, at, numbers: { open, high, low, close, volume: 0 } }] : [];
  });
  if (bars.length < BARS_MIN) return [];
  const spacings = bars.slice(1).map(({ at }, index) => at - required(bars[index], 'the bar before').at);
  const interval = required(
    spacings.sort((a, b) => (a < b ? -1 : 1))[Math.floor(spacings.length / 2)],
    'a spacing',
  );
  if (interval <= 0n) return [];
  const [from, to] = [required(bars[0], 'a bar').at, required(bars.at(-1), 'a bar').at];
  const findings = createFindings();
  const judge = createBarJudge(
    { file, interval, row: 'bar', from, to, delay: interval, variable: true },
    findings,
  );
  let above: number | undefined;
  for (const { line, at, numbers } of bars) {
    const problem = judge.bar(line, at, numbers);
    if (problem !== undefined) findings.problem(file, line, problem);
    // No source stands beside these bars that would show which of the two units is right.
    else if (above !== undefined && isPowerOfTenOf(numbers.close, above, POWER_OF_TEN))
      findings.problem(
        file,
        line,
        `close ${numbers.close} is ${timesOf(numbers.close, above)} the close above`,
      );
    above = numbers.close;
  }
  judge.end();
  if (findings.problems.length > 0) throw new InvalidInputError(file, findings.problems);
  return findings.remarks();
}
