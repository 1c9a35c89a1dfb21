import { formatInstant } from '@evenkeel/kernel';
import { parseInstrument } from '../instrument';

function ends(id: string): string {
  const parsed = parseInstrument(id);
  if (!parsed.ok) return parsed.failure.message;
  const { expiry, underlying, series } = parsed.value;
  return `${underlying} ${series ?? ''} ${expiry === undefined ? '' : formatInstant(expiry)}`;
}

describe('an index option', () => {
  it('is read as the clearing corporation writes it', () => {
    expect(parseInstrument('SPXW210106C03700000@cboe')).toMatchObject({
      ok: true,
      value: {
        kind: 'option',
        underlying: 'SPX',
        series: 'SPXW',
        quote: 'USD',
        settlement: 'USD',
        inverse: false,
        optionType: 'call',
      },
    });
    const half = parseInstrument('VIX260318P00017500@cboe');
    expect(half.ok && half.value.strike?.toString()).toBe('17.5');
  });

  it.each([
    // At the close; an hour earlier by UTC in summer.
    ['SPXW210106C03700000', 'SPX SPXW 2021-01-06T21:00:00Z'],
    ['SPXW260706P06000000', 'SPX SPXW 2026-07-06T20:00:00Z'],
    // The Friday on which the clock is still New York's winter, and the Monday after.
    ['SPXW260306C06000000', 'SPX SPXW 2026-03-06T21:00:00Z'],
    ['SPXW260309C06000000', 'SPX SPXW 2026-03-09T20:00:00Z'],
    // The day after Thanksgiving closes at one.
    ['SPXW261127C06000000', 'SPX SPXW 2026-11-27T18:00:00Z'],
    // At the open of the third Friday, or of the Thursday before a holiday.
    ['SPX210115C03700000', 'SPX SPX 2021-01-15T14:30:00Z'],
    ['SPX260618P06000000', 'SPX SPX 2026-06-18T13:30:00Z'],
    // Written with the Saturday, until January 2015.
    ['SPX141220C02000000', 'SPX SPX 2014-12-19T14:30:00Z'],
    ['VIX260318C00020000', 'VIX VIX 2026-03-18T13:30:00Z'],
    ['XSP260116C00600000', 'XSP XSP 2026-01-16T21:00:00Z'],
  ])('%s ends: %s', (symbol, end) => expect(ends(`${symbol}@cboe`)).toBe(end));

  it.each([
    ['ESH21', 'SPX ES 2021-03-19T13:30:00Z'],
    ['MESZ26', 'SPX MES 2026-12-18T14:30:00Z'],
    // The Friday is Juneteenth.
    ['ESM26', 'SPX ES 2026-06-18T13:30:00Z'],
  ])('%s, the future beside it, ends: %s', (symbol, end) => expect(ends(`${symbol}@cme`)).toBe(end));

  it('has no future of another month or root', () => {
    expect(ends('ESF26@cme')).toMatch(/is of no quarter/);
    expect(ends('NQH26@cme')).toMatch(/root that is not known; known are ES, MES/);
  });

  it.each([
    ['SPXW210101C03700000', /on a day on which New York does not trade/],
    ['SPXW210109C03700000', /on a day on which New York does not trade/],
    ['SPXW260403C06000000', /on a day on which New York does not trade/],
    ['SPX210106C03700000', /no third Friday; SPXW is the root/],
    ['SPXW210231C03700000', /a day that does not exist/],
    ['NDX260116C20000000', /root that is not known; known are SPX, SPXW, XSP, VIX, VIXW/],
    ['SPXW-20210106-3700-C', /not an instrument we know on cboe/],
    ['SPXW210106C3700', /not an instrument we know on cboe/],
  ])('%s is refused', (symbol, reason) => expect(ends(`${symbol}@cboe`)).toMatch(reason));
});
