import { formatInstant, type Instant } from '@evenkeel/kernel';
import type { SimInstrument } from '@evenkeel/local-exchange';

/** The contract of an option id's parts, as the exchange lists it. */
export function simOption(option: {
  readonly name: string;
  readonly currency: string;
  readonly expiry: Instant;
  readonly strike: string;
  readonly optionType: 'call' | 'put';
  readonly tickSize: string;
  readonly amountStep: string;
  readonly initialPrice: string;
}): SimInstrument {
  const { name, currency, strike, optionType, tickSize, amountStep, initialPrice } = option;
  return {
    name,
    kind: 'option',
    venue: 'deribit',
    underlying: currency,
    quote: currency,
    settlement: currency,
    settlementPeriod: 'week',
    inverse: true,
    tickSize,
    amountStep,
    amountPerContract: '1',
    contractSize: '1',
    initialPrice,
    makerFee: '0.0003',
    takerFee: '0.0003',
    expirationMs: Date.parse(formatInstant(option.expiry)),
    strike,
    optionType,
  };
}
