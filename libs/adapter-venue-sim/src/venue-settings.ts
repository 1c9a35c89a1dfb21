import type { InstrumentSpec } from '@evenkeel/instruments';
import type { VenueQuirks } from './fates';
import type { MarketModel } from './market-model';
import type { SimulatedVenueConfig } from './venue-state';

/** How the simulated exchange behaves; the same settings give the same fills in the lab and in the services. */
export interface VenueSettings {
  readonly seed?: string;
  /** ISO 8601 duration of event time from an order to its answer. */
  readonly latency?: string;
  readonly quirks?: Partial<VenueQuirks>;
  /** Depth, queues, own impact, latencies, outages; absent: any size at the touch. */
  readonly market?: MarketModel;
}

/** The simulated exchange for these contracts, each named once however many books trade it. */
export function simulatedVenueConfig(
  specifications: readonly InstrumentSpec[],
  settings: VenueSettings = {},
): SimulatedVenueConfig {
  const distinct = new Map(specifications.map((specification) => [specification.id, specification]));
  return {
    seed: settings.seed ?? 'evenkeel',
    specifications: [...distinct.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    ...(settings.latency === undefined ? {} : { latency: settings.latency }),
    ...(settings.quirks === undefined ? {} : { quirks: settings.quirks }),
    ...(settings.market === undefined ? {} : { market: settings.market }),
  };
}
