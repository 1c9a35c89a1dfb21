import type { InstrumentKind, InstrumentSpec, OptionType } from '@evenkeel/instruments';
import { Decimal, assert, parseInstant, required } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';

/** An InstrumentSpec with its numbers read once. */
export interface ContractTerms {
  readonly id: string;
  readonly kind: InstrumentKind;
  readonly venue: string;
  readonly underlying: string;
  readonly settlement: string;
  readonly inverse: boolean;
  readonly size: Decimal;
  readonly sizeNumber: number;
  readonly halfSpread: Decimal;
  readonly tick: Decimal;
  readonly expiry: Instant | undefined;
  readonly expiryText: string;
  readonly strike: Decimal;
  readonly strikeNumber: number;
  readonly optionType: OptionType;
}

const TEN_THOUSAND = Decimal.ofInteger(10_000);
const memo = new Map<string, ContractTerms>();
const MEMO_MAX = 20_000;

/** Reads the canonical JSON of an InstrumentSpec. Remembered by text, so asking again costs a look-up. */
export function contractTermsOf(specification: string): ContractTerms {
  const known = memo.get(specification);
  if (known !== undefined) return known;
  // Written by us from a checked InstrumentSpec when the book was opened.
  const terms = termsOf(JSON.parse(specification) as InstrumentSpec);
  if (memo.size >= MEMO_MAX) memo.clear();
  memo.set(specification, terms);
  return terms;
}

function termsOf(spec: InstrumentSpec): ContractTerms {
  const size = Decimal.parse(spec.contractSize);
  assert(size.isPositive(), `the contract size of ${spec.id} is positive`);
  const isOption = spec.kind === 'option';
  const strike = isOption ? Decimal.parse(required(spec.strike, `the strike of ${spec.id}`)) : Decimal.ZERO;
  return {
    id: spec.id,
    kind: spec.kind,
    venue: spec.venue,
    underlying: spec.underlying,
    settlement: spec.settlement,
    inverse: spec.inverse,
    size,
    sizeNumber: size.toNumber(),
    halfSpread: Decimal.parse(spec.halfSpreadBps).dividedBy(TEN_THOUSAND, 12),
    tick: Decimal.parse(spec.tickSize),
    expiry: spec.expiry === undefined ? undefined : parseInstant(spec.expiry),
    expiryText: spec.expiry ?? '',
    strike,
    strikeNumber: strike.toNumber(),
    optionType: spec.optionType ?? 'call',
  };
}

const DOLLARS: ReadonlySet<string> = new Set(['USD', 'USDT', 'USDC']);

/** Currencies counted as one US dollar each. A limit of this release: stablecoins are taken at par. */
export function isDollar(currency: string): boolean {
  return DOLLARS.has(currency);
}
