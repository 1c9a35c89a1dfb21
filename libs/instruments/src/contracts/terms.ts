import { Decimal, failure, success } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import type { InstrumentSpec } from '../catalogue';

/**
 * How a contract's price becomes money.
 * `linear`: quoted and settled in the same currency (spot, linear perpetuals and futures): worth quantity × size × price.
 * `inverse`: quoted in USD, settled in coin: worth −quantity × size ÷ price coin.
 * `premium`: options, quoted in the currency they are settled in (coin or stablecoin): worth quantity × size × premium. An
 * option on an inverse venue is *not* an inverse contract: its price is already coin.
 */
export type Payoff = 'linear' | 'inverse' | 'premium';

/** When value changes hands. `paid`: the whole value at the trade (spot, options); `margined`: gains and losses as they are realised. */
export type Exchange = 'paid' | 'margined';

export interface ContractTerms {
  readonly payoff: Payoff;
  readonly exchange: Exchange;
  /** Units of the underlying per contract; for `inverse`, units of the quote currency (USD). More than zero. */
  readonly contractSize: Decimal;
  /** The smallest unit of the settlement currency is 10^-valueScale; only quotients (inverse values) are rounded to it. */
  readonly valueScale: number;
}

const COIN_SCALE = 8;
const STABLE_SCALE = 6;
const STABLE = new Set(['USD', 'USDC', 'USDT', 'USDE', 'EURR', 'DAI']);

/** The terms of a catalogued instrument. Failure `CONTRACTS.NO_TERMS` for pools, whose value is not one of these payoffs. */
export function contractTermsOf(
  spec: Pick<InstrumentSpec, 'id' | 'kind' | 'inverse' | 'contractSize' | 'settlement'>,
): Result<ContractTerms> {
  const contractSize = Decimal.tryParse(spec.contractSize);
  if (contractSize === undefined || !contractSize.isPositive()) {
    return failure('CONTRACTS.NO_TERMS', `${spec.id} has no contract size`, 'contractSize');
  }
  const valueScale = STABLE.has(spec.settlement) ? STABLE_SCALE : COIN_SCALE;
  switch (spec.kind) {
    case 'spot':
      return success({ payoff: 'linear', exchange: 'paid', contractSize, valueScale });
    case 'option':
      return success({ payoff: 'premium', exchange: 'paid', contractSize, valueScale });
    case 'perpetual':
    case 'future':
      return success({
        payoff: spec.inverse ? 'inverse' : 'linear',
        exchange: 'margined',
        contractSize,
        valueScale,
      });
    default:
      return failure(
        'CONTRACTS.NO_TERMS',
        `${spec.id} is a ${spec.kind}, which is not a contract with a price`,
        'kind',
      );
  }
}
