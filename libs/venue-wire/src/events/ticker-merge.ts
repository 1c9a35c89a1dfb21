import type { TickerEvent } from './venue-event';

/** What is known of an instrument after `update`: fields that `update` does not mention keep their last value. */
export function mergeTicker(known: TickerEvent | undefined, update: TickerEvent): TickerEvent {
  if (known === undefined) return update;
  const greeks = known.greeks === undefined ? update.greeks : { ...known.greeks, ...update.greeks };
  return greeks === undefined ? { ...known, ...update } : { ...known, ...update, greeks };
}
