import { scatterChart } from '@evenkeel/charts';
import type { PolicyMetrics } from './policy-metrics';

/** Cost against residual risk: one numbered point per policy with its confidence intervals, the efficient ones filled and joined. */
export function frontierChart(rows: readonly PolicyMetrics[], title: string): string {
  const unit = rows[0]?.numeraire ?? '';
  return scatterChart({
    title,
    x: `residual risk, ${unit} per √day (standard deviation of hourly P&L before costs × √24)`,
    y: `trading cost, ${unit} per day`,
    points: cheapestFirst(rows).map(({ policy, residualPerDay, costPerDay, efficient }) => ({
      name: policy,
      x: residualPerDay,
      y: costPerDay,
      chosen: efficient,
    })),
  });
}

/** Those without a cost last. */
function cheapestFirst(rows: readonly PolicyMetrics[]): PolicyMetrics[] {
  const costOf = ({ costPerDay }: PolicyMetrics): number =>
    Number.isFinite(costPerDay.value) ? costPerDay.value : Number.MAX_VALUE;
  return [...rows].sort((a, b) => costOf(a) - costOf(b));
}
