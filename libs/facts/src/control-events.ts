import type { Approval } from './governance-events';
/** execution context: latches, throttles and exceptions, each in somebody's name. */

export interface KillEngaged {
  readonly scope: string;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
  /** Names this stop: what its release has to name. Absent in journals older than this field. */
  readonly engagement?: string;
}

/** Nothing stops the scope any more. */
export interface KillReleased {
  readonly scope: string;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
  /** Who asked for the release and who agreed; absent where governance is not required. */
  readonly approval?: Approval;
  /** The engagement that was in force last. Absent in journals older than this field. */
  readonly engagement?: string;
}

/** A named person lets a soft limit be exceeded, for a while. */
export interface ControlOverridden {
  readonly overrideId: string;
  readonly book: string;
  /** Name of the check, e.g. `order-quantity`. */
  readonly control: string;
  /** Only for this instrument; empty: every instrument of the book. */
  readonly instrument: string;
  /** The limit in force meanwhile, in the control's own unit; empty: none. */
  readonly upTo: string;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
  readonly expiresAt: string;
  /** Who asked for it and who agreed; absent where governance is not required. */
  readonly approval?: Approval;
}

export interface OverrideRevoked {
  readonly overrideId: string;
  readonly book: string;
  readonly control: string;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
}

export interface OverrideExpired {
  readonly overrideId: string;
  readonly book: string;
  readonly control: string;
  readonly at: string;
}

/** The same thing was done too often: nothing more in this instrument until a person resets it. */
export interface ThrottleTripped {
  readonly book: string;
  readonly instrument: string;
  readonly executions: number;
  readonly limit: number;
  readonly window: string;
  readonly at: string;
}

export interface ThrottleReset {
  readonly book: string;
  readonly instrument: string;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
  /** Who asked for it and who agreed; absent where governance is not required. */
  readonly approval?: Approval;
}

/** A named person forbids an instrument to a book, or allows it again. */
export interface RestrictionSet {
  readonly book: string;
  readonly instrument: string;
  readonly restricted: boolean;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
  /** Who asked for it and who agreed; absent for a restriction, and where governance is not required. */
  readonly approval?: Approval;
}

/** What a person asked of execution, and did not get. Nothing changes by it. */
export interface ControlRefused {
  /** Names the command, as it was handed over. */
  readonly commandId: string;
  readonly book: string;
  /** Kind of the command, e.g. `venue-resume`. */
  readonly asked: string;
  /** Canonical JSON of what was asked for. */
  readonly content: string;
  readonly by: string;
  readonly reason: string;
  /** ISO 8601, the person's clock. */
  readonly askedAt: string;
  readonly at: string;
  /** Why not: stable codes. */
  readonly reasons: readonly string[];
  /** The proposal that was named; absent where none was. */
  readonly proposalId?: string;
}
