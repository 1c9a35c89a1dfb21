import type { SimulationResult } from './simulation';

/** A simulation's figures as a table for people: each with one standard error. */
export function renderSimulation(result: SimulationResult): string {
  const { standardErrors: errors } = result;
  const rows: readonly (readonly [string, number | null, number | null | undefined])[] = [
    ['model price of the book', result.modelPrice, undefined],
    ['hedge cost, present value: mean', result.hedgeCostPv.mean, errors.hedgeCostPv.mean],
    ['hedge cost, present value: std', result.hedgeCostPv.std, errors.hedgeCostPv.std],
    ['P&L: mean', result.pnl.mean, errors.pnl.mean],
    ['P&L: std', result.pnl.std, errors.pnl.std],
    ['P&L: 5 % quantile', result.pnl.p05, errors.pnl.p05],
    ['P&L: 95 % quantile', result.pnl.p95, errors.pnl.p95],
    ['P&L: mean of the worst 5 %', result.pnl.expectedShortfall95, errors.pnl.expectedShortfall95],
    ['performance (std of cost ÷ price)', result.performance, errors.performance],
    ['trades per path', result.trades, errors.trades],
    ['turnover per path', result.turnover, errors.turnover],
    ['costs per path, present value', result.costs, errors.costs],
  ];
  const shown = (value: number | null | undefined): string =>
    value === null || value === undefined ? '–' : value.toPrecision(6);
  const lines = rows.map(
    ([name, value, error]) =>
      `${name.padEnd(36)} ${shown(value).padStart(14)}${error === undefined ? '' : `  ± ${shown(error)}`}`,
  );
  return [`${result.paths} paths × ${result.steps} steps`, ...lines, ''].join('\n');
}
