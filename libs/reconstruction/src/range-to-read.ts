import { InvalidInputError, tryParseMoment } from '@evenkeel/kernel';
import { elsewhereText } from './epoch-to-read';
import type { EpochToRead } from './epoch-to-read';
import type { EpochHistory, JournalRange } from './evidence-ports';
import { beyondText, periodToRead, spansOf } from './period-to-read';

const RANGE = /^(.+?)\.\.(.+)$/;
const SEQUENCE = /^\d{1,15}$/;

/** Whether a text is meant as a range and not as the id of a decision. */
export function isRange(text: string): boolean {
  return RANGE.test(text);
}

export interface RangeToRead {
  readonly range: JournalRange;
  /** Where it reaches beyond what the epoch holds, and that was allowed: what to say. */
  readonly beyond?: string;
}

/**
 * A stretch of an epoch: `FROM..TO` of sequences, both included, or of times, the last not included. Throws `InvalidInputError` for
 * what is none, and for one that reaches beyond what the epoch holds unless `partial`: it names the epochs that hold all of it.
 */
export async function rangeToRead(
  history: EpochHistory,
  epoch: EpochToRead,
  text: string,
  partial: boolean,
): Promise<RangeToRead> {
  const [, from = '', to = ''] = RANGE.exec(text) ?? [];
  const bySequence = SEQUENCE.test(from) && SEQUENCE.test(to);
  const found = bySequence
    ? await sequencesIn(history, epoch, Number(from), Number(to))
    : await timesIn(history, epoch, from, to);
  if (found.beyond === undefined || partial) return found;
  throw refused(`${found.beyond}; --partial takes what there is`);
}

async function sequencesIn(
  history: EpochHistory,
  epoch: EpochToRead,
  first: number,
  last: number,
): Promise<RangeToRead> {
  if (first > last) throw refused(`${first}..${last} runs backwards`);
  const others = (await spansOf(history)).filter(({ commits }) => commits >= last && first >= 1);
  const held = `epoch ${epoch.epoch} holds sequences 1 to ${epoch.commits}`;
  const elsewhere = elsewhereText(others, 'holds all of it', 'hold all of it');
  if (first > epoch.commits || last < 1)
    throw refused(`${held}, and nothing of ${first}..${last}${elsewhere}`);
  const range = { kind: 'sequences', first, last } as const;
  if (first >= 1 && last <= epoch.commits) return { range };
  return { range, beyond: `${held}, and not all of ${first}..${last}${elsewhere}` };
}

async function timesIn(
  history: EpochHistory,
  epoch: EpochToRead,
  from: string,
  to: string,
): Promise<RangeToRead> {
  for (const text of [from, to])
    if (tryParseMoment(text) === undefined && SEQUENCE.test(text))
      throw refused(`${from}..${to} is neither two sequences nor two times`);
  const period = await periodToRead(history, epoch, { from, to });
  const beyond = await beyondText(history, period, epoch);
  return {
    range: { kind: 'times', from: period.from ?? epoch.span.from, to: period.to ?? epoch.span.to + 1n },
    ...(beyond === undefined ? {} : { beyond }),
  };
}

function refused(message: string): InvalidInputError {
  return new InvalidInputError('the command', [{ path: 'range', message }]);
}
