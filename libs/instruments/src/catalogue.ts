import { failure, formatInstant, success } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { deliveryTermsOf } from './delivery-terms';
import type { DeliveryTerms } from './delivery-terms';
import type { InstrumentId, ParsedInstrument } from './instrument';
import type { InstrumentKind, OptionType } from './symbols/symbol-terms';
import { parseInstrument } from './instrument';

/**
 * The terms of one contract as plain data: what travels in `BookOpened` and what a catalogue file may override. Decimal
 * strings throughout; fees are fractions of notional (0.0005 = 5 bp), maker rebates negative.
 */
export interface InstrumentSpec extends DeliveryTerms {
  readonly id: InstrumentId;
  readonly kind: InstrumentKind;
  readonly venue: string;
  readonly underlying: string;
  readonly quote: string;
  readonly settlement: string;
  readonly inverse: boolean;
  /** Units of the underlying per contract (linear, options) or quote units per contract (inverse perpetuals and futures). */
  readonly contractSize: string;
  /** Smallest price increment. */
  readonly tickSize: string;
  /** Order quantities are multiples of this, in contracts. */
  readonly lotSize: string;
  readonly minQuantity: string;
  readonly makerFee: string;
  readonly takerFee: string;
  /** Half the bid–ask spread to assume where a source has only prices, in basis points of price. */
  readonly halfSpreadBps: string;
  readonly expiry?: string;
  readonly strike?: string;
  readonly optionType?: OptionType;
}

interface VenueTerms {
  readonly contractSize: string;
  readonly tickSize: string;
  readonly lotSize: string;
  readonly minQuantity: string;
  readonly makerFee: string;
  readonly takerFee: string;
  readonly halfSpreadBps: string;
}

const one = '1';
const deribitOption = { contractSize: one, makerFee: '0.0003', takerFee: '0.0003', halfSpreadBps: '0' };
const deribitLinear = { makerFee: '0', takerFee: '0.0005', halfSpreadBps: '0.5' };
const whole = { lotSize: one, minQuantity: one };

/**
 * Published terms of the venues we know: Deribit and Binance fee tables at entry level, lot and tick sizes from the venues'
 * instrument listings. By what a contract pays in, since a venue sizes coin-settled contracts in dollars and dollar-settled ones
 * in coins: ticks and lots of dollar-settled options are no finer than the venue's. Overridable by file.
 */
const TERMS: Readonly<Record<string, VenueTerms>> = {
  'deribit/option/BTC/coin': { ...deribitOption, tickSize: '0.0001', lotSize: '0.1', minQuantity: '0.1' },
  'deribit/option/ETH/coin': { ...deribitOption, tickSize: '0.0001', lotSize: one, minQuantity: one },
  'deribit/option/BTC/dollar': { ...deribitOption, tickSize: '5', lotSize: '0.1', minQuantity: '0.1' },
  'deribit/option/ETH/dollar': { ...deribitOption, tickSize: one, lotSize: one, minQuantity: one },
  'deribit/perpetual/BTC/coin': { ...deribitLinear, ...whole, contractSize: '10', tickSize: '0.5' },
  'deribit/perpetual/ETH/coin': { ...deribitLinear, ...whole, contractSize: one, tickSize: '0.05' },
  'deribit/perpetual/BTC/dollar': { ...deribitLinear, ...whole, contractSize: '0.0001', tickSize: '0.1' },
  'deribit/perpetual/ETH/dollar': { ...deribitLinear, ...whole, contractSize: '0.001', tickSize: '0.1' },
  'deribit/future/BTC/coin': { ...deribitLinear, ...whole, contractSize: '10', tickSize: '2.5' },
  'deribit/future/ETH/coin': { ...deribitLinear, ...whole, contractSize: one, tickSize: '0.25' },
  'binance/perpetual/BTC/dollar': linear('0.1', '0.001', '0.0002', '0.0005', '0.1'),
  'binance/perpetual/ETH/dollar': linear('0.01', '0.001', '0.0002', '0.0005', '0.2'),
  'binance/perpetual/BTC/coin': { ...linear('0.1', one, '0.0002', '0.0005', '0.1'), contractSize: '100' },
  'binance/perpetual/ETH/coin': { ...linear('0.01', one, '0.0002', '0.0005', '0.2'), contractSize: '10' },
  'binance/spot/BTC/dollar': linear('0.01', '0.00001', '0.001', '0.001', '0.1'),
  'binance/spot/ETH/dollar': linear('0.01', '0.0001', '0.001', '0.001', '0.2'),
  'okx/perpetual/BTC/dollar': { ...linear('0.1', '0.01', '0.0002', '0.0005', '0.1'), contractSize: '0.01' },
  'okx/perpetual/ETH/dollar': { ...linear('0.01', '0.01', '0.0002', '0.0005', '0.2'), contractSize: '0.1' },
  'okx/perpetual/BTC/coin': { ...linear('0.1', one, '0.0002', '0.0005', '0.1'), contractSize: '100' },
  'okx/perpetual/ETH/coin': { ...linear('0.01', one, '0.0002', '0.0005', '0.2'), contractSize: '10' },
  'evenkeel-sim/perpetual/BTC/dollar': linear('0.1', '0.001', '0.0002', '0.0005', '0.5'),
  'evenkeel-sim/spot/BTC/dollar': linear('0.01', '0.00001', '0.001', '0.001', '0.5'),
};

