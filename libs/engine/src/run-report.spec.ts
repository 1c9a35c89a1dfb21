import { partitionOfBook } from '@evenkeel/eventing';
import fc from 'fast-check';
import { createRunStatistics } from '@evenkeel/accounting';
import { Decimal, required, sum } from '@evenkeel/kernel';
import { runInProcess } from '@evenkeel/lab';
import { busyDemonstration } from '@evenkeel/testkit';
import { bookOpened } from '../../risk/test/scenario';
import { buildReport, haltedBooks, renderReport } from './run-report';

describe('a report of a run that some books did not finish', () => {
  const reason = 'risk: a torn page';
  const halted = haltedBooks(['steady', 'torn'], { [partitionOfBook('torn')]: reason });

  it('names each book of a halted partition with its reason', () => {
    expect(halted).toEqual({ halted: [{ book: 'torn', reason }] });
    const text = renderReport({ ...buildReport('tape', [], 'clean'), ...halted });
    expect(text).toContain('book torn stopped before the end: risk: a torn page');
  });

  it('says nothing of it where none halted', () => {
    expect(haltedBooks(['steady', 'torn'], {})).toEqual({});
  });
});

describe('a report of a book whose orders were all refused', () => {
  const { tape, book: file } = busyDemonstration('refused', 1);
  const book = { ...file, limits: { maxGrossNotionalUsd: '1' } };
  const { journal } = runInProcess({ tape, books: [{ file: book, source: 'the demonstration book' }] });
  const report = buildReport(tape.name, journal.all, 'clean');

  it('says how many, why, and that the book stayed unhedged', () => {
    const { orders, fills } = required(report.books[0], 'the book');
    const { refused, sent } = orders;
    expect([sent, fills]).toEqual([0, 0]);
    expect(refused.total).toBeGreaterThan(0);
    const text = renderReport(report);
    expect(text).toContain(`orders sent 0, refused ${refused.total}, rejected 0, not filled in full 0`);
    expect(text).toContain(`refused: GROSS_NOTIONAL ${refused.total}`);
    expect(text).toContain('THE BOOK STAYED UNHEDGED: no hedge order was filled');
  });
});

describe('a report of orders that did not all trade', () => {
  const { tape, book: file } = busyDemonstration('orders', 1);
  const { journal } = runInProcess({ tape, books: [{ file, source: 'the demonstration book' }] });
  const report = buildReport(tape.name, journal.all, 'clean');
  const book = required(report.books[0], 'the book');
  const none = { total: 0, byReason: {} };
  const textWith = (changes: object): string =>
    renderReport({ ...report, books: [{ ...book, orders: { ...book.orders, ...changes } }] });

  it('says beside the P&L that it is not whole where a position could not be priced', () => {
    const whole = 'THE P&L IS NOT WHOLE';
    expect(textWith({})).not.toContain(whole);
    const lacking = { unpriced: ['BTC-1'], evaluations: 9, evaluationsIncomplete: 7 };
    expect(renderReport({ ...report, books: [{ ...book, ...lacking }] })).toContain(
      `  ${whole}: BTC-1 had no price at the end; a position had no price in 7 of 9 evaluations, and counts for nothing there`,
    );
  });

  it.each<[string, object, readonly string[]]>([
    [
      'refused by two limits',
      { refused: { total: 2, byReason: { GROSS_NOTIONAL: 2, PRICE_COLLAR: 1 } } },
      ['refused 2, rejected 0, not filled in full 0', '    refused: GROSS_NOTIONAL 2, PRICE_COLLAR 1'],
    ],
    [
      'rejected by the venue',
      { rejected: { total: 3, byReason: { VENUE_DOWN: 3 } } },
      ['refused 0, rejected 3, not filled in full 0', '    rejected: VENUE_DOWN 3'],
    ],
    [
      'left over',
      { unfilled: { total: 1, byReason: { IOC_REMAINDER: 1 } } },
      ['refused 0, rejected 0, not filled in full 1', '    not filled in full: IOC_REMAINDER 1'],
    ],
    [
      'all of it',
      {
        refused: { total: 1, byReason: { POSITION: 1 } },
        rejected: { total: 1, byReason: { NO_FUNDS: 1 } },
        unfilled: { total: 1, byReason: { REQUESTED: 1 } },
      },
      [
        'refused 1, rejected 1, not filled in full 1',
        '    refused: POSITION 1',
        '    rejected: NO_FUNDS 1',
        '    not filled in full: REQUESTED 1',
      ],
    ],
    [
      'filled beyond their size',
      { beyondSize: { fills: 2, contracts: { 'BTCUSDT-PERP@binance': '0.75' } } },
      ['  FILLED BEYOND THE SIZE OF THE ORDER: 2 fills, 0.75 BTCUSDT-PERP@binance'],
    ],
  ])('names them: %s', (_, changes, lines) => {
    const text = textWith(changes);
    for (const line of lines) expect(text).toContain(line);
    expect(text).not.toContain('STAYED UNHEDGED');
  });

  it('says nothing of them where each one traded', () => {
    const text = textWith({ refused: none, rejected: none, unfilled: none });
    expect(text).not.toMatch(/orders sent|refused|rejected|BEYOND|UNHEDGED/);
  });
});

describe('the money of a printed report', () => {
  const linesOf = (text: string): (readonly [string, Decimal])[] =>
    [...text.matchAll(/^ +([A-Za-z& ]+?) +(−?[\d,]+\.\d\d)$/gm)].map(([, name = '', figure = '']) => [
      name,
      Decimal.parse(figure.replace('−', '-').replace(/,/g, '')),
    ]);
  const units = fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }).map((value) => Decimal.ofUnits(value, 8));

  it('adds up, line by line, for any exact amounts', () => {
    const run = createRunStatistics();
    run.add({ book: 'b', events: [bookOpened({})] });
    const statistics = required(run.report()[0], 'the book');
    const report = buildReport('tape', [], 'clean');
    fc.assert(
      fc.property(fc.array(units, { minLength: 5, maxLength: 5 }), (lines) => {
        const [options = Decimal.ZERO, settlement = Decimal.ZERO, ...paid] = lines;
        const [hedge = '0', fees = '0', funding = '0'] = paid.map((amount) => amount.toString());
        const pnl = {
          options: options.toString(),
          settlement: settlement.toString(),
          unhedged: options.plus(settlement).toString(),
          hedged: sum(lines).toString(),
          hedge,
          fees,
          funding,
        };
        const explained = { terms: {}, total: '0', residualPercentOfGross: 0, byUnderlying: [], byDay: [] };
        const positions = { positions: [], positionsRounding: '0' };
        const book = {
          ...statistics,
          ...positions,
          pnl,
          explained,
        } as unknown as (typeof report.books)[number]; // no terms, no days
        const account = linesOf(renderReport({ ...report, books: [book] }));
        const names = account.map(([name]) => name);
        const at = names.indexOf('P&L unhedged');
        const upTo = (end: number, from: number): string =>
          sum(account.slice(from, end).map(([, amount]) => amount)).toString();
        expect(names.filter((name) => name !== 'rounding')).toEqual([
          'options',
          'settlement',
          'P&L unhedged',
          'hedge',
          'fees',
          'funding',
          'P&L hedged',
        ]);
        expect(upTo(at, 0)).toBe(account[at]?.[1].toString());
        expect(upTo(account.length - 1, at)).toBe(account.at(-1)?.[1].toString());
      }),
      { seed: 12, numRuns: 200 },
    );
  });
});
