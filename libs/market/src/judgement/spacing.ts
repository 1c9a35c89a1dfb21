import { formatInstant } from '@evenkeel/kernel';
import type { Instant, Nanoseconds } from '@evenkeel/kernel';
import { durationText } from './duration-text';
import type { Findings } from './findings';

export interface SpacingRules {
  readonly file: string;
  readonly interval: Nanoseconds;
  /** What a row is: `bar`, `funding`. */
  readonly row: string;
  /** The tape's window: what lies outside is not missed. */
  readonly from: Instant;
  readonly to: Instant;
  /** How long after its time a row is known. */
  readonly delay: Nanoseconds;
  /** The venue may change the rhythm for a while, as of fundings. */
  readonly variable?: boolean;
}

/** Judges the times of rows that come in a rhythm. */
export interface Spacing {
  /** A row later than the one before. */
  row(line: number, at: Instant): void;
  end(): void;
}

/** Venues stamp what comes every eight hours a millisecond late; a hundredth of the interval is no other rhythm. */
const JITTER = 100n;

/**
 * Rows of an interval lie that far apart, or a whole number of times where some are missing. Closer together they cannot be what
 * the source says: a bar would be known long before or after it closed. Missing rows are remarked.
 */
export function createSpacing(rules: SpacingRules, findings: Findings): Spacing {
  const { file, interval, row: name, from, to, delay } = rules;
  let last: Instant | undefined;
  let smallest: Nanoseconds | undefined;
  let refused = false;
  let spacings = 0;
  let steadyRows = 0;
  const judge = (line: number, at: Instant, spacing: Nanoseconds): void => {
    spacings += 1;
    if (smallest === undefined || spacing < smallest) smallest = spacing;
    const times = (spacing + interval / 2n) / interval;
    const off = spacing - times * interval;
    const steady = times > 0n && off * JITTER <= interval && -off * JITTER <= interval;
    if (steady && times === 1n) steadyRows += 1;
    if (steady && times === 1n) return;
    const written = `comes ${durationText(spacing)} after the row above`;
    if (steady) {
      const missing = times - 1n;
      if (at + delay > from && at <= to)
        findings.remark(
          file,
          line,
          'gap',
          `${missing} ${name}${missing === 1n ? ' is' : 's are'} missing before ${formatInstant(at)}`,
        );
    } else if (rules.variable === true) {
      findings.remark(file, line, 'rhythm', `${written}, not ${durationText(interval)}`);
    } else if (!refused) {
      refused = true;
      const why =
        spacing < interval
          ? `whose ${durationText(interval)} are not over: these are no ${name}s of ${durationText(interval)}`
          : `which is no whole number of ${durationText(interval)}`;
      findings.problem(file, line, `${written}, ${why}`);
    }
  };
  return {
    row(line, at) {
      if (last !== undefined) judge(line, at, at - last);
      else if (at + delay - interval > from && at + delay < to)
        findings.remark(
          file,
          line,
          'late',
          `the first ${name} is known at ${formatInstant(at + delay)}, after the tape begins`,
        );
      last = at;
    },
    end() {
      if (smallest !== undefined && !refused && steadyRows === 0 && spacings > 1)
        findings.problem(
          file,
          2,
          `its rows are ${durationText(smallest)} apart or more: these are no ${name}s of ${durationText(interval)}`,
        );
      if (last === undefined) return;
      const known = last + delay;
      if (known < from) findings.remark(file, undefined, 'outside', 'all of it lies before the tape begins');
      else if (known + interval <= to)
        findings.remark(
          file,
          undefined,
          'early',
          `the last ${name} is known at ${formatInstant(known)}, before the tape ends`,
        );
    },
  };
}
