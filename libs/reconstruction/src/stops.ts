import type { Approval, HedgeDecision, PolicySet } from '@evenkeel/facts';
import { assertNever } from '@evenkeel/kernel';
import type { Stop, StopEnd } from './reconstruction';
import type { Placed, ToldCommits } from './told-commits';

/** What can stand in the way of a book, and what ends it. */
export const STOP_EVENTS = [
  'KillEngaged',
  'KillReleased',
  'RestrictionSet',
  'VenueHalted',
  'VenueResumed',
  'ThrottleTripped',
  'ThrottleReset',
  'PriceHalted',
  'PriceRestored',
] as const;

type StopEvent = Placed<(typeof STOP_EVENTS)[number]>;

interface Open {
  readonly seq: number;
  readonly stop: Omit<Stop, 'commit' | 'ended'>;
  ended?: { readonly seq: number; readonly end: Omit<StopEnd, 'commit'> };
}

/** What a stop is about, for a decision. */
export interface StopQuestion {
  readonly decision: Pick<HedgeDecision, 'book' | 'policyKind' | 'assessments'>;
  readonly hedgeInstruments: PolicySet['hedgeInstruments'];
  /** The newest sequence that may begin a stop of this story. */
  readonly until: number;
}

/** The stops that a decision met, oldest first. */
export function stopsOf(
  told: ToldCommits,
  question: StopQuestion,
  standing: (seq: number, approval: Approval) => string,
): readonly Stop[] {
  const { until } = question;
  const begun: Open[] = [];
  for (const event of told.material.all(...STOP_EVENTS)) {
    const { seq } = event;
    if (told.material.at(seq).commit.book !== question.decision.book && !isPrice(event)) continue;
    const change = changeOf(event);
    const open = begun.filter(
      ({ stop, ended }) =>
        ended === undefined && stop.kind === change.kind && stop.subject === change.subject,
    );
    if (change.does === 'end') for (const one of open) one.ended = { seq, end: change.end };
    // A latch holds once for each person who set it; anything else stands once.
    else if (open.length === 0 || change.kind === 'kill') begun.push({ seq, stop: change.stop });
  }
  return begun
    .filter(
      ({ seq, ended, stop }) =>
        seq <= until && !(ended !== undefined && ended.seq <= until) && isMet(stop, question),
    )
    .map(({ seq, stop, ended }) => ({
      ...stop,
      commit: told.use(seq),
      ...(ended === undefined ? {} : { ended: endOf(ended.seq, ended.end, told, standing) }),
    }));
}

function endOf(
  seq: number,
  end: Omit<StopEnd, 'commit'>,
  told: ToldCommits,
  standing: (seq: number, approval: Approval) => string,
): StopEnd {
  const { approval } = end;
  return {
    ...end,
    commit: told.use(seq),
    ...(approval === undefined ? {} : { standing: standing(seq, approval) }),
  };
}

type Change = Pick<Stop, 'kind' | 'subject'> &
  (
    | { readonly does: 'begin'; readonly stop: Open['stop'] }
    | { readonly does: 'end'; readonly end: Omit<StopEnd, 'commit'> }
  );

function begins(stop: Open['stop']): Change {
  return { does: 'begin', kind: stop.kind, subject: stop.subject, stop };
}

function ends(kind: Stop['kind'], subject: string, end: Omit<StopEnd, 'commit'>): Change {
  const { by, reason, at, approval } = end;
  const named = { ...(by === undefined ? {} : { by }), ...(approval === undefined ? {} : { approval }) };
  return { does: 'end', kind, subject, end: { ...named, reason, at } };
}

function changeOf(placed: StopEvent): Change {
  // Each type has its own payload; the switch takes them apart.
  const event = placed as { [T in StopEvent['type']]: Placed<T> }[StopEvent['type']];
  switch (event.type) {
    case 'KillEngaged': {
      const { scope, by, reason, at } = event.payload;
      return begins({ kind: 'kill', subject: scope, by, reason, at });
    }
    case 'KillReleased':
      return ends('kill', event.payload.scope, event.payload);
    case 'RestrictionSet': {
      const { instrument, restricted, by, reason, at } = event.payload;
      return restricted
        ? begins({ kind: 'restriction', subject: instrument, by, reason, at })
        : ends('restriction', instrument, event.payload);
    }
    case 'VenueHalted': {
      const { venue, reason, at } = event.payload;
      return begins({ kind: 'venue', subject: venue, reason, at });
    }
    case 'VenueResumed':
      return ends('venue', event.payload.venue, event.payload);
    case 'ThrottleTripped': {
      const { instrument, executions, window, limit, at } = event.payload;
      const reason = `${executions} executions within ${window}, limit ${limit}`;
      return begins({ kind: 'throttle', subject: instrument, reason, at });
    }
    case 'ThrottleReset':
      return ends('throttle', event.payload.instrument, event.payload);
    case 'PriceHalted': {
      const { instrument, reasons, at } = event.payload;
      return begins({ kind: 'price', subject: instrument, reason: reasons.join(', '), at });
    }
    case 'PriceRestored': {
      const { instrument, at } = event.payload;
      return ends('price', instrument, { reason: 'the price was back', at });
    }
    default:
      return assertNever(event, 'a stop');
  }
}

function isPrice({ type }: StopEvent): boolean {
  return type === 'PriceHalted' || type === 'PriceRestored';
}

/** Whether a stop is about what the decision may trade, or is made on. */
function isMet({ kind, subject }: Pick<Stop, 'kind' | 'subject'>, question: StopQuestion): boolean {
  const { decision, hedgeInstruments } = question;
  switch (kind) {
    case 'kill': {
      if (['firm', 'latches', `book:${decision.book}`, `strategy:${decision.policyKind}`].includes(subject))
        return true;
      return hedgeInstruments.some(
        (id) => subject === `instrument:${id}` || subject === `venue:${venueOf(id)}`,
      );
    }
    case 'venue':
      return hedgeInstruments.some((id) => venueOf(id) === subject);
    case 'restriction':
    case 'throttle':
      return hedgeInstruments.includes(subject);
    case 'price':
      return (
        hedgeInstruments.includes(subject) ||
        decision.assessments.some(({ underlying }) => subject === `${underlying}@composite`)
      );
    default:
      return assertNever(kind, 'what stands in the way');
  }
}

function venueOf(instrument: string): string {
  return instrument.slice(instrument.lastIndexOf('@') + 1);
}
