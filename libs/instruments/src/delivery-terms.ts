import { NANOS_PER_DAY, formatInstant, parseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { FRIDAY, dayAt, weekdayOf } from './calendar/civil-day';
import type { InstrumentKind, SymbolTerms } from './symbols/symbol-terms';

/** What a venue takes of a contract that is held when it expires, as plain data of its specification. */
export interface DeliveryTerms {
  /** Options: fraction of the underlying, as of a trade; futures: of what is delivered. Absent where nothing is taken. */
  readonly deliveryFee?: string;
  /** Options: at most this fraction of what the option pays. */
  readonly deliveryFeeCap?: string;
}

interface DeliveryRule extends DeliveryTerms {
  readonly venue: string;
  readonly kind: InstrumentKind;
  /** The contracts of the kind that it is of; all of them unless told. */
  readonly of?: (expiry: Instant, terms: SymbolTerms) => boolean;
  /** Where the figures stand, and as of when. */
  readonly source: string;
}

const WEEK = 7n * NANOS_PER_DAY;
const monthOf = (at: Instant): string => formatInstant(at).slice(0, 'YYYY-MM'.length);
/** Venues call an option a daily where it does not expire on a Friday. */
const isDaily = (expiry: Instant): boolean => weekdayOf(dayAt(expiry)) !== FRIDAY;
const isNoDaily = (expiry: Instant): boolean => !isDaily(expiry);
/** A Friday that is not the last one of its month. */
const isWeekly = (expiry: Instant): boolean =>
  isNoDaily(expiry) && monthOf(expiry) === monthOf(expiry + WEEK);
const OKX_LOWERED = parseInstant('2025-05-15T07:00:00Z');

const DERIBIT = 'support.deribit.com, article 25944746248989 "Fees", delivery fees, November 2025';
const BYBIT = 'bybit.com help centre, "Bybit Option Fees Explained", October 2024';
const OKX = 'okx.com, notice of the change of option fees of 15 May 2025';

/**
 * The fees at delivery of the venues we know, entry level. A kind of contract that no rule is of pays nothing here: futures of
 * Binance and OKX among them, whose figure no public page states. Overridable by file, as every term.
 */
export const DELIVERY_RULES: readonly DeliveryRule[] = [
  { venue: 'deribit', kind: 'option', of: isNoDaily, ...ofOption('0.00015', '0.125'), source: DERIBIT },
  { venue: 'deribit', kind: 'option', of: isDaily, source: DERIBIT },
  { venue: 'deribit', kind: 'future', of: isWeekly, source: DERIBIT },
  { venue: 'deribit', kind: 'future', of: (at) => !isWeekly(at), deliveryFee: '0.00025', source: DERIBIT },
  {
    venue: 'binance',
    kind: 'option',
    ...ofOption('0.00015', '0.1'),
    source: 'binance.com support, article 5326e5de61c34fed98abe28d2f175a23 "Options fees", 2025',
  },
  { venue: 'bybit', kind: 'option', of: isNoDaily, ...ofOption('0.00015', '0.125'), source: BYBIT },
  { venue: 'bybit', kind: 'option', of: isDaily, source: BYBIT },
  {
    venue: 'bybit',
    kind: 'future',
    of: (_, { inverse }) => inverse,
    deliveryFee: '0.0005',
    source: 'deliveryFeeRate of the recorded ticker of BTCUSDU23, 2023-04-05',
  },
  {
    venue: 'okx',
    kind: 'option',
    of: (at) => isNoDaily(at) && at < OKX_LOWERED,
    ...ofOption('0.0002', '0.125'),
    source: OKX,
  },
  {
    venue: 'okx',
    kind: 'option',
    of: (at) => isNoDaily(at) && at >= OKX_LOWERED,
    ...ofOption('0.0002', '0.07'),
    source: OKX,
  },
  { venue: 'okx', kind: 'option', of: isDaily, source: OKX },
];

function ofOption(deliveryFee: string, deliveryFeeCap: string): DeliveryTerms {
  return { deliveryFee, deliveryFeeCap };
}

/** The terms of delivery that a venue publishes for a contract; empty where it delivers for nothing, or states no figure. */
export function deliveryTermsOf(venue: string, terms: SymbolTerms): DeliveryTerms {
  const { kind, expiry } = terms;
  if (expiry === undefined) return {};
  const rule = DELIVERY_RULES.find(
    (one) => one.venue === venue && one.kind === kind && (one.of?.(expiry, terms) ?? true),
  );
  const { deliveryFee, deliveryFeeCap } = rule ?? {};
  return {
    ...(deliveryFee === undefined ? {} : { deliveryFee }),
    ...(deliveryFeeCap === undefined ? {} : { deliveryFeeCap }),
  };
}
