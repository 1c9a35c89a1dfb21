import {
  InvalidInputError,
  MOMENT_EXAMPLES,
  formatInstant,
  instantOfMoment,
  tryParseMoment,
} from '@evenkeel/kernel';
import type { InputProblem, Instant } from '@evenkeel/kernel';
import { elsewhereText, spanText } from './epoch-to-read';
import type { EpochToRead } from './epoch-to-read';
import type { EpochHistory, EventSpan } from './evidence-ports';

export interface WantedPeriod {
  readonly from?: string;
  readonly to?: string;
  /** Only epochs that know it are named where the one asked holds too little. */
  readonly book?: string;
}

/** A stretch of event time; the first instant included, the last not. Absent: from the beginning, to the end. */
export interface Period {
  readonly from?: Instant;
  readonly to?: Instant;
}

/**
 * The stretch that a person asked for, in one epoch. `now` as an end leaves nothing out. Throws `InvalidInputError` for what is no
 * time, for a stretch that runs backwards, and for one of which the epoch holds nothing: it names the epochs that do.
 */
export async function periodToRead(
  history: EpochHistory,
  epoch: EpochToRead,
  wanted: WantedPeriod,
): Promise<Period> {
  const period = periodOf(wanted, epoch.span.to);
  if (overlaps(period, epoch.span)) return period;
  const others = (await spansOf(history, wanted.book)).filter(({ span }) => overlaps(period, span));
  const message = `epoch ${epoch.epoch} holds nothing ${periodText(period)}: it holds ${spanText(epoch.span)}${elsewhereText(others, 'holds it', 'hold it')}`;
  throw new InvalidInputError('the command', [
    { path: wanted.from === undefined ? '--to' : '--from', message },
  ]);
}

/** The same without an epoch to hold it against; `newest` is what `now` means. */
export function periodOf({ from, to }: WantedPeriod, newest: Instant): Period {
  const problems: InputProblem[] = [];
  const read = (path: string, text: string | undefined): Instant | undefined => {
    const moment = text === undefined ? undefined : tryParseMoment(text);
    if (text !== undefined && moment === undefined)
      problems.push({ path, message: `"${text}" is not a time such as ${MOMENT_EXAMPLES}` });
    return moment === undefined ? undefined : instantOfMoment(moment, newest);
  };
  const [first, last] = [read('--from', from), read('--to', to)];
  const end = last === newest && isNow(to) ? newest + 1n : last;
  if (first !== undefined && end !== undefined && first >= end)
    problems.push({ path: '--to', message: `${formatInstant(end)} is not after ${formatInstant(first)}` });
  if (problems.length > 0) throw new InvalidInputError('the command', problems);
  return { ...(first === undefined ? {} : { from: first }), ...(end === undefined ? {} : { to: end }) };
}

/**
 * What to say where somebody asked for more than an epoch holds, and which epochs hold all of it, or at least more; `undefined` where it
 * holds all of it.
 */
export async function beyondText(
  history: EpochHistory,
  period: Period,
  { epoch, span }: EpochToRead,
  book?: string,
): Promise<string | undefined> {
  const before = period.from !== undefined && period.from < span.from;
  const after = period.to !== undefined && period.to > span.to + 1n;
  if (!before && !after) return undefined;
  const others = await spansOf(history, book);
  const whole = others.filter((one) => isWithin(period, one.span));
  const more = others.filter((one) => lengthIn(period, one.span) > lengthIn(period, span));
  const elsewhere =
    whole.length > 0
      ? elsewhereText(whole, 'holds all of it', 'hold all of it')
      : elsewhereText(more, 'holds more of it', 'hold more of it');
  const side = before && after ? 'before or after' : before ? 'before' : 'after';
  return `asked ${periodText(period)}; epoch ${epoch} holds ${spanText(span)}, and it knows nothing ${side}${elsewhere}`;
}

export function periodText({ from, to }: Period): string {
  const parts = [
    ...(from === undefined ? [] : [`from ${formatInstant(from)}`]),
    ...(to === undefined ? [] : [`up to, not including, ${formatInstant(to)}`]),
  ];
  return parts.length === 0 ? 'of all of it' : parts.join(' ');
}

function isWithin({ from, to }: Period, span: EventSpan): boolean {
  return (from === undefined || from >= span.from) && (to === undefined || to <= span.to + 1n);
}

/** How much of a period lies in a span. */
function lengthIn({ from, to }: Period, span: EventSpan): Instant {
  const first = from === undefined || from < span.from ? span.from : from;
  const last = to === undefined || to > span.to + 1n ? span.to + 1n : to;
  return last > first ? last - first : 0n;
}

/** Every epoch whose rows are there and that knows the book, if one is named, with the event times that it holds. */
export async function spansOf(
  history: EpochHistory,
  book?: string,
): Promise<readonly { readonly epoch: string; readonly commits: number; readonly span: EventSpan }[]> {
  const found: { readonly epoch: string; readonly commits: number; readonly span: EventSpan }[] = [];
  for (const { epoch, commits, books } of await history.epochs()) {
    if (book !== undefined && !books.includes(book)) continue;
    const span = await history.spanOf(epoch);
    if (span !== undefined) found.push({ epoch, commits, span });
  }
  return found;
}

function isNow(text: string | undefined): boolean {
  const moment = text === undefined ? undefined : tryParseMoment(text);
  return moment?.kind === 'before-newest' && moment.by === 0n;
}

function overlaps({ from, to }: Period, span: EventSpan): boolean {
  return (from === undefined || from <= span.to) && (to === undefined || to > span.from);
}
