import type { Mark, MarkStatus, ObservedSource } from '@evenkeel/facts';
import type { Instant } from '@evenkeel/kernel';
import { formatInstant } from '@evenkeel/kernel';
import type { PriceRules } from './rules';
import { distanceBps, isWitness } from './source-health';
import type { SourceState, Verdict } from './source-health';
import { weightedMedian } from './weighted-median';

/** Our own price of one underlying, made of all its sources. */
export interface CompositeState {
  readonly instrument: string;
  readonly underlying: string;
  readonly members: readonly SourceState[];
  readonly quorum: number;
  price?: string;
  /** Event time of the newest price in it. */
  at: Instant;
  status: MarkStatus;
  reasons: readonly string[];
  degradedSince?: string;
  haltedSince?: string;
}

export function createCompositeState(
  underlying: string,
  members: readonly SourceState[],
  rules: PriceRules,
): CompositeState {
  const quorum = Math.min(rules.quorum, members.length);
  return {
    instrument: `${underlying}@composite`,
    underlying,
    members,
    quorum,
    at: 0n,
    status: 'OK',
    reasons: [],
  };
}

/**
 * Compares each member with its peers: with three or more against their weighted median, with two against each other
 * (nobody can tell which of the two is wrong). Prices are compared only when no further apart in time than the shorter of
 * their intervals; a member without a comparable peer keeps its last verdict.
 */
export function compareMembers(composite: CompositeState, now: Instant): void {
  const witnesses = composite.members.filter((member) => isWitness(member, now));
  for (const member of composite.members) {
    if (!witnesses.includes(member)) {
      delete member.deviationBps;
      continue;
    }
    const peers = witnesses.filter((peer) => peer === member || areComparable(peer, member));
    const others = peers.filter((peer) => peer !== member);
    if (others.length === 0) {
      if (witnesses.length === 1) delete member.deviationBps;
      continue;
    }
    const reference = medianOf(others.length >= 2 ? peers : others);
    if (reference !== undefined) member.deviationBps = distanceBps(member.value, Number(reference));
  }
}

function areComparable(a: SourceState, b: SourceState): boolean {
  const apart = a.at > b.at ? a.at - b.at : b.at - a.at;
  const shorter = Math.min(a.staleAfter, b.staleAfter) / 2;
  return Number(apart) <= shorter;
}

function medianOf(members: readonly SourceState[]): string | undefined {
  return weightedMedian(
    members.flatMap((member) =>
      member.last === undefined
        ? []
        : [{ price: member.last.price, value: member.value, weight: member.weight }],
    ),
  );
}

/** Takes the weighted median of what is not halted; a composite with nothing to stand on keeps its last price and is halted. */
export function recompute(composite: CompositeState): Verdict {
  const usable = composite.members.filter(
    (member) => member.status !== 'HALTED' && member.last !== undefined,
  );
  const median = medianOf(usable);
  if (median !== undefined) {
    composite.price = median;
    composite.at = usable.reduce((newest, member) => (member.at > newest ? member.at : newest), 0n);
  }
  if (usable.length === 0) return { status: 'HALTED', reasons: reasonsOf(composite.members) };
  const good = usable.filter((member) => member.status === 'OK').length;
  if (good < composite.quorum) return { status: 'DEGRADED', reasons: ['QUORUM'] };
  return { status: 'OK', reasons: [] };
}

function reasonsOf(members: readonly SourceState[]): string[] {
  const reasons = new Set(members.flatMap((member) => member.reasons));
  return reasons.size === 0 ? ['NO_DATA'] : [...reasons].sort();
}

export function observe(
  member: SourceState,
  composite: CompositeState | undefined,
  now: Instant,
): ObservedSource[] {
  const seen = member.suspect?.price ?? member.last;
  if (seen === undefined) return [];
  const reference = composite?.price === undefined ? undefined : Number(composite.price);
  return [
    {
      source: member.description.source,
      instrument: member.description.instrument,
      price: seen.price,
      eventTime: seen.eventTime,
      ageSeconds: Number(now - member.at) / 1e9,
      ...(reference === undefined ? {} : { deviationBps: signedBps(Number(seen.price), reference) }),
      reasons: member.reasons,
    },
  ];
}

/** Rounded to a thousandth of a basis point: what people read. */
function signedBps(price: number, reference: number): number {
  return Math.round((price / reference - 1) * 1e7) / 1e3;
}

export function compositeMark(composite: CompositeState, now: string): Mark | undefined {
  if (composite.price === undefined) return undefined;
  return {
    instrument: composite.instrument,
    kind: 'composite',
    price: composite.price,
    eventTime: formatInstant(composite.at),
    receivedTime: now,
    source: 'composite',
    status: composite.status,
    reasons: composite.reasons,
  };
}
