import { curveChart } from '@evenkeel/charts';
import type { Curve } from '@evenkeel/charts';
import type { FrontierReport } from './frontier';
import { BAND_FAMILIES, FIXED_FAMILIES } from './frontier-config';
import type { FrontierConfig, FrontierFamily } from './frontier-config';
import type { Estimate } from './path-batches';

const COLOURS: Readonly<Record<FrontierFamily, string>> = {
  time: '#9a6b00',
  'delta-band to the centre': '#7a8896',
  'delta-band to the edge': '#3b5b7a',
  'whalley-wilmott': '#0b6e4f',
  zakamouline: '#8b2f8b',
  'hodges-neuberger': '#b03a2e',
};

/** Mean cost against residual risk, one curve per family. */
export function frontierCurves(report: FrontierReport): string {
  const curves: readonly Curve[] = [...FIXED_FAMILIES, ...BAND_FAMILIES].map((family) => ({
    name: family,
    colour: COLOURS[family],
    dashed: FIXED_FAMILIES.some((fixedFamily) => fixedFamily === family),
    points: report.points
      .filter((point) => point.family === family)
      .map(({ cost, risk }) => ({ x: cost.value, y: risk.value, low: risk.low, high: risk.high })),
  }));
  return curveChart({
    title: 'What hedging costs and what risk it leaves',
    x: 'mean cost per path, quote currency',
    y: 'standard deviation of P&L per path, quote currency',
    curves,
  });
}

/** How much more the asymptotic bands lose than the exact one, as costs go to zero. */
export function approachCurves(report: FrontierReport): string {
  const curves: readonly Curve[] = (['whalley-wilmott', 'zakamouline'] as const).map((family) => ({
    name: family,
    colour: COLOURS[family],
    points: report.approach.map(({ proportional, excess }) => ({
      x: proportional,
      y: 100 * excess[family].value,
      low: 100 * excess[family].low,
      high: 100 * excess[family].high,
    })),
  }));
  return curveChart({
    title: 'Loss beyond the utility-indifference band, as costs go to zero',
    x: 'proportional cost, one way, fraction of notional',
    y: 'certainty equivalent lost beyond Hodges–Neuberger, %',
    curves,
  });
}

/** The page of evidence: what was simulated, the tables, and the command that makes them. */
export function renderFrontierPage(config: FrontierConfig, report: FrontierReport, command: string): string {
  const { market, positions, hedge } = config.simulation;
  const book = positions
    .map(({ type, K, T, quantity }) => `${quantity} × ${type} ${K}, ${shown(T)} years`)
    .join('; ');
  return [
    '# Bands against fixed rules, in simulation',
    '',
    `Made by \`${command}\`; the same bytes on every machine and for any number of threads.`,
    '',
    `Market ${JSON.stringify(market)}; book ${book} (worth ${shown(report.modelPrice)}); proportional cost ${shown(hedge.costs.proportional)} one way; the policy looks ${report.steps} times; ${report.paths} paths, the same for every policy. Closing the hedge: ${hedge.settlement}. Cost is the mean of what was paid; risk the standard deviation of the P&L, costs included. Intervals are 95 %, from resampling 256 batches of paths with all policies together.`,
    '',
    '![cost and risk](frontier.svg)',
    '',
    '## Risk saved at the same mean cost',
    '',
    'Share by which the standard deviation is below that of the fixed rule that costs the same on average (between two neighbours of its ladder; – where no rule of the ladder costs that).',
    '',
    `| band | risk aversion | ${FIXED_FAMILIES.map((family) => `against ${family}`).join(' | ')} |`,
    `|---|---|${FIXED_FAMILIES.map(() => '---').join('|')}|`,
    ...marginRows(report),
    '',
    '## As costs go to zero',
    '',
    `Certainty equivalent of the loss under exponential utility, risk aversion ${shown(report.riskAversion)}; ${report.approachPaths} paths of ${report.approachSteps} looks. Excess is what a band loses beyond the utility-indifference region (Hodges–Neuberger, solved numerically), as a share of the latter's loss.`,
    '',
    '| proportional cost | Hodges–Neuberger loses | whalley-wilmott, excess % | zakamouline, excess % |',
    '|---|---|---|---|',
    ...report.approach.map(
      ({ proportional, exact, excess }) =>
        `| ${shown(proportional)} | ${interval(exact, 1)} | ${interval(excess['whalley-wilmott'], 100)} | ${interval(excess.zakamouline, 100)} |`,
    ),
    '',
    '![approach](approach.svg)',
    '',
    '## Every policy',
    '',
    '| policy | parameter | mean cost | risk | trades |',
    '|---|---|---|---|---|',
    ...report.points.map(
      ({ family, parameter, cost, risk, trades }) =>
        `| ${family} | ${shown(parameter)} | ${interval(cost, 1)} | ${interval(risk, 1)} | ${trades.toFixed(1)} |`,
    ),
    '',
  ].join('\n');
}

function marginRows({ margins }: FrontierReport): readonly string[] {
  const rows = margins.filter(({ against }) => against === FIXED_FAMILIES[0]);
  return rows.map(({ family, parameter }) => {
    const cells = FIXED_FAMILIES.map((against) => {
      const margin = margins.find(
        (other) => other.family === family && other.parameter === parameter && other.against === against,
      );
      return margin?.riskSaved === undefined ? '–' : `${interval(margin.riskSaved, 100)} %`;
    });
    return `| ${family} | ${shown(parameter)} | ${cells.join(' | ')} |`;
  });
}

/** `1.23 (1.20 … 1.26)`, each times `scale`. */
function interval({ value, low, high }: Estimate, scale: number): string {
  return `${shown(value * scale)} (${shown(low * scale)} … ${shown(high * scale)})`;
}

function shown(value: number): string {
  return Number(value.toPrecision(4)).toString();
}
