import { parseInstrument } from '@evenkeel/instruments';
import type { ParsedInstrument } from '@evenkeel/instruments';
import { invalidInput } from '../errors';
import type { QuoteUnit } from '../surface/option-quotes';
import { cellOf } from './chain-columns';
import type { ChainRow } from './chain-columns';

/** The unit of a chain's prices, and who says so. */
export interface ChainUnit {
  readonly unit: QuoteUnit;
  readonly from: 'stated' | 'names' | 'default';
  /** Where what is stated is not what the names of the options say. */
  readonly remark?: string;
}

/**
 * As it is stated (for the file, or in a column `unit`), else as the options' names have it, else coin. Names without a venue are
 * read as Deribit's: `XRP_USDC-…` is paid in USDC, `BTC-…` in coin. Throws `PRICING.INVALID_INPUT` where rows disagree.
 */
export function unitOfChain(rows: readonly ChainRow[], stated: QuoteUnit | undefined): ChainUnit {
  const inRows = onlyOne(rows, 'unit', unitInColumn) ?? undefined;
  if (stated !== undefined && inRows !== undefined && inRows.unit !== stated)
    throw invalidInput('unit', `is ${stated} for the file and ${inRows.unit} in row ${inRows.row}`);
  const named = onlyOne(rows, 'id', unitByName);
  const unit = stated ?? inRows?.unit;
  if (unit === undefined)
    return named === undefined ? { unit: 'coin', from: 'default' } : { unit: named.unit, from: 'names' };
  if (named === undefined || named.unit === unit) return { unit, from: 'stated' };
  const remark = `unit is stated as ${unit}, and ${named.name} is quoted in ${named.unit === 'coin' ? 'coin' : 'its quote currency'}`;
  return { unit, from: 'stated', remark };
}

interface SaidUnit {
  readonly unit: QuoteUnit;
  readonly name: string;
  readonly row: number;
}

function onlyOne(
  rows: readonly ChainRow[],
  column: 'unit' | 'id',
  read: (value: unknown) => QuoteUnit | undefined,
): SaidUnit | undefined {
  let first: SaidUnit | undefined;
  rows.forEach((row, index) => {
    const value = cellOf(row, column);
    const unit = value === undefined ? undefined : read(value);
    if (unit === undefined) return;
    first ??= { unit, name: String(value), row: index + 1 };
    if (first.unit === unit) return;
    throw invalidInput(
      column,
      `of row ${index + 1}, ${String(value)}, is quoted in ${unit}, and ${first.name} of row ${first.row} in ${first.unit}: one unit at a time`,
    );
  });
  return first;
}

function unitInColumn(value: unknown): QuoteUnit {
  if (value === 'coin' || value === 'quote') return value;
  throw invalidInput('unit', `is coin or quote, not ${JSON.stringify(value)}`);
}

function unitByName(value: unknown): QuoteUnit | undefined {
  const terms = optionByName(String(value));
  if (terms === undefined) return undefined;
  return terms.quote === terms.underlying ? 'coin' : 'quote';
}

/** Names without a venue are read as Deribit's. */
export function optionByName(name: string): ParsedInstrument | undefined {
  const parsed = parseInstrument(name.includes('@') ? name : `${name}@deribit`);
  return parsed.ok && parsed.value.kind === 'option' ? parsed.value : undefined;
}
