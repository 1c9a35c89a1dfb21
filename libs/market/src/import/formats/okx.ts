import { barLength } from './bar-length';
import { ticksProblem } from './tardis';
import type { ForeignFormat, RowReader } from '../foreign-format';
import { parsed } from '../parsed';

const SOURCE = 'https://www.okx.com/historical-data';

const trades: ForeignFormat = {
  name: 'okx-trades',
  title: 'OKX trade history (days end at 16:00 UTC)',
  header: ['instrument_name', 'trade_id', 'side', 'price', 'size', 'created_time'],
  optional: ['source'],
  source: SOURCE,
  columns: [
    { name: 'instrument_name', is: 'the symbol' },
    { name: 'price', is: 'in the instrument’s quote currency' },
    { name: 'size', is: 'contracts; coin of spot' },
    { name: 'created_time', is: 'ms' },
  ],
  bind({ row, findings, idOf }): RowReader {
    const [name, time] = [row.place('instrument_name'), row.place('created_time')];
    const [price, size] = [row.place('price'), row.place('size')];
    return {
      time: (at) => at.time(time, 'created_time', ['ms']),
      read(at, known) {
        const instrument = idOf('okx', at.text(name));
        const problem = ticksProblem(instrument);
        if (problem !== undefined) return problem;
        findings.trade(instrument, known, at.price(price, 'price'), at.amount(size, 'size'));
        return undefined;
      },
    };
  },
};

const candles: ForeignFormat = {
  name: 'okx-candles',
  title: 'OKX candlesticks (the interval is said with --bar)',
  header: [
    ...['instrument_name', 'open', 'high', 'low', 'close', 'vol', 'vol_ccy', 'vol_quote'],
    ...['open_time', 'confirm'],
  ],
  source: SOURCE,
  columns: [
    { name: 'instrument_name', is: 'the symbol' },
    { name: 'open', is: 'price, in the quote currency' },
    { name: 'high', is: 'the same' },
    { name: 'low', is: 'the same' },
    { name: 'close', is: 'the same' },
    { name: 'vol', is: 'contracts; coin of spot' },
    { name: 'open_time', is: 'opening of the bar, ms' },
    { name: 'confirm', is: '1 where the bar has ended; others are left out' },
  ],
  bind({ row, findings, idOf, options }): RowReader {
    const length = barLength(row, options);
    const [name, time, confirm] = [
      row.place('instrument_name'),
      row.place('open_time'),
      row.place('confirm'),
    ];
    const prices = ['open', 'high', 'low', 'close'].map((column) => [row.place(column), column] as const);
    const volume = row.place('vol');
    return {
      time: (at) => at.time(time, 'open_time', ['ms']),
      read(at, known) {
        const instrument = idOf('okx', at.text(name));
        const problem = ticksProblem(instrument);
        if (problem !== undefined) return problem;
        if (at.text(confirm) !== '1') return 'a bar that has not ended';
        const [open = '', high = '', low = '', close = ''] = prices.map(([place, column]) =>
          at.price(place, column),
        );
        const traded = at.decimal(volume, 'vol');
        return findings.givenBar(
          at,
          instrument,
          { opened: known, open, high, low, close, volume: traded },
          length,
        );
      },
    };
  },
};

const funding: ForeignFormat = {
  name: 'okx-funding',
  title: 'OKX funding rates',
  header: ['instrument_name', 'funding_rate', 'funding_time'],
  optional: ['contract_type', 'real_funding_rate', 'formula_type', 'method'],
  ordered: false,
  source: SOURCE,
  columns: [
    { name: 'instrument_name', is: 'the symbol' },
    {
      name: 'funding_rate',
      is: 'fraction for the interval, which is the time to the next payment; `real_funding_rate` is taken where it is there',
    },
    { name: 'funding_time', is: 'when it was paid, ms' },
  ],
  bind({ row, findings, idOf }): RowReader {
    const [name, time] = [row.place('instrument_name'), row.place('funding_time')];
    const paid = row.maybePlace('real_funding_rate') ?? row.place('funding_rate');
    return {
      time: (at) => at.time(time, 'funding_time', ['ms']),
      read(at, known) {
        const instrument = idOf('okx', at.text(name));
        if (parsed(instrument)?.kind !== 'perpetual')
          return at.refuse(`${instrument} is no perpetual, and is funded here`);
        findings.payments.add(instrument, known, at.decimal(paid, 'funding_rate'));
        return undefined;
      },
    };
  },
};

export const OKX: readonly ForeignFormat[] = [trades, candles, funding];
