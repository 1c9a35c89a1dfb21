import { InvalidInputError } from '@evenkeel/kernel';
import { parseTrade, parseTradesFile } from './trade-file';

const CALL = { trade: 'otc-17', instrument: 'ETH-16JAN26-3840-C@deribit', quantity: '-5', price: '95' };
const COLUMNS = 'trade,instrument,quantity,price,at';

function problems(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof InvalidInputError)
      return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

describe('a trade in an option that is quoted in coin', () => {
  const told = '95 looks like a premium in USD: a call quoted in ETH is worth less than 1 ETH';

  it('is refused with a premium in USD', () => {
    expect(problems(() => parseTrade(CALL, 'the command'))).toEqual([`price: ${told}`]);
    const file = `${COLUMNS}\n${Object.values(CALL).join(',')},2026-01-05T00:00:00Z\n`;
    expect(problems(() => parseTradesFile(file, 'trades.csv'))).toEqual([`trades.csv:2: price ${told}`]);
  });

  it('is taken with one in coin, and in USD where the option is quoted so', () => {
    expect(parseTrade({ ...CALL, price: '0.95' }, 'the command').price).toBe('0.95');
    const dollars = { ...CALL, instrument: 'ETH_USDC-16JAN26-3840-C@deribit' };
    expect(parseTrade(dollars, 'the command').price).toBe('95');
  });
});

describe('a table of trades', () => {
  const row = 'otc-17,ETH-16JAN26-3840-C@deribit,-5,0.0095,2026-01-05T00:00:00Z';

  it.each([
    [
      'a column that nobody reads',
      `${COLUMNS},fee\n${row},1\n`,
      '"fee" is not a column. There are trade, instrument',
    ],
    [
      'a column misspelt',
      `trade,instrument,quantiy,price,at\n${row}\n`,
      '"quantiy" is not a column: did you mean quantity?',
    ],
    [
      'a column in capitals',
      `Trade,instrument,quantity,price,at\n${row}\n`,
      '"Trade" is not a column: did you mean trade?',
    ],
  ])('refuses %s', (_, text, message) => {
    expect(problems(() => parseTradesFile(text, 'trades.csv'))[0]).toContain(`trades.csv:1: ${message}`);
  });
});
