/**
 * The kill switch at the door of the venue: latches that people set in a key-value bucket beside the journal, so that they
 * work when the journal does not. Pure: the host feeds what it hears and its own milliseconds. Fails closed: a view that is
 * too old stops trading as an engaged latch does.
 *
 * Each stop is an *engagement* with an id of its own, and a release is good for the engagements that it names and for no
 * other. A scope is stopped while one of them is in force, whatever a store says or forgets about it.
 */
import type { Approval, KillEngaged } from '@evenkeel/facts';
import { uuidV5 } from '@evenkeel/kernel';

/** `firm`, `book:<id>`, `strategy:<policy kind>`, `venue:<id>`, `instrument:<id>`, or `latches`. */
export type KillScope = string;

/** Stops everything, as `firm` does: the store of the latches was lost, and nobody knows what it had held. */
export const LATCHES_LOST = 'latches';

/** In force at once for one scope. Beyond it the oldest is dropped: what releases the newest was agreed on after it. */
export const ENGAGEMENTS_MAX = 16;
/** Releases of a scope that are remembered, so that what they ended does not begin again. */
const RELEASES_MAX = 64;

/** One stop, by one person, for one reason. */
export interface Engagement {
  /** A UUID: names this stop and no other, in every store and on the journal. */
  readonly engagement: string;
  /** The person who set it. */
  readonly by: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly at: string;
}

/** The stop of a fact; in journals older than engagements it is named by what the fact says. */
export function engagementOf({ scope, by, reason, at, engagement }: KillEngaged): Engagement {
  return { engagement: engagement ?? uuidV5(`engagement|${scope}|${by}|${reason}|${at}`), by, reason, at };
}

/** Every stop of a scope stands for itself, until the scope is released; that of an older journal by what it says. */
export function withKill(kills: readonly KillEngaged[], kill: KillEngaged): readonly KillEngaged[] {
  const { engagement } = engagementOf(kill);
  const others = kills.filter((one) => engagementOf(one).engagement !== engagement);
  return [...others, kill].slice(-ENGAGEMENTS_MAX);
}

/** The end of engagements, once everything that it needs was verified. */
export interface Release {
  readonly engagements: readonly string[];
  readonly by: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly at: string;
  /** Who asked for it and who agreed; absent where nobody had to. */
  readonly approval?: Approval;
}

export interface Latch {
  /** True while an engagement is in force. */
  readonly engaged: boolean;
  /** Who set it last, or released it. */
  readonly by: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly at: string;
  /** In force, oldest first. */
  readonly engagements: readonly Engagement[];
  /** Those that ended, oldest first. */
  readonly releases: readonly Release[];
}

export interface LatchBoard {
  /** Host milliseconds at which this view was last known to be current; undefined when it never was. */
  readonly confirmedAtMs: number | undefined;
  readonly latches: ReadonlyMap<KillScope, Latch>;
}

/** Before anything was read: nothing may trade. */
export const UNREAD_BOARD: LatchBoard = { confirmedAtMs: undefined, latches: new Map() };

export interface TradedThing {
  readonly book: string;
  readonly venue: string;
  readonly instrument: string;
  /** Kind of the policy that decided; empty or absent where nobody says. */
  readonly strategy?: string;
}

/** Every scope whose latch covers an order. */
export function scopesOf({ book, venue, instrument, strategy = '' }: TradedThing): readonly KillScope[] {
  const scopes = ['firm', LATCHES_LOST, `book:${book}`, `venue:${venue}`, `instrument:${instrument}`];
  return strategy === '' ? scopes : [...scopes, `strategy:${strategy}`];
}

export function isKillScope(text: string): boolean {
  return (
    text === 'firm' || text === LATCHES_LOST || /^(book|strategy|venue|instrument):[^\s\p{Cc}]+$/u.test(text)
  );
}

/** A stop was heard of, from whichever side. One that is in force already changes nothing. */
export function withEngagement(board: LatchBoard, scope: KillScope, engagement: Engagement): LatchBoard {
  const latch = board.latches.get(scope);
  if (latch?.engagements.some((known) => known.engagement === engagement.engagement) === true) return board;
  const engagements = [...(latch?.engagements ?? []), engagement].slice(-ENGAGEMENTS_MAX);
  return withLatch(board, scope, engagements, latch?.releases ?? []);
}

/** What a verified release names is over; whatever else is in force under the scope stays. */
export function withRelease(board: LatchBoard, scope: KillScope, release: Release): LatchBoard {
  const latch = board.latches.get(scope);
  const known = latch?.releases ?? [];
  const engagements = (latch?.engagements ?? []).filter(
    ({ engagement }) => !release.engagements.includes(engagement),
  );
  if (
    known.some((one) => sameRelease(one, release)) &&
    engagements.length === (latch?.engagements ?? []).length
  )
    return board;
  const releases = [...known.filter((one) => !sameRelease(one, release)), release].slice(-RELEASES_MAX);
  return withLatch(board, scope, engagements, releases);
}

/** Whether an engagement was in force and is over. */
export function isReleased(board: LatchBoard, scope: KillScope, engagement: string): boolean {
  const releases = board.latches.get(scope)?.releases ?? [];
  return releases.some(({ engagements }) => engagements.includes(engagement));
}

function sameRelease(a: Release, b: Release): boolean {
  return a.at === b.at && a.by === b.by && a.engagements.join() === b.engagements.join();
}

function withLatch(
  board: LatchBoard,
  scope: KillScope,
  engagements: readonly Engagement[],
  releases: readonly Release[],
): LatchBoard {
  const { by, reason, at } = engagements.at(-1) ?? releases.at(-1) ?? { by: '', reason: '', at: '' };
  const latch = { engaged: engagements.length > 0, by, reason, at, engagements, releases };
  return { ...board, latches: new Map(board.latches).set(scope, latch) };
}

/** The store has just confirmed (a fresh read of all keys) that this view is complete. */
export function confirmed(board: LatchBoard, nowMs: number): LatchBoard {
  return { ...board, confirmedAtMs: nowMs };
}

export type TradingPermission =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly code: 'KILL_ENGAGED' | 'KILL_STALE'; readonly message: string };

/** May something under `scopes` be sent now? A clock that ran backwards counts as stale. */
export function mayTrade(
  board: LatchBoard,
  scopes: readonly KillScope[],
  nowMs: number,
  maxAgeMs: number,
): TradingPermission {
  for (const scope of scopes) {
    const latch = board.latches.get(scope);
    if (latch?.engaged === true) {
      const message = `${scope} was stopped by ${latch.by}: ${latch.reason}`;
      return { allowed: false, code: 'KILL_ENGAGED', message };
    }
  }
  if (board.confirmedAtMs === undefined) {
    return { allowed: false, code: 'KILL_STALE', message: 'the kill latches have not been read yet' };
  }
  const ageMs = nowMs - board.confirmedAtMs;
  if (ageMs >= 0 && ageMs <= maxAgeMs) return { allowed: true };
  return {
    allowed: false,
    code: 'KILL_STALE',
    message: `the kill latches were last confirmed ${ageMs} ms ago, limit ${maxAgeMs} ms`,
  };
}
