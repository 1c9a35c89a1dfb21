import type { Instant } from '@evenkeel/kernel';

/** Somebody wants to be woken at an event time. */
export interface WakeRequest {
  readonly service: string;
  readonly at: Instant;
}

export type NextInstant =
  | { readonly kind: 'market'; readonly at: Instant }
  | { readonly kind: 'wake'; readonly at: Instant; readonly services: readonly string[] };

/**
 * What event time comes next: the market's next instant or the earliest wake-up asked for. Instants strictly increase,
 * so a wake-up that is due already, or together with the market, follows one nanosecond later. Undefined when there is
 * neither. The services' lockstep and the lab both step with this, which is why they see the same instants.
 */
export function nextInstant(
  last: Instant | undefined,
  nextMarket: Instant | undefined,
  wakes: readonly WakeRequest[],
): NextInstant | undefined {
  const earliest = wakes.reduce<Instant | undefined>(
    (least, wake) => (least === undefined || wake.at < least ? wake.at : least),
    undefined,
  );
  if (earliest !== undefined) {
    const at = last !== undefined && earliest <= last ? last + 1n : earliest;
    if (nextMarket === undefined || at < nextMarket) {
      const services = [...new Set(wakes.filter((wake) => wake.at <= at).map((wake) => wake.service))].sort();
      return { kind: 'wake', at, services };
    }
  }
  return nextMarket === undefined ? undefined : { kind: 'market', at: nextMarket };
}
