import { yearsBetween, DAYS_PER_YEAR, DAY_YEARS } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';

/** Below this much observed time a volatility says nothing. */
const YEARS_MIN = DAY_YEARS / 24;

interface Series {
  price: number;
  at: Instant;
  /** Σ of squared simple returns, and the time they span. */
  squares: number;
  years: number;
}

/** Realised volatility of prices seen at uneven times: √(Σ r² ÷ time), simple returns. */
export class RealisedVolatility {
  private readonly series = new Map<string, Series>();

  add(name: string, at: Instant, price: number): void {
    const known = this.series.get(name);
    if (known === undefined || !(known.price > 0)) {
      this.series.set(name, { price, at, squares: 0, years: 0 });
      return;
    }
    if (at <= known.at) return;
    const move = price / known.price - 1;
    known.squares += move * move;
    known.years += yearsBetween(known.at, at);
    known.price = price;
    known.at = at;
  }

  /** Per 1.00 per √day; undefined with less than an hour of prices. */
  daily(name: string): number | undefined {
    const known = this.series.get(name);
    if (known === undefined || known.years < YEARS_MIN) return undefined;
    return Math.sqrt(known.squares / known.years / DAYS_PER_YEAR);
  }
}
