import { isDollar } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';

const DOLLAR_DIGITS = 2;
const COIN_DIGITS = 6;

/** An amount for people: rounded to cents, a coin to six digits; the minus sign is a real one. */
export function moneyText(amount: string, currency: string): string {
  return `${moneyCell(amount, currency)} ${currency}`;
}

/** The same for a column that has its currency in its head. */
export function moneyCell(amount: string | number, currency: string): string {
  const digits = digitsOf(currency);
  return rounded(
    typeof amount === 'string' ? Decimal.parse(amount) : Decimal.ofNumber(amount, digits),
    digits,
  );
}

/** The rule for printed money: half to even, exactly, each amount by itself. */
export function printedAmount(amount: Decimal, currency: string): Decimal {
  return amount.round(digitsOf(currency), 'half-even');
}

/** The same of a double: a model's number, not a booked amount. What is no number is said to be none. */
export function amountText(amount: number, currency: string): string {
  if (!Number.isFinite(amount)) return `no number in ${currency}`;
  return `${moneyCell(amount, currency)} ${currency}`;
}

/** A quantity of something: four digits behind the point, more for a small one. */
export function quantityText(quantity: number, unit: string): string {
  if (!Number.isFinite(quantity)) return `no number in ${unit}`;
  const size = Math.abs(quantity);
  const digits = size === 0 || size >= 0.01 ? 4 : size >= 0.000001 ? 8 : 12;
  return `${rounded(Decimal.ofNumber(quantity, digits), digits)} ${unit}`;
}

/** A share of one, in percent. */
export function percentText(share: number): string {
  if (!Number.isFinite(share)) return 'no share';
  const digits = Math.abs(share) < 0.1 ? 2 : 1;
  return `${rounded(Decimal.ofNumber(share * 100, digits), digits)} %`;
}

function digitsOf(currency: string): number {
  return isDollar(currency) ? DOLLAR_DIGITS : COIN_DIGITS;
}

function rounded(amount: Decimal, digits: number): string {
  const value = amount.round(digits, 'half-even');
  const [whole = '0', fraction = ''] = value.abs().toString().split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${value.isNegative() ? '−' : ''}${grouped}.${fraction.padEnd(digits, '0')}`;
}
