import type { ControlOverridden, DomainEvent, RestrictionSet, ThrottleTripped } from '@evenkeel/facts';
import { parseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { countAfter, forgetTime, noteTime } from '../recent-times';

export interface ActiveOverride {
  readonly grant: ControlOverridden;
  readonly expiresAt: Instant;
}

/** Decisions that were executed in one instrument. */
export interface Repetition {
  /** Decision id → event time of its first order, oldest first. */
  readonly decisions: Map<string, Instant>;
  /** The times alone, oldest first. */
  readonly times: Instant[];
  tripped: ThrottleTripped | undefined;
}

/** What people have set for a book besides its limits, and what its throttles have counted. */
export interface BookControls {
  readonly overrides: Map<string, ActiveOverride>;
  /** Instruments that a person forbade, or allowed again although the limits forbid them. */
  readonly restrictions: Map<string, RestrictionSet>;
  readonly repetitions: Map<string, Repetition>;
}

export function initialControls(): BookControls {
  return { overrides: new Map(), restrictions: new Map(), repetitions: new Map() };
}

/** Folds what a person or a throttle said; true where it was for us. */
export function foldControl(controls: BookControls, event: DomainEvent): boolean {
  switch (event.type) {
    case 'ControlOverridden':
      controls.overrides.set(event.payload.overrideId, {
        grant: event.payload,
        expiresAt: parseInstant(event.payload.expiresAt),
      });
      return true;
    case 'OverrideRevoked':
    case 'OverrideExpired':
      controls.overrides.delete(event.payload.overrideId);
      return true;
    case 'ThrottleTripped':
      repetitionOf(controls, event.payload.instrument).tripped = event.payload;
      return true;
    case 'ThrottleReset':
      controls.repetitions.delete(event.payload.instrument);
      return true;
    case 'RestrictionSet':
      controls.restrictions.set(event.payload.instrument, event.payload);
      return true;
    default:
      return false;
  }
}

export function repetitionOf(controls: BookControls, instrument: string): Repetition {
  let found = controls.repetitions.get(instrument);
  if (found === undefined) {
    found = { decisions: new Map(), times: [], tripped: undefined };
    controls.repetitions.set(instrument, found);
  }
  return found;
}

/** Notes an execution; the children of one decision count once. Forgets what lies more than `horizon` back. */
export function noteExecution(
  controls: BookControls,
  instrument: string,
  decisionId: string,
  at: Instant,
  horizon: bigint,
): void {
  const { decisions, times } = repetitionOf(controls, instrument);
  if (!decisions.has(decisionId)) {
    decisions.set(decisionId, at);
    noteTime(times, at);
  }
  for (const [id, time] of decisions) {
    if (time > at - horizon) break;
    decisions.delete(id);
    forgetTime(times, time);
  }
}

/** Decisions executed in `instrument` within `window` up to `now`, `decisionId` not counted. */
export function executionsWithin(
  controls: BookControls,
  instrument: string,
  decisionId: string,
  now: Instant,
  window: bigint,
): number {
  const repetition = controls.repetitions.get(instrument);
  if (repetition === undefined) return 0;
  const after = now - window;
  const own = repetition.decisions.get(decisionId);
  return countAfter(repetition.times, after) - (own !== undefined && own > after ? 1 : 0);
}

/** The override that lets a failed check pass now, if a person granted one wide enough. */
export function overrideFor(
  controls: BookControls,
  control: string,
  instrument: string,
  now: Instant,
  allows: (upTo: string) => boolean,
): ControlOverridden | undefined {
  for (const { grant, expiresAt } of controls.overrides.values()) {
    if (grant.control !== control || expiresAt <= now) continue;
    if (grant.instrument !== '' && grant.instrument !== instrument) continue;
    if (grant.upTo === '' || allows(grant.upTo)) return grant;
  }
  return undefined;
}

/** Overrides whose time is over and nobody has said so. */
export function expiredOverrides(controls: BookControls, now: Instant): ControlOverridden[] {
  return [...controls.overrides.values()]
    .filter(({ expiresAt }) => expiresAt <= now)
    .map(({ grant }) => grant);
}

/** When the next override ends; undefined without any. */
export function nextExpiry(controls: BookControls): Instant | undefined {
  let first: Instant | undefined;
  for (const { expiresAt } of controls.overrides.values())
    if (first === undefined || expiresAt < first) first = expiresAt;
  return first;
}
