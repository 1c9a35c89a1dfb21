import type { BandSeen, BookStatistics } from '@evenkeel/accounting';
import { amountText, moneyCell, moneyText, percentText, quantityText, tableLines } from '@evenkeel/figures';
import type { TextColumn } from '@evenkeel/figures';
import { Decimal } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';

/** A policy as a book writes it, and what it did to the book. */
export interface PolicyRun {
  readonly policy: Json;
  readonly statistics: BookStatistics;
}

/** `whalley-wilmott riskAversion 0.0001`: a policy in one line. */
export function policyName(policy: Json): string {
  if (typeof policy !== 'object' || policy === null || Array.isArray(policy)) return 'a policy';
  const { kind, ...fields } = policy as { readonly [field: string]: Json }; // an object that is no list
  const terms = Object.entries(fields).flatMap(([name, value]) =>
    typeof value === 'string' || typeof value === 'number' ? [`${name} ${value}`] : [],
  );
  return [typeof kind === 'string' ? kind : 'a policy', ...terms].join(' ');
}

/**
 * What a policy did to a book, beside doing nothing and beside simple rules on the same market: a table, and what band, cost and
 * residual risk were, in a sentence each. All of it is told from the runs.
 */
export function yardstickText(own: PolicyRun, rules: readonly PolicyRun[], width?: number): string {
  const { statistics } = own;
  return [
    `book ${statistics.book}, one market, ${statistics.numeraire}`,
    ...tableLines(columnsOf(own, rules), width).map((line) => `  ${line}`),
    '',
    `Band. ${bandSentence(own)}`,
    `Cost. ${costSentence(own, rules)}`,
    `Residual risk. ${riskSentence(own, rules)}`,
    '',
  ].join('\n');
}

function columnsOf(own: PolicyRun, rules: readonly PolicyRun[]): TextColumn[] {
  const all = [own, ...rules];
  const { pnl, dailyRisk, absDelta, absDeltaUnit, numeraire } = own.statistics;
  const column = (head: string, nothing: string, cell: (of: BookStatistics) => string): TextColumn => ({
    head,
    cells: [nothing, ...all.map(({ statistics }) => cell(statistics))],
  });
  const money = (amount: string | number): string => moneyCell(amount, numeraire);
  const size = (delta: number): string => quantityText(delta, absDeltaUnit);
  return [
    {
      head: 'policy',
      cells: ['none', ...all.map(({ policy }, index) => `${policyName(policy)}${index === 0 ? ' ◄' : ''}`)],
      left: true,
    },
    column('P&L', money(pnl.unhedged), (of) => money(of.pnl.hedged)),
    column('fees', money('0'), (of) => money(of.pnl.fees)),
    column('trades', '0', ({ decisions }) => decisions.hedged.toString()),
    column('risk/√day', money(dailyRisk.unhedged), (of) => money(of.dailyRisk.hedged)),
    column('variance', percentText(1), ({ varianceRatio }) =>
      varianceRatio === null ? '–' : percentText(varianceRatio),
    ),
    column('mean |delta|', size(absDelta.before.timeWeighted), (of) => size(of.absDelta.after.timeWeighted)),
  ];
}

function bandSentence({ policy, statistics }: PolicyRun): string {
  const [first, ...more] = Object.entries(statistics.bands);
  const { hedged } = statistics.decisions;
  if (first === undefined)
    return `${policyName(policy)} has none: it traded ${hedged} times by its own rule, wherever delta stood.`;
  const told = [first, ...more].map(([underlying, band]) => rangeText(underlying, band)).join(', ');
  return `It traded ${hedged} times, each time when delta had left a band around its target of ${told}; within the band a trade costs more than the risk it takes away, by the policy’s own measure.`;
}

function rangeText(underlying: string, { narrowest, mean, widest }: BandSeen): string {
  const middle = `±${quantityText(mean, underlying)}`;
  return narrowest === widest
    ? middle
    : `${middle} on average (from ${quantityText(narrowest, underlying)} to ${quantityText(widest, underlying)})`;
}

function costSentence({ statistics }: PolicyRun, rules: readonly PolicyRun[]): string {
  const { pnl, numeraire } = statistics;
  const paid = Decimal.parse(pnl.fees).negated();
  const others = rules.map(({ policy, statistics: rule }) => {
    const more = Decimal.parse(rule.pnl.fees).negated().minus(paid);
    return `${moneyText(more.abs().toString(), numeraire)} ${more.isNegative() ? 'more' : 'less'} than ${policyName(policy)}`;
  });
  const gained = Decimal.parse(pnl.hedged).minus(Decimal.parse(pnl.unhedged));
  const against = `the book ended ${moneyText(gained.abs().toString(), numeraire)} ${gained.isNegative() ? 'below' : 'above'} where it would have without hedges`;
  return `It paid ${moneyText(paid.toString(), numeraire)} of fees${others.length === 0 ? '' : `, ${others.join(' and ')}`}; ${against}, which is luck of this one path as much as skill.`;
}

function riskSentence({ statistics }: PolicyRun, rules: readonly PolicyRun[]): string {
  const { dailyRisk, varianceRatio, numeraire } = statistics;
  const day = (amount: number): string => amountText(amount, numeraire);
  const left = varianceRatio === null ? '' : ` (${percentText(varianceRatio)} of the variance)`;
  const others = rules.map(
    ({ policy, statistics: rule }) => `${day(rule.dailyRisk.hedged)} with ${policyName(policy)}`,
  );
  return `A day’s P&L still swings by ${day(dailyRisk.hedged)} (one standard deviation), against ${day(dailyRisk.unhedged)} without hedges${left}${others.length === 0 ? '' : ` and ${others.join(', ')}`}.`;
}
