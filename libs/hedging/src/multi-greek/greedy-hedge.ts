import type { HedgeForm } from './hedge-problem';

const isLinear = (kind: string): boolean => kind !== 'option' && kind !== 'pool';

/** Whole lots toward zero that bring at most `wanted` of what one contract brings `per` of. */
function lotsFor(form: HedgeForm, index: number, wanted: number, per: number): number {
  const choice = form.problem.choices[index];
  if (choice === undefined || per === 0) return 0;
  const lots = Math.trunc(wanted / per / choice.lot + Math.sign(wanted / per) * 1e-9);
  return Math.abs(lots) < choice.lotsMin ? 0 : lots * choice.lot;
}

function cheapest(
  form: HedgeForm,
  underlying: string,
  linear: boolean,
  per: (index: number) => number,
): number {
  let best = -1;
  let least = Infinity;
  form.problem.choices.forEach(({ instrument, cost }, i) => {
    if (instrument.underlying !== underlying || isLinear(instrument.kind) !== linear || per(i) === 0) return;
    const price = (cost.fee + cost.spread) / Math.abs(per(i));
    if (price < least) [least, best] = [price, i];
  });
  return best;
}

export interface GreedyExposure {
  readonly underlying: string;
  /** Units of the underlying, what is to be brought to nothing. */
  readonly delta: number;
  /** Numeraire per 1.00 of volatility, all expiries added up. */
  readonly vega: number;
}

/**
 * What a desk does without an optimiser: bring delta to nothing with the cheapest linear contract, bring the sum of vega to
 * nothing with the option that costs least per vega, and take the delta back that the option brought. Trades in the same contract are netted,
 * which spares it the double cost of doing so in sequence.
 */
export function greedyDeltaThenVega(
  form: HedgeForm,
  exposures: readonly GreedyExposure[],
  withVega = true,
): number[] {
  const { choices } = form.problem;
  const x = choices.map(() => 0);
  for (const { underlying, delta, vega } of exposures) {
    const deltaOf = (i: number): number => choices[i]?.instrument.deltaPerContract ?? 0;
    const vegaOf = (i: number): number => choices[i]?.instrument.vegaPerContract ?? 0;
    let open = delta;
    if (withVega) {
      const option = cheapest(form, underlying, false, vegaOf);
      if (option >= 0) {
        const contracts = lotsFor(form, option, -vega, vegaOf(option));
        x[option] = contracts;
        open += contracts * deltaOf(option);
      }
    }
    const linear = cheapest(form, underlying, true, deltaOf);
    if (linear >= 0) x[linear] = lotsFor(form, linear, -open, deltaOf(linear));
  }
  return x.map((contracts) => contracts + 0);
}
