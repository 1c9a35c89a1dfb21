import type { Micros } from './row';

const MINUTE: Micros = 60_000_000;

/** What underlyings cost as time goes by, one price a minute, for chains that do not say it. */
export class UnderlyingPrices {
  private readonly series = new Map<string, { at: Micros; price: string }[]>();

  /** In the order of time. */
  add(underlying: string, at: Micros, price: string): void {
    let known = this.series.get(underlying);
    if (known === undefined) this.series.set(underlying, (known = []));
    const newest = known.at(-1);
    if (newest !== undefined && Math.floor(newest.at / MINUTE) === Math.floor(at / MINUTE)) known.pop();
    known.push({ at, price });
  }

  /** The newest that was known at a time, and not longer than `maxAge` before it. */
  at(underlying: string, at: Micros, maxAge: Micros): string | undefined {
    const known = this.series.get(underlying) ?? [];
    let low = 0;
    let high = known.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((known[middle]?.at ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    const found = known[low - 1];
    return found !== undefined && at - found.at <= maxAge ? found.price : undefined;
  }
}
