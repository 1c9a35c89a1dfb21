import type { LegBatch } from '../src/batch/leg-batch';

/** Legs of every kind, the same for the same seed on every machine: integer arithmetic and exact divisions only. */
export class SeededLegs {
  private state: number;

  constructor(seed: number) {
    this.state = (seed * 2654435761) >>> 0 || 1;
  }

  /** Uniform in [0, 1), 32 bits (xorshift). */
  uniform(): number {
    let x = this.state;
    x ^= (x << 13) >>> 0;
    x >>>= 0;
    x ^= x >>> 17;
    x ^= (x << 5) >>> 0;
    this.state = x >>> 0;
    return this.state / 4294967296;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** Writes leg `i` of a batch: mostly ordinary, some short-dated, some in the wings, a few expired or without volatility. */
  write(batch: LegBatch, i: number): void {
    const kind = this.uniform();
    const underlying = this.between(1, 2) * 2 ** Math.floor(this.between(-6, 18));
    const width = kind < 0.6 ? 0.3 : kind < 0.8 ? 0.02 : 0.9;
    batch.isCall[i] = this.uniform() < 0.5 ? 1 : 0;
    batch.underlying[i] = underlying;
    batch.strike[i] = kind > 0.97 ? underlying : underlying * (1 + this.between(-width, 2 * width));
    batch.expiryYears[i] =
      kind < 0.7
        ? this.between(0.02, 2)
        : kind < 0.95
          ? this.between(0.0001, 0.02)
          : this.between(-0.01, 0.01);
    batch.volatility[i] = kind > 0.99 ? 0 : this.between(0.05, 1.5);
    const flat = this.uniform() < 0.3;
    const rate = this.between(-0.02, 0.1);
    batch.rate[i] = flat ? 0 : rate;
    batch.carry[i] = flat ? 0 : this.uniform() < 0.5 ? rate : rate - this.between(0, 0.08);
    batch.quantity[i] = this.between(-50, 50);
  }
}
