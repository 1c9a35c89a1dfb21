import type { Refusal } from '@evenkeel/local-exchange';

export interface SimError {
  readonly code: number;
  readonly message: string;
}

/** Refusals by Deribit's own codes. */
const ERRORS: Readonly<Record<Refusal, SimError>> = {
  instrument: { code: 10020, message: 'invalid_or_unsupported_instrument' },
  amount: { code: 10021, message: 'invalid_amount' },
  tick: { code: 10043, message: 'price_wrong_tick' },
  price: { code: 10023, message: 'invalid_price' },
  'not-found': { code: 10004, message: 'order_not_found' },
  'not-open': { code: 11044, message: 'not_open_order' },
  maintenance: { code: 11051, message: 'system_maintenance' },
  funds: { code: 10009, message: 'not_enough_funds' },
  'post-only': { code: 11054, message: 'post_only_reject' },
  'self-trade': { code: 11030, message: 'other_reject self_trade' },
  'fill-or-kill': { code: 11030, message: 'other_reject fill_or_kill' },
  'reduce-only': { code: 11030, message: 'other_reject reduce_only' },
  duplicate: { code: 11030, message: 'other_reject duplicate_label' },
};

export function refusalError(refusal: Refusal): SimError {
  return ERRORS[refusal];
}

export function isSimError(value: object): value is SimError {
  return 'code' in value && 'message' in value;
}
