import { createRepeats } from '../judgement/repeats';
import { decimalCell, oneColumnOf, readTable } from './csv-table';
import { remarkDialect } from './dialect-remark';
import type { Reading } from './sink';
import { sourceName } from './source-description';
import type { SourceOf } from './source-description';
import { timeProblem } from './times';

/** Where the price stands: the venue's own, or what somebody worked out in its place. */
const PRICE_COLUMNS = ['delivery_price', 'delivery_price_proxy'] as const;

/** A delivery price is known at the expiry it settles. */
export function readDeliveries(source: SourceOf<'delivery'>, text: string, reading: Reading): void {
  const { sink, times, findings, levels } = reading;
  const { file, timeUnit } = source;
  const name = sourceName(source);
  const venue = source.venue ?? 'deribit';
  const column = oneColumnOf(file, text, PRICE_COLUMNS);
  const repeats = createRepeats<number>(file, findings, (one, other) => one === other);
  const table = readTable(file, text, ['currency', 'expiry', column], (cells, line) => {
    const [currency = '', expiry = '', cell = ''] = cells;
    const at = times.read(expiry, timeUnit);
    if (at === undefined) return timeProblem(expiry, timeUnit);
    const price = decimalCell(cell);
    if (price === undefined || Number(price) <= 0) return `${column} "${cell}" is not a price`;
    const written = times.write(at);
    const told = repeats.row(`${currency} at ${written}`, Number(price), line);
    if (told === 'same') return undefined;
    if (told !== 'new') return told.problem;
    const delivery = { underlying: currency, venue, expiry: written, price, source: name };
    levels.delivery(file, line, delivery);
    sink.delivery(at, delivery);
    return undefined;
  });
  remarkDialect(source, table, findings);
}
