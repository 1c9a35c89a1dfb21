import type { DeliveryPrice, InstrumentSettled } from '@evenkeel/facts';
import { parseInstrument } from '@evenkeel/instruments';
import { formatInstant } from '@evenkeel/kernel';

/** Which expiring instruments wait for which delivery price. */
export interface SettlementWatch {
  /** Notes that an instrument exists; contracts without expiry are ignored. */
  watch(instrument: string): void;
  /** What a delivery price settles, in order of the ids; each instrument settles once. */
  settle(delivery: DeliveryPrice): InstrumentSettled[];
}

export function createSettlementWatch(interest: ReadonlySet<string> | undefined): SettlementWatch {
  const known = new Set<string>();
  const waiting = new Map<string, string[]>();
  const add = (instrument: string): void => {
    known.add(instrument);
    const parsed = parseInstrument(instrument);
    if (!parsed.ok || parsed.value.expiry === undefined) return;
    const key = `${parsed.value.underlying}@${parsed.value.venue}/${formatInstant(parsed.value.expiry)}`;
    const group = waiting.get(key);
    if (group === undefined) waiting.set(key, [instrument]);
    else group.push(instrument);
  };
  for (const instrument of interest ?? []) add(instrument);
  return {
    watch(instrument) {
      if (interest === undefined && !known.has(instrument)) add(instrument);
    },
    settle({ underlying, venue, expiry, price, source }) {
      const key = `${underlying}@${venue}/${expiry}`;
      const group = waiting.get(key) ?? [];
      waiting.delete(key);
      return group.sort().map((instrument) => ({ instrument, at: expiry, deliveryPrice: price, source }));
    },
  };
}
