import type { MarkStatus } from '@evenkeel/facts';
import type { Instant } from '@evenkeel/kernel';
import { parseInstant } from '@evenkeel/kernel';
import type { RawPrice, SourceDescription } from '../tape/raw-instant';
import type { PriceRules } from './rules';

/** What the price core knows of one source of trade-like prices. */
export interface SourceState {
  readonly description: SourceDescription;
  readonly weight: number;
  /** Age in nanoseconds beyond which it is stale or halted; infinite without a rhythm. */
  readonly staleAfter: number;
  readonly haltedAfter: number;
  /** The last price that was believed. */
  last?: RawPrice;
  value: number;
  /** Event time of `last`. */
  at: Instant;
  /** When something last traded, or the source began to be awaited. */
  tradedAt: Instant;
  /** A price that was not believed, and how often it has come. */
  suspect?: { price: RawPrice; value: number; times: number };
  /** Basis points from its peers at the last comparison. */
  deviationBps?: number;
  status: MarkStatus;
  reasons: readonly string[];
  degradedSince?: string;
  haltedSince?: string;
  /** Something about it changed at this instant. */
  changed: boolean;
}

export function createSourceState(
  description: SourceDescription,
  weight: number,
  rules: PriceRules,
  start: Instant,
): SourceState {
  const interval = description.interval === undefined ? Infinity : Number(description.interval);
  return {
    description,
    weight,
    staleAfter: interval * rules.staleAfterIntervals,
    haltedAfter: interval * rules.haltedAfterIntervals,
    value: 0,
    at: start,
    tradedAt: start,
    status: 'OK',
    reasons: [],
    changed: false,
  };
}

export function distanceBps(a: number, b: number): number {
  return (Math.abs(a - b) / ((a + b) / 2)) * 10_000;
}

/**
 * Takes a new price in, unless it is further from the last one than the bound allows and neither another source
 * (`peers`: prices of this same moment) nor its own persistence speaks for it.
 */
export function acceptPrice(
  state: SourceState,
  price: RawPrice,
  peers: readonly number[],
  rules: PriceRules,
): void {
  const value = Number(price.price);
  state.changed = true;
  const sane = value > 0 && value < Infinity;
  const jumped = sane && state.last !== undefined && distanceBps(value, state.value) > rules.jumpBps;
  const backed = peers.some((peer) => distanceBps(peer, value) <= rules.deviationHaltedBps);
  if (!sane || (jumped && !backed && !confirmed(state, price, value, rules)))
    return suspect(state, price, value, rules);
  delete state.suspect;
  state.last = price;
  state.value = value;
  state.at = parseInstant(price.eventTime);
  if (price.traded) state.tradedAt = state.at;
}

function suspect(state: SourceState, price: RawPrice, value: number, rules: PriceRules): void {
  const times =
    state.suspect !== undefined && distanceBps(state.suspect.value, value) <= rules.jumpBps
      ? state.suspect.times + 1
      : 1;
  state.suspect = { price, value, times };
}

function confirmed(state: SourceState, _price: RawPrice, value: number, rules: PriceRules): boolean {
  if (state.suspect === undefined || distanceBps(state.suspect.value, value) > rules.jumpBps) return false;
  return state.suspect.times + 1 >= rules.jumpConfirmations;
}

/** Usable as a witness against others: believed, and not so old that it says nothing. */
export function isWitness(state: SourceState, now: Instant): boolean {
  return (
    state.last !== undefined &&
    state.suspect === undefined &&
    Number(now - state.tradedAt) <= state.haltedAfter
  );
}

export interface Verdict {
  readonly status: MarkStatus;
  readonly reasons: readonly string[];
}

const GOOD: Verdict = { status: 'OK', reasons: [] };

/** The verdict on a source at `now`, its deviation included. Reasons come in a fixed order. */
export function judge(state: SourceState, now: Instant, rules: PriceRules): Verdict {
  const age = Number(now - state.tradedAt);
  if (state.last === undefined && state.suspect === undefined) {
    return age > state.haltedAfter ? { status: 'HALTED', reasons: ['NO_DATA'] } : GOOD;
  }
  const reasons: string[] = [];
  let halted = false;
  if (age > state.staleAfter) {
    reasons.push('STALE');
    halted = age > state.haltedAfter;
  } else if (state.last?.traded === false) reasons.push('NO_TRADES');
  if (state.suspect !== undefined) {
    reasons.push('OUT_OF_BOUNDS');
    halted = true;
  }
  if (isCrossed(state.last)) reasons.push('CROSSED');
  if (state.deviationBps !== undefined && state.deviationBps > rules.deviationDegradedBps) {
    reasons.push('DEVIATES');
    halted ||= state.deviationBps > rules.deviationHaltedBps;
  }
  if (reasons.length === 0) return GOOD;
  return { status: halted ? 'HALTED' : 'DEGRADED', reasons };
}

export function isCrossed(quote: { readonly bid?: string; readonly ask?: string } | undefined): boolean {
  if (quote?.bid === undefined || quote.ask === undefined) return false;
  return Number(quote.bid) > Number(quote.ask);
}
