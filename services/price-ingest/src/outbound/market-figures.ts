import type { MarkStatus, MarketInstant } from '@evenkeel/facts';
import { parseInstant } from '@evenkeel/kernel';
import { createGauge } from '@evenkeel/telemetry';
import type { Gauge, Registry } from 'prom-client';

const STATUS: Readonly<Record<MarkStatus, number>> = { OK: 0, DEGRADED: 1, HALTED: 2 };

interface Composite {
  readonly status: MarkStatus;
  readonly eventTime: string;
}

/** What the market that was published last says of itself, for metrics. */
export class MarketFigures {
  private readonly composites = new Map<string, Composite>();
  private newest: Pick<MarketInstant, 'number' | 'eventTime'> | undefined;

  private readonly halted: Gauge;

  constructor(registry: Registry) {
    this.halted = createGauge(registry, 'evenkeel_partitions_halted');
    createGauge(registry, 'evenkeel_last_instant', (gauge) => gauge.set(this.newest?.number ?? 0));
    createGauge(registry, 'evenkeel_price_status', (gauge) => {
      for (const [underlying, { status }] of this.composites) gauge.set({ underlying }, STATUS[status]);
    });
    createGauge(registry, 'evenkeel_price_age_seconds', (gauge) => {
      if (this.newest === undefined) return;
      const now = parseInstant(this.newest.eventTime);
      for (const [underlying, { eventTime }] of this.composites)
        gauge.set({ underlying }, Number(now - parseInstant(eventTime)) / 1e9);
    });
  }

  /** Partitions that event time has gone on without. */
  noteHalted(partitions: number): void {
    this.halted.set(partitions);
  }

  note(instant: MarketInstant): void {
    this.newest = instant;
    for (const mark of instant.marks) {
      if (mark.kind !== 'composite') continue;
      const underlying = mark.instrument.slice(0, mark.instrument.indexOf('@'));
      this.composites.set(underlying, mark);
    }
  }
}
