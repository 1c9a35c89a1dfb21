import { Decimal } from '@evenkeel/kernel';

const COINS = Decimal.ofInteger(100);
const DOLLARS = Decimal.ofInteger(10_000_000);
const DOLLAR = /USD/;

/** What every account begins with. */
export function usualDeposit(currency: string): Decimal {
  return DOLLAR.test(currency) ? DOLLARS : COINS;
}
