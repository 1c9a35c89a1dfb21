import type { TapeSource } from '../files/tape-manifest';
import type { Findings } from '../judgement/findings';
import type { TableReading } from './csv-table';

/** Tells what of a file was converted, since nobody should have to guess it from the figures. */
export function remarkDialect(source: TapeSource, { decimal }: TableReading, findings: Findings): void {
  const units = [
    'timeUnit' in source && source.timeUnit !== undefined ? `times from ${source.timeUnit} since 1970` : '',
    'volatilityUnit' in source && source.volatilityUnit === 'percent' ? 'volatilities from per cent' : '',
    'rateUnit' in source && source.rateUnit === 'percent' ? 'rates from per cent' : '',
    'priceUnit' in source && source.priceUnit === 'dollar' ? 'premiums from USD, by the forward' : '',
    decimal === ',' ? 'numbers from a decimal comma' : '',
  ].filter((unit) => unit !== '');
  if (units.length > 0) findings.remark(source.file, undefined, 'converted', `converted ${units.join('; ')}`);
}
