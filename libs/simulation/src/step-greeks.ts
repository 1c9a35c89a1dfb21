import { math } from '@evenkeel/pricing';
import type { PathKernel } from '@evenkeel/pricing';
import type { BookPricer } from './book-pricer';
import type { StepView } from './hedge-rule';

/** The view of one instant over the paths of a block, filled anew at every step. */
export class StepGreeks implements StepView {
  step = 0;
  time = 0;
  expiryYears = 0;
  readonly count: number;
  readonly delta: Float64Array;
  readonly gamma: Float64Array;
  readonly vega: Float64Array;
  private readonly values: Float64Array;
  private valuesAt = -1;
  private readonly roots: Float64Array;
  private rootsAt = -1;

  constructor(
    readonly pricer: BookPricer,
    readonly spot: Float64Array,
    paths: PathKernel,
  ) {
    this.count = paths.count;
    this.values = paths.column();
    this.delta = paths.column();
    this.gamma = paths.column();
    this.vega = paths.column();
    this.roots = paths.column();
  }

  moveTo(step: number, time: number): void {
    this.step = step;
    this.time = time;
    const { delta, gamma, vega } = this;
    this.pricer.value(time, this.spot, { delta, gamma, vega });
    this.expiryYears = this.weightedExpiry(time);
  }

  value(): Float64Array {
    if (this.valuesAt !== this.step) {
      this.valuesAt = this.step;
      this.pricer.value(this.time, this.spot, { value: this.values });
    }
    return this.values;
  }

  gammaCubeRoot(): Float64Array {
    if (this.rootsAt !== this.step) {
      this.rootsAt = this.step;
      for (let i = 0; i < this.count; i += 1) {
        const gamma = this.gamma[i] ?? 0;
        this.roots[i] = math.cbrt((this.spot[i] ?? 0) * gamma * gamma);
      }
    }
    return this.roots;
  }

  /** Years to expiry of the live legs, weighted by the size of each. */
  private weightedExpiry(time: number): number {
    const live = this.pricer.aliveAfter(time);
    let weight = 0;
    let years = 0;
    for (const { quantity, T } of this.pricer.legs.slice(0, live)) {
      weight += Math.abs(quantity);
      years += Math.abs(quantity) * (T - time);
    }
    return weight > 0 ? years / weight : 0;
  }
}
