import type { InputProblem } from '@evenkeel/kernel';

/** Rows of one kind that are named one by one; the rest is counted. */
const NAMED_ROWS = 3;
const PROBLEMS_MAX = 20;

/**
 * What is found while files are judged: problems, for which they are refused, and remarks, which a person is told before a run.
 * Findings of one kind in one file are one remark.
 */
export interface Findings {
  problem(file: string, line: number, message: string): void;
  /** `line` undefined: of the file as a whole. */
  remark(file: string, line: number | undefined, kind: string, message: string): void;
  readonly problems: readonly InputProblem[];
  remarks(): readonly string[];
}

export function createFindings(): Findings {
  const problems: InputProblem[] = [];
  const remarks = new Map<string, { file: string; line: number | undefined; message: string }[]>();
  return {
    problem(file, line, message) {
      if (problems.filter(({ path }) => path.startsWith(`${file}:`)).length < PROBLEMS_MAX)
        problems.push({ path: `${file}:${line}`, message });
    },
    remark(file, line, kind, message) {
      const key = `${file}/${kind}`;
      const told = remarks.get(key);
      if (told === undefined) remarks.set(key, [{ file, line, message }]);
      else told.push({ file, line, message });
    },
    problems,
    remarks: () => [...remarks.values()].flatMap(written),
  };
}

function written(
  told: readonly { file: string; line: number | undefined; message: string }[],
): readonly string[] {
  const lines = told
    .slice(0, NAMED_ROWS)
    .map(({ file, line, message }) => `${file}${line === undefined ? '' : `:${line}`}: ${message}`);
  const rest = told.length - lines.length;
  if (rest > 0) lines.push(`${told[0]?.file ?? ''}: ${rest} more like the last`);
  return lines;
}
