import { createGauge } from '@evenkeel/telemetry';
import type { Registry } from 'prom-client';
import type { PartitionVenues } from './partition-venues';

/** What a process has at its venues, for alerts: read when somebody looks. */
export function watchVenues(
  registry: Registry,
  partitions: () => Iterable<Pick<PartitionVenues, 'figures'>>,
): void {
  const gauge = (
    name:
      'evenkeel_orders_to_take_back' | 'evenkeel_venue_reports_waiting' | 'evenkeel_venue_reports_dropped',
    read: (figures: { left: number | undefined; waiting: number; dropped: number }) => number,
  ): void => {
    createGauge(registry, name, (made) => {
      made.reset();
      for (const partition of partitions())
        for (const { account, ...figures } of partition.figures()) made.set({ account }, read(figures));
    });
  };
  gauge('evenkeel_orders_to_take_back', ({ left }) => left ?? -1);
  gauge('evenkeel_venue_reports_waiting', ({ waiting }) => waiting);
  gauge('evenkeel_venue_reports_dropped', ({ dropped }) => dropped);
}
