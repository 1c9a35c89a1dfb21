import type { DeliveryPrice, FundingRate, Mark } from '@evenkeel/facts';
import type { Instant } from '@evenkeel/kernel';
import type { Findings } from '../judgement/findings';
import type { Levels } from '../judgement/levels';
import type { ToldPrice } from './raw-instant';
import type { Times } from './times';

/** Where a reader puts what it found, each at the time it could first have been known. */
export interface Sink {
  price(price: ToldPrice): void;
  quote(at: Instant, quote: Mark): void;
  funding(at: Instant, funding: FundingRate): void;
  delivery(at: Instant, delivery: DeliveryPrice): void;
}

/** What the readers of one tape share. */
export interface Reading {
  readonly sink: Sink;
  readonly times: Times;
  readonly findings: Findings;
  readonly levels: Levels;
  /** The tape's window. */
  readonly from: Instant;
  readonly to: Instant;
}
