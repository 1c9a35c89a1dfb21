import type { OptionType } from '@evenkeel/instruments';
import type { Instant } from '@evenkeel/kernel';

/** What the judge of a chain must know of an option. */
export interface JudgedOption {
  readonly expiry: Instant;
  readonly strike: number;
  readonly optionType: OptionType;
  /** Whether prices are in the coin itself, not in dollars. */
  readonly inCoin: boolean;
}

export interface QuoteNumbers {
  readonly mark: number;
  readonly forward: number;
  readonly index: number;
  /** 0: nobody bids, asks; no volatility is known. */
  readonly bid: number;
  readonly ask: number;
  readonly volatility: number;
}
