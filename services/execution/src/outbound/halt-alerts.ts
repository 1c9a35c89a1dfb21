import type { ExecutionState } from '@evenkeel/execution';
import { createGauge } from '@evenkeel/telemetry';
import type { Logger, ServiceMetrics } from '@evenkeel/telemetry';
import type { Gauge } from 'prom-client';

/** Tells people of venues that were halted and throttles that tripped, once each time; and counts them for alerts. */
export class HaltAlerts {
  private readonly halted: Gauge;
  private readonly tripped: Gauge;
  private readonly said = new Set<string>();

  constructor(
    metrics: Pick<ServiceMetrics, 'registry'>,
    private readonly logger: Pick<Logger, 'error' | 'info'>,
  ) {
    this.halted = createGauge(metrics.registry, 'evenkeel_venues_halted');
    this.tripped = createGauge(metrics.registry, 'evenkeel_throttles_tripped');
  }

  look(states: readonly Pick<ExecutionState, 'books'>[]): void {
    const now = new Map<string, { readonly reason: string; readonly found: object }>();
    let halted = 0;
    let tripped = 0;
    for (const { books } of states) {
      for (const [book, { accounts, controls }] of books) {
        for (const { venue, watch } of accounts.values()) {
          if (watch.halted === undefined) continue;
          halted += 1;
          const found = { book, venue, reason: watch.halted.reason, differences: watch.lastDifferences };
          now.set(`venue|${book}|${venue}|${watch.halted.at}`, { reason: 'a venue is halted', found });
        }
        for (const [instrument, { tripped: trip }] of controls.repetitions) {
          if (trip === undefined) continue;
          tripped += 1;
          now.set(`throttle|${book}|${instrument}|${trip.at}`, {
            reason: 'a throttle has tripped',
            found: trip,
          });
        }
      }
    }
    this.halted.set(halted);
    this.tripped.set(tripped);
    for (const [key, { reason, found }] of now) {
      if (this.said.has(key)) continue;
      this.said.add(key);
      this.logger.error(found, reason);
    }
  }
}
