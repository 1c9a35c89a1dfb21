import type { MarkStatus, MarkUsed } from '@evenkeel/facts';
import type { InstrumentSpec } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';

/** A contract that may be traded to hedge, priced now. */
export interface HedgeInstrument {
  readonly id: string;
  readonly kind: InstrumentSpec['kind'];
  readonly underlying: string;
  /** The mark, quote unit; what slippage will be measured against. */
  readonly referencePrice: string;
  readonly bid: number;
  readonly ask: number;
  /** Change of the account's delta (units of the underlying) per contract bought. */
  readonly deltaPerContract: number;
  /** Numeraire per contract. */
  readonly notionalPerContract: number;
  /** Fractions of notional, one way. */
  readonly takerFee: number;
  readonly makerFee: number;
  readonly halfSpread: number;
  readonly lot: Decimal;
  readonly minQuantity: Decimal;
  readonly status: MarkStatus;
  readonly ageSeconds: number;
}

/** One-way proportional cost κ of trading at once: taker fee and half spread, fraction of notional. */
export function proportionalCost(instrument: HedgeInstrument): number {
  return instrument.takerFee + instrument.halfSpread;
}

const specMemo = new Map<string, InstrumentSpec>();

/** Reads the canonical JSON of an InstrumentSpec, once per text. */
export function readSpecification(text: string): InstrumentSpec {
  const known = specMemo.get(text);
  if (known !== undefined) return known;
  // Written by us from a checked InstrumentSpec when the policy was set.
  const spec = JSON.parse(text) as InstrumentSpec;
  specMemo.set(text, spec);
  return spec;
}

/**
 * Delta of one contract bought now: linear and spot size × price ÷ spot (the basis moves with spot), coin-settled
 * size ÷ price coin, which is its delta in dollars and in coin alike because a new contract is worth nothing yet.
 */
export function hedgeInstrumentOf(
  spec: InstrumentSpec,
  mark: MarkUsed,
  spotUsd: number,
  numeraireUsd: number,
): HedgeInstrument {
  const price = Number(mark.price);
  const size = Number(spec.contractSize);
  const bid = Number(mark.bid ?? mark.price);
  const ask = Number(mark.ask ?? mark.price);
  return {
    id: spec.id,
    kind: spec.kind,
    underlying: spec.underlying,
    referencePrice: mark.price,
    bid,
    ask,
    deltaPerContract: spec.inverse ? size / price : (size * price) / spotUsd,
    notionalPerContract: (spec.inverse ? size : size * price) / numeraireUsd,
    takerFee: Number(spec.takerFee),
    makerFee: Number(spec.makerFee),
    halfSpread: price > 0 ? Math.max(0, ask - bid) / 2 / price : 0,
    lot: Decimal.parse(spec.lotSize),
    minQuantity: Decimal.parse(spec.minQuantity),
    status: mark.status,
    ageSeconds: mark.ageSeconds,
  };
}

/**
 * Signed contracts that bring `delta`, rounded to the lot: toward zero (`down`) or away from it (`up`). Zero when that is
 * under the smallest order.
 */
export function contractsFor(
  instrument: HedgeInstrument,
  delta: number,
  rounding: 'down' | 'up' = 'down',
): Decimal {
  const wanted = delta / instrument.deltaPerContract;
  if (!Number.isFinite(wanted)) return Decimal.ZERO;
  const contracts = Decimal.ofNumber(wanted, 12).roundToStep(instrument.lot, rounding);
  return contracts.abs().lessThan(instrument.minQuantity) ? Decimal.ZERO : contracts;
}
