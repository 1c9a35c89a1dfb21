/** An exact amount of one currency: `{ currency: 'USD', amount: '-12.5' }`. Positive is ours. */
export interface MoneyAmount {
  readonly currency: string;
  readonly amount: string;
}
