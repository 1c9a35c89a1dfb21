/**
 * The kill switch at the door of the venue: latches that people set in a key-value bucket beside the journal, so that they
 * work when the journal does not. Pure: the host feeds what it reads and its own milliseconds. Fails closed: a view that
 * is too old, or a value that cannot be read, stops trading as an engaged latch does.
 */

/** `firm`, `book:<id>`, `strategy:<policy kind>`, `venue:<id>`, `instrument:<id>`. */
export type KillScope = string;

export interface Latch {
  readonly engaged: boolean;
  /** The person who set or released it. */
  readonly by: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly at: string;
}

export interface LatchBoard {
  /** Host milliseconds at which this view was last known to be current; undefined when it never was. */
  readonly confirmedAtMs: number | undefined;
  readonly latches: ReadonlyMap<KillScope, Latch | 'unreadable'>;
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
  const scopes = ['firm', `book:${book}`, `venue:${venue}`, `instrument:${instrument}`];
  return strategy === '' ? scopes : [...scopes, `strategy:${strategy}`];
}

export function isKillScope(text: string): boolean {
  return text === 'firm' || /^(book|strategy|venue|instrument):\S+$/.test(text);
}

export function encodeLatch(latch: Latch): string {
  return JSON.stringify({ engaged: latch.engaged, by: latch.by, reason: latch.reason, at: latch.at });
}

/** A value as stored; whatever is not a whole latch is `unreadable`, and so engaged. */
export function decodeLatch(text: string): Latch | 'unreadable' {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'unreadable';
  }
  if (typeof value !== 'object' || value === null) return 'unreadable';
  const { engaged, by, reason, at } = value as Record<string, unknown>; // a non-null object has string keys
  if (typeof engaged !== 'boolean' || typeof by !== 'string' || by === '') return 'unreadable';
  if (typeof reason !== 'string' || typeof at !== 'string') return 'unreadable';
  return { engaged, by, reason, at };
}

/**
 * A value arrived for a scope. `undefined` means that the key was deleted: nobody released it, so it counts as
 * unreadable. Does not by itself prove that the whole view is current.
 */
export function withLatch(board: LatchBoard, scope: KillScope, text: string | undefined): LatchBoard {
  const latches = new Map(board.latches);
  latches.set(scope, text === undefined ? 'unreadable' : decodeLatch(text));
  return { ...board, latches };
}

/** The store has just confirmed (a heartbeat, a fresh read of all keys) that this view is complete. */
export function confirmed(board: LatchBoard, nowMs: number): LatchBoard {
  return { ...board, confirmedAtMs: nowMs };
}

export type TradingPermission =
  | { readonly allowed: true }
  | {
      readonly allowed: false;
      readonly code: 'KILL_ENGAGED' | 'KILL_UNREADABLE' | 'KILL_STALE';
      readonly message: string;
    };

/** May something under `scopes` be sent now? A clock that ran backwards counts as stale. */
export function mayTrade(
  board: LatchBoard,
  scopes: readonly KillScope[],
  nowMs: number,
  maxAgeMs: number,
): TradingPermission {
  for (const scope of scopes) {
    const latch = board.latches.get(scope);
    if (latch === 'unreadable') {
      return { allowed: false, code: 'KILL_UNREADABLE', message: `the latch of ${scope} cannot be read` };
    }
    if (latch?.engaged === true) {
      return {
        allowed: false,
        code: 'KILL_ENGAGED',
        message: `${scope} was stopped by ${latch.by}: ${latch.reason}`,
      };
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
