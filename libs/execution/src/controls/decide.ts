import type { CommitDraft, DomainEvent } from '@evenkeel/facts';
import { formatInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { ExecutionState } from '../execution-state';
import { executionsWithin, expiredOverrides, nextExpiry } from './book-controls';

/** Says of the first override whose time is over that it is; undefined when none is. For the core's own wake instants. */
export function endOverride(state: ExecutionState): CommitDraft | undefined {
  const at = formatInstant(state.now);
  for (const [book, { controls }] of state.books) {
    const [over] = expiredOverrides(controls, state.now);
    if (over === undefined) continue;
    const { overrideId, control } = over;
    return controlDraft(book, at, { type: 'OverrideExpired', payload: { overrideId, book, control, at } });
  }
  return undefined;
}

/** The throttle trips with the first order it refuses; undefined when it is within bounds or has already said so. */
export function tripThrottle(
  state: ExecutionState,
  bookId: string,
  venue: string,
  instrument: string,
  decisionId: string,
): CommitDraft | undefined {
  const book = state.books.get(bookId);
  const read = book?.accounts.get(venue)?.read;
  if (book === undefined || read === undefined) return undefined;
  if (book.controls.repetitions.get(instrument)?.tripped !== undefined) return undefined;
  const executions = executionsWithin(book.controls, instrument, decisionId, state.now, read.throttleWindow);
  if (executions < read.maxRepeats) return undefined;
  const at = formatInstant(state.now);
  const payload = {
    book: bookId,
    instrument,
    executions,
    limit: read.maxRepeats,
    window: read.throttleWindowText,
    at,
  };
  return controlDraft(bookId, at, { type: 'ThrottleTripped', payload });
}

/** When the first override of any book ends. */
export function nextOverrideEnd(state: ExecutionState): Instant | undefined {
  let first: Instant | undefined;
  for (const { controls } of state.books.values()) {
    const end = nextExpiry(controls);
    if (end !== undefined && (first === undefined || end < first)) first = end;
  }
  return first;
}

function controlDraft(book: string, eventTime: string, event: DomainEvent): CommitDraft {
  return {
    aggregate: { context: 'execution', type: 'controls', id: book },
    book,
    eventTime,
    actor: { kind: 'algo', id: 'execution' },
    events: [event],
  };
}
