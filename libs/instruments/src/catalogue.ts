import { failure, formatInstant, success } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import type { InstrumentId, InstrumentKind, OptionType, ParsedInstrument } from './instrument';
import { parseInstrument } from './instrument';

/**
 * The terms of one contract as plain data: what travels in `BookOpened` and what a catalogue file may override. Decimal
 * strings throughout; fees are fractions of notional (0.0005 = 5 bp), maker rebates negative.
 */
export interface InstrumentSpec {
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

/**
 * Published terms of the venues we know: Deribit and Binance fee tables at entry level, lot and tick sizes from the
 * venues' instrument listings. Overridable by file.
 */
const TERMS: Readonly<Record<string, VenueTerms>> = {
  'deribit/option/BTC': { ...deribitOption, tickSize: '0.0001', lotSize: '0.1', minQuantity: '0.1' },
  'deribit/option/ETH': { ...deribitOption, tickSize: '0.0001', lotSize: one, minQuantity: one },
  'deribit/perpetual/BTC': {
    ...deribitLinear,
    contractSize: '10',
    tickSize: '0.5',
    lotSize: one,
    minQuantity: one,
  },
  'deribit/perpetual/ETH': {
    ...deribitLinear,
    contractSize: one,
    tickSize: '0.05',
    lotSize: one,
    minQuantity: one,
  },
  'deribit/future/BTC': {
    ...deribitLinear,
    contractSize: '10',
    tickSize: '2.5',
    lotSize: one,
    minQuantity: one,
  },
  'deribit/future/ETH': {
    ...deribitLinear,
    contractSize: one,
    tickSize: '0.25',
    lotSize: one,
    minQuantity: one,
  },
  'binance/perpetual/BTC': linear('0.1', '0.001', '0.0002', '0.0005', '0.1'),
  'binance/perpetual/ETH': linear('0.01', '0.001', '0.0002', '0.0005', '0.2'),
  'binance/spot/BTC': linear('0.01', '0.00001', '0.001', '0.001', '0.1'),
  'binance/spot/ETH': linear('0.01', '0.0001', '0.001', '0.001', '0.2'),
  'okx/perpetual/BTC': { ...linear('0.1', '0.01', '0.0002', '0.0005', '0.1'), contractSize: '0.01' },
  'okx/perpetual/ETH': { ...linear('0.01', '0.01', '0.0002', '0.0005', '0.2'), contractSize: '0.1' },
  'evenkeel-sim/perpetual/BTC': linear('0.1', '0.001', '0.0002', '0.0005', '0.5'),
  'evenkeel-sim/spot/BTC': linear('0.01', '0.00001', '0.001', '0.001', '0.5'),
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
  overrides: ReadonlyMap<string, Partial<VenueTerms>> = new Map(),
): Result<InstrumentSpec> {
  const parsed = parseInstrument(id);
  if (!parsed.ok) return parsed;
  const { venue, kind, underlying } = parsed.value;
  const known = TERMS[`${venue}/${kind}/${underlying}`];
  const override = overrides.get(id);
  if (known === undefined && !isComplete(override)) {
    return failure(
      'INSTRUMENT.NO_TERMS',
      `no contract terms known for ${id}; give them in an instruments file`,
    );
  }
  return success({ ...identity(parsed.value), ...(known ?? emptyTerms), ...override });
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

type Identity = Omit<InstrumentSpec, keyof VenueTerms>;

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
