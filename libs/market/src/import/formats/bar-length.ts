import type { ImportOptions } from '../import-options';
import type { Micros, Row } from '../row';

/** The interval of bars that do not say it themselves. */
export function barLength(row: Row, { bar }: ImportOptions): Micros {
  if (bar === undefined)
    return row.refuse('does not say how long its bars are: say it with --bar, such as --bar 1m');
  return Number(bar / 1000n);
}
