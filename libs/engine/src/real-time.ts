import type { CommitDraft, DomainEvent } from '@evenkeel/facts';
import { canonicalJson, sha256, toHex, utf8 } from '@evenkeel/kernel';
import { DEFAULT_EVALUATION } from '@evenkeel/market';

/** At most this long between two looks at a book, so that an order that came to nothing is soon followed by another. */
const EVALUATION_INTERVAL = 'PT2S';
/** Compared every so often; loose enough for fees that are still on their way. */
const RECONCILIATION = { atStart: true, interval: 'PT5S', positionTolerance: '0', balanceTolerance: '0.01' };

/** Where a book is silent, what suits real time: the account is compared every few seconds, and risk looks again soon. */
export function inRealTime(draft: CommitDraft): CommitDraft {
  return { ...draft, events: draft.events.map(liveEvent) };
}

function liveEvent(event: DomainEvent): DomainEvent {
  if (
    event.type === 'BookOpened' &&
    event.payload.evaluation.maxInterval === DEFAULT_EVALUATION.maxInterval
  ) {
    const evaluation = { ...event.payload.evaluation, maxInterval: EVALUATION_INTERVAL };
    return { type: event.type, payload: { ...event.payload, evaluation } };
  }
  if (event.type === 'VenueAccountOpened' && event.payload.limits.reconciliation === undefined) {
    const limits = { ...event.payload.limits, reconciliation: RECONCILIATION };
    const limitsVersion = toHex(sha256(utf8(canonicalJson(limits))));
    return { type: event.type, payload: { ...event.payload, limits, limitsVersion } };
  }
  return event;
}
