import { failure, memoised, success } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import type { SymbolTerms } from './symbols/symbol-terms';
import { grammarOf } from './symbols/venues';

/** `<symbol>@<venue>`, e.g. `BTC-23JAN26-96000-C@deribit`. */
export type InstrumentId = string;

/** What the id alone says of a contract. */
export interface ParsedInstrument extends SymbolTerms {
  readonly id: InstrumentId;
  readonly symbol: string;
  readonly venue: string;
}

const PARSED_MAX = 20_000;

/** Reads an instrument id, remembered. Failure `INSTRUMENT.UNKNOWN_FORM` names what was expected. */
export const parseInstrument: (id: InstrumentId) => Result<ParsedInstrument> = memoised(PARSED_MAX, readId);

function readId(id: InstrumentId): Result<ParsedInstrument> {
  const at = id.lastIndexOf('@');
  if (at <= 0 || at === id.length - 1) {
    return failure('INSTRUMENT.UNKNOWN_FORM', `"${id}" is not of the form <symbol>@<venue>`);
  }
  const symbol = id.slice(0, at);
  const venue = id.slice(at + 1);
  const terms = grammarOf(venue)(symbol);
  if (terms === undefined)
    return failure('INSTRUMENT.UNKNOWN_FORM', `"${symbol}" is not an instrument we know on ${venue}`);
  if (typeof terms === 'string') return failure('INSTRUMENT.UNKNOWN_FORM', `"${id}" ${terms}`);
  return success({ id, symbol, venue, ...terms });
}
