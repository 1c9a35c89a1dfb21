import { math } from '@evenkeel/pricing';

export interface BoyleVorstInputs {
  readonly spot: number;
  readonly strike: number;
  readonly volatility: number;
  /** Continuous, per year. */
  readonly rate: number;
  readonly expiryYears: number;
  /** Binomial moves. */
  readonly steps: number;
  /** One-way proportional cost κ, fraction. */
  readonly cost: number;
  /** 1 replicates a call bought, −1 a call sold; settled by delivery, at the money too, without cost at expiry. */
  readonly side: 1 | -1;
}

interface Portfolio {
  readonly shares: number;
  readonly bonds: number;
}

/**
 * Cost of replicating a European call exactly on a binomial tree with proportional costs (Boyle & Vorst 1992): at every node the
 * portfolio that, grown over the move and rebalanced at its cost, is the portfolio of either node that may follow. Per unit, positive
 * for both sides: what a buyer's replication costs and what a seller's brings. NaN where no such portfolio exists.
 */
export function boyleVorstReplicationCost(inputs: BoyleVorstInputs): number {
  const { spot, strike, volatility, rate, expiryYears, steps, cost, side } = inputs;
  const interval = expiryYears / steps;
  const up = math.exp(volatility * Math.sqrt(interval));
  const growth = math.exp(rate * interval);
  const priceAt = (step: number, ups: number): number =>
    spot * math.exp(volatility * Math.sqrt(interval) * (2 * ups - step));
  let nodes: Portfolio[] = Array.from({ length: steps + 1 }, (_, ups) =>
    priceAt(steps, ups) >= strike ? { shares: side, bonds: -side * strike } : { shares: 0, bonds: 0 },
  );
  for (let step = steps - 1; step >= 0; step -= 1) {
    nodes = Array.from({ length: step + 1 }, (_, ups) => {
      const price = priceAt(step, ups);
      const above = nodes[ups + 1];
      const below = nodes[ups];
      if (above === undefined || below === undefined) return { shares: Number.NaN, bonds: Number.NaN };
      return replicate(above, below, price * up, price / up, growth, cost);
    });
  }
  const [root] = nodes;
  return root === undefined ? Number.NaN : side * (root.shares * spot + root.bonds);
}

/** Shares and bonds that become either portfolio after paying for the change of shares. */
function replicate(
  above: Portfolio,
  below: Portfolio,
  high: number,
  low: number,
  growth: number,
  cost: number,
): Portfolio {
  const need = (target: Portfolio, price: number, shares: number): number =>
    target.shares * price + target.bonds + cost * Math.abs(target.shares - shares) * price - shares * price;
  // The bonds that the up move needs less those that the down move needs: falls as shares grow, piecewise linear.
  const gap = (shares: number): number => need(above, high, shares) - need(below, low, shares);
  const corners = [above.shares, below.shares].sort((a, b) => a - b);
  const [first = 0, last = 0] = corners;
  const shares =
    crossing(gap, first - 10, first) ?? crossing(gap, first, last) ?? crossing(gap, last, last + 10);
  if (shares === undefined) return { shares: Number.NaN, bonds: Number.NaN };
  return { shares, bonds: need(above, high, shares) / growth };
}

/** Root of a function that is straight between two points; undefined when there is none. */
function crossing(line: (x: number) => number, left: number, right: number): number | undefined {
  const a = line(left);
  const b = line(right);
  if (a === 0) return left;
  if (b === 0) return right;
  return a * b < 0 ? left + ((right - left) * a) / (a - b) : undefined;
}
