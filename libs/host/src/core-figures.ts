import type { Context, DomainEvent, HedgeDecision, MarkStatus, RiskSnapshotTaken } from '@evenkeel/facts';
import { BOOKS_LABELLED_MAX, createCounter, createGauge } from '@evenkeel/telemetry';
import type { Registry } from 'prom-client';

/**
 * What a core's commits say of the desk, for metrics: folded from facts that are on record, after they are; nothing is asked of a
 * core. Figures of a moment are those of the newest fact, read again after a restart; counters count what is new.
 */
export interface CoreFigures {
  note(events: readonly DomainEvent[], isNew: boolean): void;
}

const STATUS: Readonly<Record<MarkStatus, number>> = { OK: 0, DEGRADED: 1, HALTED: 2 };
const OTHERS = '(others)';
const PERCENT = 0.01;

export function coreFigures(context: Context, registry: Registry): CoreFigures {
  if (context === 'risk') return riskFigures(registry);
  if (context === 'strategy') return strategyFigures(registry);
  return orderFigures(registry);
}

/** Figures by book; those of books beyond the first so many, by name, are added up. */
export class ByBook {
  private readonly books = new Map<string, ReadonlyMap<string, number>>();

  constructor(private readonly max = BOOKS_LABELLED_MAX) {}

  set(book: string, figures: ReadonlyMap<string, number>): void {
    this.books.set(book, figures);
  }

  delete(book: string): void {
    this.books.delete(book);
  }

  *entries(): Iterable<{ readonly book: string; readonly key: string; readonly value: number }> {
    const names = [...this.books.keys()].sort();
    const rest = new Map<string, number>();
    for (const [at, book] of names.entries())
      for (const [key, value] of this.books.get(book) ?? [])
        if (at < this.max) yield { book, key, value };
        else rest.set(key, (rest.get(key) ?? 0) + value);
    for (const [key, value] of rest) yield { book: OTHERS, key, value };
  }
}

function riskFigures(registry: Registry): CoreFigures {
  const [delta, gamma, vega, pnl, status] = Array.from({ length: 5 }, () => new ByBook());
  const all = [delta, gamma, vega, pnl, status] as ByBook[]; // five were just made
  const gaugeOf = (
    name: 'evenkeel_exposure_delta_usd' | 'evenkeel_exposure_gamma_usd' | 'evenkeel_exposure_vega',
    figures: ByBook | undefined,
  ): void => {
    createGauge(registry, name, (gauge) => {
      gauge.reset();
      for (const { book, key, value } of figures?.entries() ?? [])
        gauge.set({ book, underlying: key }, value);
    });
  };
  gaugeOf('evenkeel_exposure_delta_usd', delta);
  gaugeOf('evenkeel_exposure_gamma_usd', gamma);
  gaugeOf('evenkeel_exposure_vega', vega);
  createGauge(registry, 'evenkeel_pnl', (gauge) => {
    gauge.reset();
    for (const { book, key, value } of pnl?.entries() ?? []) gauge.set({ book, line: key }, value);
  });
  createGauge(registry, 'evenkeel_book_status', (gauge) => {
    gauge.reset();
    for (const { book, value } of status?.entries() ?? []) if (book !== OTHERS) gauge.set({ book }, value);
  });
  return {
    note(events) {
      for (const { type, payload } of events) {
        if (type === 'BookClosed') for (const figures of all) figures.delete(payload.book);
        if (type !== 'RiskSnapshotTaken') continue;
        const exposures = exposuresInUsd(payload);
        delta?.set(payload.book, new Map(exposures.map((one) => [one.underlying, one.delta])));
        gamma?.set(payload.book, new Map(exposures.map((one) => [one.underlying, one.gamma])));
        vega?.set(payload.book, new Map(exposures.map((one) => [one.underlying, one.vega])));
        pnl?.set(
          payload.book,
          new Map(Object.entries(payload.pnl).map(([line, text]) => [line, Number(text)])),
        );
        status?.set(payload.book, new Map([['status', STATUS[payload.status]]]));
      }
    },
  };
}

/** Of underlyings that have a price. Spot in USD is the composite's; that of the exposure is in the numeraire. */
function exposuresInUsd({
  exposures,
  marks,
}: RiskSnapshotTaken): { underlying: string; delta: number; gamma: number; vega: number }[] {
  return exposures.flatMap(({ underlying, delta, gamma, vega }) => {
    const composite = `${underlying}@composite`;
    const mark = marks.find(({ instrument }) => instrument === composite);
    if (mark === undefined) return [];
    const spot = Number(mark.price);
    return [{ underlying, delta: delta * spot, gamma: gamma * spot * spot * PERCENT, vega: vega * PERCENT }];
  });
}

function strategyFigures(registry: Registry): CoreFigures {
  const use = new ByBook();
  const decisions = createCounter(registry, 'evenkeel_decisions_total');
  const halts = createCounter(registry, 'evenkeel_programs_halted_total');
  createGauge(registry, 'evenkeel_band_use', (gauge) => {
    gauge.reset();
    for (const { book, key, value } of use.entries())
      if (book !== OTHERS) gauge.set({ book, underlying: key }, value);
  });
  return {
    note(events, isNew) {
      for (const { type, payload } of events) {
        if (type === 'ProgramHalted' && isNew) halts.inc();
        if (type !== 'HedgeDecided' && type !== 'HedgeDeclined') continue;
        const outcome = type === 'HedgeDecided' ? 'decided' : 'declined';
        use.set(payload.book, bandUse(payload, outcome));
        if (isNew) decisions.inc({ outcome, reason: payload.reasons[0] ?? 'NONE' });
      }
    },
  };
}

/** Of what a decision leaves: after its trades where there are some, as it stands where it declined. */
function bandUse(
  { assessments }: HedgeDecision,
  outcome: 'decided' | 'declined',
): ReadonlyMap<string, number> {
  return new Map(
    assessments.flatMap(({ underlying, exposure, exposureAfter, bandLower, bandUpper }) => {
      const half = (bandUpper - bandLower) / 2;
      const left = outcome === 'decided' ? exposureAfter : exposure;
      const use = Math.abs(left - (bandUpper + bandLower) / 2) / half;
      return half > 0 && Number.isFinite(use) ? [[underlying, use] as const] : [];
    }),
  );
}

const ORDER_EVENTS = new Set([
  'OrderIntended',
  'OrderRefused',
  'OrderAcknowledged',
  'OrderFilled',
  'OrderRejected',
  'OrderCancelled',
  'OrderExpired',
  'OrderUnresolved',
  'FillBusted',
]);

function orderFigures(registry: Registry): CoreFigures {
  const happened = createCounter(registry, 'evenkeel_order_events_total');
  const refusals = createCounter(registry, 'evenkeel_refusals_total');
  const fills = createCounter(registry, 'evenkeel_fills_total');
  return {
    note(events, isNew) {
      if (!isNew) return;
      for (const { type, payload } of events) {
        if (ORDER_EVENTS.has(type)) happened.inc({ event: type });
        if (type === 'OrderRefused') refusals.inc({ reason: payload.reasons[0] ?? 'NONE' });
        if (type === 'OrderFilled') fills.inc({ venue: venueOf(payload.instrument) });
      }
    },
  };
}

function venueOf(instrument: string): string {
  return instrument.slice(instrument.lastIndexOf('@') + 1);
}
