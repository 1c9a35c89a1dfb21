/** `hard`: nobody can let it pass. `soft`: a named person can, for a while (`ControlOverridden`). */
export type Hardness = 'hard' | 'soft';

export interface Control {
  /** Reason code of an order it refuses. */
  readonly reason: string;
  readonly hardness: Hardness;
}

/** Every pre-trade check there is, in the order in which they stand on record. docs/controls.md explains each. */
export const CONTROLS = {
  'kill-latch': { reason: 'KILL_ENGAGED', hardness: 'hard' },
  'venue-halt': { reason: 'VENUE_HALTED', hardness: 'hard' },
  'decision-age': { reason: 'DECISION_STALE', hardness: 'hard' },
  'instrument-permitted': { reason: 'INSTRUMENT_RESTRICTED', hardness: 'hard' },
  'restricted-list': { reason: 'RESTRICTED_LIST', hardness: 'hard' },
  'price-status': { reason: 'PRICE_UNAVAILABLE', hardness: 'hard' },
  'lot-size': { reason: 'LOT_SIZE', hardness: 'hard' },
  'minimum-quantity': { reason: 'BELOW_MINIMUM', hardness: 'hard' },
  'order-quantity': { reason: 'ORDER_QUANTITY', hardness: 'soft' },
  'parent-budget': { reason: 'PARENT_BUDGET', hardness: 'hard' },
  'price-reference': { reason: 'PRICE_REFERENCE', hardness: 'hard' },
  'price-collar': { reason: 'PRICE_COLLAR', hardness: 'hard' },
  'order-notional': { reason: 'ORDER_NOTIONAL', hardness: 'soft' },
  'position-after': { reason: 'POSITION_AFTER', hardness: 'soft' },
  'gross-notional': { reason: 'GROSS_NOTIONAL', hardness: 'soft' },
  'venue-notional': { reason: 'VENUE_NOTIONAL', hardness: 'soft' },
  'delta-after': { reason: 'DELTA_AFTER', hardness: 'soft' },
  'gamma-after': { reason: 'GAMMA_AFTER', hardness: 'soft' },
  'vega-after': { reason: 'VEGA_AFTER', hardness: 'soft' },
  'daily-loss': { reason: 'DAILY_LOSS', hardness: 'hard' },
  'message-rate': { reason: 'MESSAGE_RATE', hardness: 'hard' },
  'repeated-execution': { reason: 'THROTTLED', hardness: 'hard' },
  'duplicate-order': { reason: 'DUPLICATE_ORDER', hardness: 'soft' },
} as const satisfies Record<string, Control>;

export type ControlName = keyof typeof CONTROLS;

export function isSoftControl(name: string): boolean {
  return Object.hasOwn(CONTROLS, name) && CONTROLS[name as ControlName].hardness === 'soft'; // just seen to be one
}
