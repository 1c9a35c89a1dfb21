import type { OptionType } from '@evenkeel/instruments';
import type { Instant } from '@evenkeel/kernel';

/** What the judge of a chain must know of an option. */
export interface JudgedOption {
  readonly id: string;
  readonly expiry: Instant;
  readonly strike: number;
  readonly optionType: OptionType;
  /** Whether prices are in the coin itself, not in dollars. */
  readonly inCoin: boolean;
  /** Its last quote, which the judge keeps here. */
  readonly quoted: LastQuote;
}

export interface LastQuote {
  /** Number of the moment it was quoted at, and whether it was at the one before; moments are counted from 1. */
  moment: number;
  steady: boolean;
  volatility: number;
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