function linear(
  tickSize: string,
  lotSize: string,
  makerFee: string,
  takerFee: string,
  halfSpreadBps: string,
): VenueTerms {
  return { contractSize: one, tickSize, lotSize, minQuantity: lotSize, makerFee, takerFee, halfSpreadBps };
}

/** Looks up or derives the terms of an instrument. Failures: `INSTRUMENT.UNKNOWN_FORM`, `INSTRUMENT.NO_TERMS`. */
export function specificationOf(
  id: InstrumentId,
  overrides: ReadonlyMap<string, Partial<VenueTerms & DeliveryTerms>> = new Map(),
): Result<InstrumentSpec> {
  const parsed = parseInstrument(id);
  if (!parsed.ok) return parsed;
  const { venue, kind, underlying, inverse } = parsed.value;
  const known = TERMS[`${venue}/${kind}/${underlying}/${inverse ? 'coin' : 'dollar'}`];
  const override = overrides.get(id);
  if (known === undefined && !isComplete(override)) {
    return failure(
      'INSTRUMENT.NO_TERMS',
      `no contract terms known for ${id}; give them in an instruments file`,
    );
  }
  return success({
    ...identity(parsed.value),
    ...(known ?? emptyTerms),
    ...deliveryTermsOf(venue, parsed.value),
    ...override,
  });
}

const emptyTerms: VenueTerms = {
  contractSize: '',
  tickSize: '',
  lotSize: '',
  minQuantity: '',
  makerFee: '',
  takerFee: '',
  halfSpreadBps: '',
};

function isComplete(terms: Partial<VenueTerms> | undefined): boolean {
  return terms !== undefined && Object.keys(emptyTerms).every((key) => key in terms);
}

type Identity = Omit<InstrumentSpec, keyof VenueTerms | keyof DeliveryTerms>;

function identity(parsed: ParsedInstrument): Identity {
  return {
    id: parsed.id,
    kind: parsed.kind,
    venue: parsed.venue,
    underlying: parsed.underlying,
    quote: parsed.quote,
    settlement: parsed.settlement,
    inverse: parsed.inverse,
    ...(parsed.expiry === undefined ? {} : { expiry: formatInstant(parsed.expiry) }),
    ...(parsed.strike === undefined ? {} : { strike: parsed.strike.toString() }),
    ...(parsed.optionType === undefined ? {} : { optionType: parsed.optionType }),
  };
}
