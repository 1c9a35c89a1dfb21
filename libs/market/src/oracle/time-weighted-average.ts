const SPANS_MAX = 4096;

/** How a price went, so far back as an average over a window needs it: from when on each held, until the next. */
export class PriceHistory {
  private times = new Float64Array(64);
  private values = new Float64Array(64);
  private first = 0;
  private end = 0;

  /** Spans that are kept. */
  get length(): number {
    return this.end - this.first;
  }

  /** Takes a price that holds from `at`; what ended before the window is let go. */
  extend(at: number, value: number, window: number): void {
    const last = this.end - 1;
    if (this.length > 0) {
      const lastAt = this.times[last] ?? at;
      if (at < lastAt || this.values[last] === value) return;
      if (lastAt === at) this.end = last;
    }
    const from = at - window;
    // The span that was running when the window begins is still needed.
    while (this.first + 1 < this.end && (this.times[this.first + 1] ?? at) <= from) this.first += 1;
    this.first = Math.max(this.first, this.end - SPANS_MAX + 1);
    if (this.end === this.times.length) this.makeRoom();
    this.times[this.end] = at;
    this.values[this.end] = value;
    this.end += 1;
  }

  /** Mean of the price over the window that ends at `now`, weighted by how long each held; NaN before the first price. */
  average(now: number, window: number): number {
    const from = now - window;
    let weight = 0;
    let total = 0;
    for (let index = this.first; index < this.end; index += 1) {
      const at = this.times[index] ?? now;
      const next = index + 1 < this.end ? (this.times[index + 1] ?? now) : now;
      const start = at > from ? at : from;
      if (next <= start) continue;
      weight += next - start;
      total += (next - start) * (this.values[index] ?? 0);
    }
    return weight > 0 ? total / weight : (this.values[this.end - 1] ?? Number.NaN);
  }

  /** Counts all times from `by` later. */
  shift(by: number): void {
    for (let index = this.first; index < this.end; index += 1)
      this.times[index] = (this.times[index] ?? 0) - by;
  }

  /** Moves what is kept to the front; into twice the room where it fills more than half. */
  private makeRoom(): void {
    const size = this.length * 2 > this.times.length ? this.times.length * 2 : this.times.length;
    const [times, values] = [new Float64Array(size), new Float64Array(size)];
    times.set(this.times.subarray(this.first, this.end));
    values.set(this.values.subarray(this.first, this.end));
    [this.times, this.values, this.end, this.first] = [times, values, this.length, 0];
  }
}
