import { moneyCell, tableLines, withRounding } from '@evenkeel/figures';
import type { NamedAmount } from '@evenkeel/figures';
import { Decimal, sum } from '@evenkeel/kernel';
import type { PositionOrigin, PositionPnl } from './position-pnl';

/** How many positions have a line of their own; all of them are in the JSON. */
const SHOWN = 8;

const ORIGINS: Readonly<Record<PositionOrigin, string>> = {
  own: 'own',
  hedge: 'hedge',
  'brought-forward': 'earlier',
};

/** P&L by position: the largest, the others together, and their sum. */
export function positionsTable(
  positions: readonly PositionPnl[],
  hedged: string,
  numeraire: string,
): string[] {
  // A line for one other would be as long as its own.
  const lead = positions.length === SHOWN + 1 ? SHOWN + 1 : SHOWN;
  const [shown, others] = [positions.slice(0, lead), positions.slice(lead)];
  const rest = sum(others.map(({ pnl }) => Decimal.parse(pnl))).toString();
  const parts: readonly NamedAmount[] = [
    ...shown.map(({ instrument, pnl }): NamedAmount => [instrument || 'brought forward', pnl]),
    ...(others.length === 0 ? [] : [[`${others.length} others`, rest] as const]),
  ];
  const lines: readonly NamedAmount[] = [...withRounding(hedged, parts, numeraire), ['P&L hedged', hedged]];
  return tableLines([
    { head: 'P&L by position', cells: lines.map(([name]) => name), left: true },
    { head: 'by', cells: lines.map((_, row) => originOf(shown[row])), left: true },
    { head: 'held', cells: lines.map((_, row) => shown[row]?.quantity ?? '') },
    { head: numeraire, cells: lines.map(([, amount]) => moneyCell(amount, numeraire)) },
  ]);
}

function originOf(position: PositionPnl | undefined): string {
  return position === undefined ? '' : ORIGINS[position.origin];
}
