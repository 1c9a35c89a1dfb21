import {
  amountText,
  deltaText,
  gammaText,
  moneyText,
  quantityText,
  thetaText,
  vegaText,
} from '@evenkeel/figures';
import type { BookGlance, DeskGlance, PnlSince, UnderlyingGlance } from './glance';
import { ageText } from './glance-lines';
import type { Lines, Tone } from './glance-lines';
import { isAnswered } from './ports';

const STANDING: Readonly<Record<BookGlance['stopped'], readonly [text: string, tone: Tone]>> = {
  no: ['hedging', 'good'],
  'in part': ['STOPPED IN PART', 'warn'],
  wholly: ['STOPPED', 'bad'],
  unknown: ['not known to be stopped; not everything could be asked', 'warn'],
};
const ORDERS_SHOWN = 10;
const POLICY_SHOWN = 160;

export function bookLines(
  lines: Lines,
  book: BookGlance,
  { epoch, state }: Pick<DeskGlance, 'epoch' | 'state'>,
): void {
  lines.head(`BOOK ${book.book}`);
  const [standing, tone] = standingOf(book, state);
  lines.named('standing', standing, tone);
  for (const { kind, subject, reason, by, since } of book.stops)
    lines.named(
      '',
      `${kind} ${subject}: ${reason}${by === undefined ? '' : ` (${by})`}${since === undefined ? '' : `, since ${since}`}`,
      tone,
    );
  policyLine(lines, book);
  snapshotLines(lines, book);
  for (const underlying of book.underlyings) underlyingLines(lines, underlying, book.numeraire);
  pnlLines(lines, book, epoch);
  orderLines(lines, book);
  const { decision } = book;
  lines.named(
    'decided',
    decision === undefined
      ? 'nothing yet'
      : `${decision.at}, ${ageText(decision.ageSeconds)} ago: ${decision.words} (${decision.decisionId.slice(0, 8)})`,
    decision === undefined || decision.hedges ? 'plain' : 'warn',
  );
  lines.named('since then', book.sinceThen);
}

function standingOf(
  { closedAt, stopped }: BookGlance,
  state: DeskGlance['state'],
): readonly [text: string, tone: Tone] {
  if (closedAt !== undefined) return [`closed at ${closedAt}`, 'dim'];
  // Where no service runs, nothing of it is hedged, whatever else stops a part.
  return stopped === 'wholly' || state === 'running' || state === 'unknown'
    ? STANDING[stopped]
    : ['not hedged: no service runs', 'warn'];
}

function policyLine(lines: Lines, { policy }: BookGlance): void {
  if (policy === undefined) return lines.named('policy', 'none', 'warn');
  const text =
    policy.policy.length <= POLICY_SHOWN
      ? policy.policy
      : `${policy.kind} (${policy.policy.length} characters)`;
  return lines.named(
    'policy',
    `${text}, target ${policy.targetDelta}, by ${policy.by} since ${policy.since}`,
  );
}

function snapshotLines(lines: Lines, { snapshot, closedAt }: BookGlance): void {
  if (snapshot === undefined)
    return lines.named(
      'valued',
      'not yet: exposure and P&L are not known',
      closedAt === undefined ? 'warn' : 'dim',
    );
  const reasons = snapshot.reasons.length === 0 ? '' : ` (${snapshot.reasons.join(', ')})`;
  lines.named(
    'valued',
    `${snapshot.at}, ${ageText(snapshot.ageSeconds)} ago, ${snapshot.status}${reasons}`,
    snapshot.status === 'OK' ? 'plain' : snapshot.status === 'HALTED' ? 'bad' : 'warn',
  );
  if (snapshot.unpriced.length === 0) return;
  const legs = snapshot.unpriced.map(({ instrument, code }) => `${instrument} ${code}`);
  lines.named('PARTIAL', `${legs.length} legs are in no figure below: ${legs.join(', ')}`, 'bad');
}

function underlyingLines(lines: Lines, one: UnderlyingGlance, numeraire: string): void {
  const units = { underlying: one.underlying, spotUsd: one.spotUsd ?? 0, numeraire };
  const price =
    one.spotUsd === undefined ? 'no price' : `at ${amountText(one.spotUsd, 'USD')} ${one.spotStatus}`;
  lines.named(one.underlying, `delta ${deltaText(one.delta, units)}, ${price}`);
  if (isAnswered(one.band)) {
    const { lower, upper, exposure, use, from, at } = one.band.value;
    const shown = from === 'policy' ? '' : `, band as decided at ${at}`;
    const tone = use > 1 ? 'bad' : use > 0.8 ? 'warn' : 'good';
    lines.named(
      '',
      `band ${quantityText(lower, one.underlying)} … ${quantityText(upper, one.underlying)}, exposure ${quantityText(exposure, one.underlying)}: ${Math.round(use * 100)} % used${shown}`,
      tone,
    );
  } else lines.named('', `band: ${one.band.missing}`);
  lines.named('', `gamma ${gammaText(one.gamma, units)}`);
  lines.named('', `vega ${vegaText(one.vega, units)}, theta ${thetaText(one.theta, units)}`);
}

function pnlLines(lines: Lines, { pnl }: BookGlance, epoch: DeskGlance['epoch']): void {
  if (pnl === undefined) return;
  const { numeraire } = pnl;
  const name = isAnswered(epoch) ? `epoch ${epoch.value.epoch}` : 'the epoch';
  const told = ({ today, epoch: since }: PnlSince): string =>
    `${moneyText(today, numeraire)} today, ${since === undefined ? 'not known' : moneyText(since, numeraire)} in ${name}`;
  lines.named('P&L hedged', told(pnl.hedged));
  lines.named('P&L unhedged', told(pnl.unhedged));
  lines.named(
    '',
    `fees ${moneyText(pnl.fees, numeraire)}, equity ${moneyText(pnl.equity, numeraire)}; today is ${pnl.day}`,
    'dim',
  );
}

function orderLines(lines: Lines, { orders }: BookGlance): void {
  if (orders.length === 0) return lines.named('orders', 'none alive');
  for (const { side, remaining, quantity, instrument, limitPrice, status, ageSeconds } of orders.slice(
    0,
    ORDERS_SHOWN,
  )) {
    const price = limitPrice === '' ? 'at the market' : `at ${limitPrice}`;
    const open = status === 'UNKNOWN' || status === 'UNRESOLVED';
    lines.named(
      'order',
      `${side} ${remaining} of ${quantity} ${instrument} ${price}, ${status}, ${ageText(ageSeconds)}`,
      open ? 'bad' : 'plain',
    );
  }
  if (orders.length > ORDERS_SHOWN)
    lines.named('', `and ${orders.length - ORDERS_SHOWN} more: keel ledger list orders`);
}
