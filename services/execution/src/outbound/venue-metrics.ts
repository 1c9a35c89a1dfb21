import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { PartitionVenues } from './partition-venues';

/** What a process has at its venues, for alerts: read when somebody looks. */
export function watchVenues(
  registry: Registry,
  partitions: () => Iterable<Pick<PartitionVenues, 'figures'>>,
): void {
  const gauge = (
    name: string,
    help: string,
    read: (figures: { left: number | undefined; waiting: number; dropped: number }) => number,
  ): Gauge =>
    new Gauge({
      name,
      help,
      labelNames: ['account'],
      registers: [registry],
      collect() {
        this.reset();
        for (const partition of partitions())
          for (const { account, ...figures } of partition.figures()) this.set({ account }, read(figures));
      },
    });
  gauge(
    'evenkeel_orders_to_take_back',
    'Orders that are wanted back and that the venue still lists; -1 while it has not said.',
    ({ left }) => left ?? -1,
  );
  gauge(
    'evenkeel_venue_reports_waiting',
    'Reports of venues that wait to be heard.',
    ({ waiting }) => waiting,
  );
  gauge(
    'evenkeel_venue_reports_dropped',
    'Reports that were dropped because too many waited; the venue was asked again.',
    ({ dropped }) => dropped,
  );
}
