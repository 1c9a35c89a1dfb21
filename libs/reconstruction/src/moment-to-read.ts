import {
  InvalidInputError,
  MOMENT_EXAMPLES,
  formatInstant,
  instantOfMoment,
  tryParseMoment,
} from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { elsewhereText, spanText } from './epoch-to-read';
import type { EpochToRead } from './epoch-to-read';
import type { EpochHistory } from './evidence-ports';
import { spansOf } from './period-to-read';

/** One place of an epoch's history. */
export type PlaceInTime =
  { readonly kind: 'sequence'; readonly seq: number } | { readonly kind: 'time'; readonly time: Instant };

/**
 * The moment that a person asked for: a sequence, or a time. Throws `InvalidInputError` for what is neither, and for a moment that the
 * epoch does not hold: it names the epochs that do, and know the book.
 */
export async function momentToRead(
  history: EpochHistory,
  epoch: EpochToRead,
  text: string,
  book?: string,
): Promise<PlaceInTime> {
  if (/^\d+$/.test(text)) {
    const seq = Number(text);
    if (seq >= 1 && seq <= epoch.commits) return { kind: 'sequence', seq };
    const others = (await spansOf(history, book)).filter(({ commits }) => seq >= 1 && seq <= commits);
    const held = `epoch ${epoch.epoch} holds sequences 1 to ${epoch.commits}, not ${text}`;
    throw refused(`${held}${elsewhereText(others, 'holds it', 'hold it')}`);
  }
  const moment = tryParseMoment(text);
  if (moment === undefined)
    throw refused(`"${text}" is neither a sequence nor a time such as ${MOMENT_EXAMPLES}`);
  const time = instantOfMoment(moment, epoch.span.to);
  if (time >= epoch.span.from && time <= epoch.span.to) return { kind: 'time', time };
  const others = (await spansOf(history, book)).filter(({ span }) => time >= span.from && time <= span.to);
  const held = `epoch ${epoch.epoch} holds ${spanText(epoch.span)}; nothing is known of ${formatInstant(time)}`;
  throw refused(`${held}${elsewhereText(others, 'holds that time', 'hold that time')}`);
}

function refused(message: string): InvalidInputError {
  return new InvalidInputError('the command', [{ path: '--as-of', message }]);
}
