import type { Findings } from './findings';

/** What a row is to those before it: something new, the same once more, or, with what is wrong, a contradiction. */
export type Novelty = 'new' | 'same' | { readonly problem: string };

/** Rows by what they tell of, to find those told twice: the same again is left out and remarked, something else is refused. */
export interface Repeats<Content> {
  row(key: string, content: Content, line: number): Novelty;
}

export function contradicts(key: string, line: number): string {
  return `tells of ${key} again, and not what line ${line} tells`;
}

export function remarkRepeat(file: string, findings: Findings, line: number, earlier: number): void {
  findings.remark(file, line, 'repeated', `repeats line ${earlier} and is left out`);
}

export function createRepeats<Content>(
  file: string,
  findings: Findings,
  same: (one: Content, other: Content) => boolean,
): Repeats<Content> {
  const told = new Map<string, { content: Content; line: number }>();
  return {
    row(key, content, line) {
      const earlier = told.get(key);
      if (earlier === undefined) {
        told.set(key, { content, line });
        return 'new';
      }
      if (!same(earlier.content, content)) return { problem: contradicts(key, earlier.line) };
      remarkRepeat(file, findings, line, earlier.line);
      return 'same';
    },
  };
}

/** The same for rows in the order of time, one for each time. */
export function createSequence(
  file: string,
  findings: Findings,
): (at: bigint, written: string, content: string, line: number) => Novelty {
  let last: { at: bigint; content: string; line: number } | undefined;
  return (at, written, content, line) => {
    if (last !== undefined && at < last.at) return { problem: `${written} is before the row above` };
    if (last !== undefined && at === last.at) {
      if (content !== last.content) return { problem: contradicts(written, last.line) };
      remarkRepeat(file, findings, line, last.line);
      return 'same';
    }
    last = { at, content, line };
    return 'new';
  };
}
