import { amountText, percentText } from '@evenkeel/figures';
import type { Check } from '@evenkeel/facts';

interface Words {
  /** What is checked, as a person says it. */
  readonly name: string;
  /** The limit is the most that may be observed, so that its use can be told. */
  readonly most?: true;
  /** What an observation without a unit is in: the book's currency, or contracts. */
  readonly unit?: 'numeraire' | 'contracts';
}

/** Checks of one order (`CONTROLS`) and of a decision, the latter without the underlying in front. */
const WORDS: Readonly<Record<string, Words>> = {
  program: { name: 'hedging of the book' },
  'spot status': { name: 'price of the underlying' },
  'legs without a price': { name: 'positions without a price' },
  'orders of unknown outcome': { name: 'orders of unknown outcome' },
  'hedge instruments': { name: 'instruments to hedge with' },
  'hedge instruments without a kill latch': {
    name: 'instruments to hedge with that no kill of their own or of their venue stops',
  },
  'hedge instruments with a price': { name: 'instruments to hedge with that have a usable price' },
  'orders on their way without a price': { name: 'orders on their way that could not be priced' },
  'theta less gamma income today': { name: 'theta less gamma income today', most: true, unit: 'numeraire' },
  'cost model': { name: 'cost model' },
  'kill-latch': { name: 'kill latch' },
  'venue-halt': { name: 'venue' },
  'decision-age': { name: 'age of the decision', most: true },
  'instrument-permitted': { name: 'instrument permitted' },
  'restricted-list': { name: 'restricted list' },
  'price-status': { name: 'price that execution sees' },
  'lot-size': { name: 'lot' },
  'minimum-quantity': { name: 'minimum quantity', unit: 'contracts' },
  'order-quantity': { name: 'quantity of the order', most: true, unit: 'contracts' },
  // Both are at their limit by how the order was made.
  'parent-budget': { name: 'quantity that the decision allows', unit: 'contracts' },
  'price-collar': { name: 'distance of the limit price from the price seen' },
  'price-reference': { name: 'move of the price since the decision', most: true },
  'order-notional': { name: 'notional of the order', most: true },
  'position-after': { name: 'position after the trade', most: true, unit: 'contracts' },
  'gross-notional': { name: 'gross notional of the book', most: true },
  'venue-notional': { name: 'notional at the venue', most: true },
  'delta-after': { name: 'delta after the trade', most: true },
  'gamma-after': { name: 'gamma after the trade', most: true },
  'vega-after': { name: 'vega after the trade', most: true },
  'daily-loss': { name: 'loss of the day', most: true, unit: 'numeraire' },
  'message-rate': { name: 'orders in the last minute', most: true },
  'repeated-execution': { name: 'executions in this instrument', most: true },
  'duplicate-order': { name: 'same order sent just before' },
};

/** Use of a limit from which on a passed check is worth a line. */
export const NEAR = 0.8;

const NO_LIMIT = 'no limit';
const NOT_ASKED = '–';

/** A check as a person reads it. */
export interface ToldCheck {
  readonly name: string;
  readonly observed: string;
  readonly limit: string;
  readonly result: 'passed' | 'failed' | 'let pass';
  /** The override, where one let it pass. */
  readonly overriddenBy?: string;
  /** Share of the limit that was used; absent where there is no such share. */
  readonly use?: number;
}

/** `numeraire`: the book's currency, for amounts that stand on record without one. */
export function toldCheck(check: Check, numeraire: string): ToldCheck {
  const { prefix, words } = wordsOf(check.name);
  const isUnlimited = check.limit === 'none' && words.most === true;
  const isElsewhere = / notional only$/.test(check.limit);
  const use = words.most === true && !isUnlimited && !isElsewhere ? useOf(check, words) : undefined;
  return {
    name: prefix === '' ? words.name : `${prefix}: ${words.name}`,
    observed: check.observed === 'not asked' ? NOT_ASKED : figure(check.observed, words, numeraire),
    limit: isUnlimited
      ? `${NO_LIMIT} set`
      : isElsewhere
        ? `${NO_LIMIT} of its own (${check.limit})`
        : figure(check.limit, words, numeraire),
    result: check.passed ? 'passed' : check.overriddenBy === undefined ? 'failed' : 'let pass',
    ...(check.overriddenBy === undefined ? {} : { overriddenBy: check.overriddenBy }),
    ...(use === undefined ? {} : { use }),
  };
}

/** Whether somebody who asks why should see it: it failed, was let pass, or used most of its limit. */
export function isRemarkable({ result, use }: ToldCheck): boolean {
  return result !== 'passed' || (use ?? 0) >= NEAR;
}

/** A told check in one line. */
export function checkText({ name, observed, limit, result, use, overriddenBy }: ToldCheck): string {
  const used = use === undefined ? '' : ` (${percentText(use)} used)`;
  const outcome =
    result === 'let pass'
      ? `failed, and let pass by override ${overriddenBy ?? ''}`
      : result === 'failed'
        ? 'FAILED'
        : result;
  const seen = observed === NOT_ASKED ? [] : [observed];
  return `${outcome} – ${name}: ${[...seen, limit.startsWith(NO_LIMIT) ? limit : `limit ${limit}`].join(', ')}${used}`;
}

/** The name of a decision's check begins with its underlying, that of some policies with the policy. */
function wordsOf(name: string): { readonly prefix: string; readonly words: Words } {
  const whole = Object.hasOwn(WORDS, name) ? WORDS[name] : undefined;
  if (whole !== undefined) return { prefix: '', words: whole };
  const at = name.indexOf(' ');
  const rest = name.slice(at + 1);
  const known = at > 0 && Object.hasOwn(WORDS, rest) ? WORDS[rest] : undefined;
  return known === undefined ? { prefix: '', words: { name } } : { prefix: name.slice(0, at), words: known };
}

const LEADING_NUMBER = /^-?\d+(?:\.\d+)?/;

/** Less than nothing of an amount is no use of it (a day's gain); of anything else its size counts. */
function useOf({ observed, limit }: Check, { unit }: Words): number | undefined {
  const [seen, most] = [LEADING_NUMBER.exec(observed)?.[0], LEADING_NUMBER.exec(limit)?.[0]];
  if (seen === undefined || most === undefined || Number(most) <= 0) return undefined;
  const size = unit === 'numeraire' ? Number(seen) : Math.abs(Number(seen));
  return size < 0 ? undefined : size / Number(most);
}

function figure(text: string, { unit }: Words, numeraire: string): string {
  const isNumber = LEADING_NUMBER.exec(text)?.[0] === text;
  const usd = /^(-?\d+(?:\.\d+)?) USD$/.exec(text)?.[1];
  if (usd !== undefined) return amountText(Number(usd), 'USD');
  if (!isNumber || unit === undefined) return text;
  return unit === 'numeraire' ? amountText(Number(text), numeraire) : `${text} contracts`;
}
