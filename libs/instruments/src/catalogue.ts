import { canonicalJson, failure, formatInstant, memoised, success } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { deliveryTermsOf } from './delivery-terms';
import type { DeliveryTerms } from './delivery-terms';
import type { InstrumentId, ParsedInstrument } from './instrument';
import type { InstrumentKind, OptionType } from './symbols/symbol-terms';
import { parseInstrument } from './instrument';
import type { TickStep } from './terms/table';
import { productOf } from './terms/tables';

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
  /** Smallest price increment; that of the lowest prices where `tickSteps` says more. */
  readonly tickSize: string;
  readonly tickSteps?: readonly TickStep[];
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

/** What a venue sets and a file may override: every figure of a specification that its id does not say. */
export type ContractTerms = Pick<
  InstrumentSpec,
  | 'contractSize'
  | 'tickSize'
  | 'tickSteps'
  | 'lotSize'
  | 'minQuantity'
  | 'makerFee'
  | 'takerFee'
  | 'halfSpreadBps'
  | keyof DeliveryTerms
>;

/** Those that no contract can be without. */
const NEEDED = [
  'contractSize',
  'tickSize',
  'lotSize',
  'minQuantity',
  'makerFee',
  'takerFee',
  'halfSpreadBps',
] as const satisfies readonly (keyof ContractTerms)[];

/**
 * The terms of an instrument: its venue's table, and what `overrides` say instead, by id. Nothing is made up: where a figure is
 * missing it is named. Failures: `INSTRUMENT.UNKNOWN_FORM`, `INSTRUMENT.NO_TERMS`.
 */
export function specificationOf(
  id: InstrumentId,
  overrides: ReadonlyMap<string, Partial<ContractTerms>> = new Map(),
): Result<InstrumentSpec> {
  const override = overrides.get(id);
  return override === undefined ? tabulatedOf(id) : specified(id, override);
}

const TABULATED_MAX = 20_000;

/** As the tables say it, remembered: a book of ten thousand legs names each contract once a run. */
const tabulatedOf: (id: InstrumentId) => Result<InstrumentSpec> = memoised(TABULATED_MAX, (id) =>
  specified(id, {}),
);

function specified(id: InstrumentId, override: Partial<ContractTerms>): Result<InstrumentSpec> {
  const parsed = parseInstrument(id);
  if (!parsed.ok) return parsed;
  const terms = overridden(tabulated(parsed.value), override);
  const missing = NEEDED.filter((name) => terms[name] === undefined);
  if (missing.length > 0) return failure('INSTRUMENT.NO_TERMS', missingTerms(parsed.value, missing));
  // Nothing that is needed is missing.
  return success({ ...identity(parsed.value), ...(terms as ContractTerms) });
}

/** What the venue's tables say of a contract. */
function tabulated(parsed: ParsedInstrument): Partial<ContractTerms> {
  const delivery = deliveryTermsOf(parsed.venue, parsed);
  const found = productOf(parsed.venue, parsed);
  if (found === undefined) return delivery;
  const { table, product } = found;
  const fees = table.fees[product.kind];
  return {
    ...product.figures,
    ...(fees === undefined ? {} : { makerFee: fees.makerFee, takerFee: fees.takerFee }),
    halfSpreadBps: product.halfSpreadBps,
    ...delivery,
  };
}

/** Who says another tick means all prices, unless steps are said with it. */
function overridden(table: Partial<ContractTerms>, given: Partial<ContractTerms>): Partial<ContractTerms> {
  const { tickSteps: _replaced, ...rest } = table;
  return given.tickSize === undefined ? { ...table, ...given } : { ...rest, ...given };
}

function missingTerms(parsed: ParsedInstrument, missing: readonly string[]): string {
  const { id, kind, underlying, settlement, venue } = parsed;
  const example = canonicalJson({
    instruments: [{ instrument: id, ...Object.fromEntries(missing.map((name) => [name, '…'])) }],
  });
  const what = `${kind} on ${underlying} that is paid in ${settlement}, at ${venue}`;
  return `no contract terms known for ${id} (${what}): ${missing.join(', ')} missing; give them in an instruments file, ${example}`;
}

type Identity = Omit<InstrumentSpec, keyof ContractTerms>;

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
