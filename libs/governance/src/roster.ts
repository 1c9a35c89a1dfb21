import type { RosterChange } from '@evenkeel/facts';
import { canonicalJson, sha256, toHex, utf8 } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';
import type { ChangeApproved, ChangeProposed, Enrolment } from './events';

/**
 * Who is enrolled and how it came to that: the roster of the beginning, named by its hash, and every change since, each
 * naming the hash before it.
 */
export interface Roster {
  readonly genesis: readonly Enrolment[];
  readonly changes: readonly RosterChange[];
  /** Hash of the genesis, then of the roster after each change; the last one is the roster's own. */
  readonly heads: readonly string[];
}

/** SHA-256 of a roster that governance begins with, hex: what services pin. The order of people does not matter. */
export function rosterHash(enrolments: readonly Enrolment[]): string {
  const people = [...enrolments].sort((a, b) => (a.identity < b.identity ? -1 : 1));
  return hashOf({ roster: people.map(asJson) });
}

export function rosterOf(genesis: readonly Enrolment[]): Roster {
  return { genesis, changes: [], heads: [rosterHash(genesis)] };
}

/** The roster after one more change. */
export function changedRoster(roster: Roster, change: RosterChange): Roster {
  return {
    ...roster,
    changes: [...roster.changes, change],
    heads: [...roster.heads, headAfter(headOf(roster), change.proposed, change.approved)],
  };
}

export function headOf({ heads }: Roster): string {
  return heads[heads.length - 1] ?? '';
}

function headAfter(
  before: string,
  { proposalId, contentHash, proposedBy }: Pick<ChangeProposed, 'proposalId' | 'contentHash' | 'proposedBy'>,
  { approvedBy, at }: Pick<ChangeApproved, 'approvedBy' | 'at'>,
): string {
  return hashOf({ after: before, proposalId, contentHash, proposedBy, approvedBy, at });
}

function hashOf(value: Json): string {
  return toHex(sha256(utf8(canonicalJson(value))));
}

function asJson({ identity, roles, credentials }: Enrolment): Json {
  return { identity, roles: [...roles], credentials: credentials.map((one) => ({ ...one })) };
}
