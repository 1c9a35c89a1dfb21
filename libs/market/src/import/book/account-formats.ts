import { LOG_FORMATS } from './transaction-logs';
import type { LogFormat } from './transaction-logs';
import { binanceFutures, bybitMargined } from '../symbols';
import { RowProblem, decimalOf, optionalText, signedBy, textOf, worthOf } from './account-row';
import type { AccountRow, HeldPosition } from './account-row';

/** One kind of export: how its rows are known, and what they say. */
export interface AccountFormat {
  readonly name: string;
  /** Where a person gets it. */
  readonly from: string;
  /** Fields that every row has; those that tell it from the others. */
  readonly fields: readonly string[];
  readonly size: string;
  readonly read: (row: AccountRow) => HeldPosition;
}

/** The documented table of one's own. */
export const OWN_TABLE = 'positions';

const BUY_SELL = { buy: 1, sell: -1, zero: 0 } as const;
const LONG_SHORT = { LONG: 1, SHORT: -1, BOTH: 0 } as const;

/** Every format that is read. Sizes and signs are those of the venues' documentation; contracts come of the venue's own terms. */
export const ACCOUNT_FORMATS: readonly AccountFormat[] = [
  {
    name: 'deribit',
    from: 'private/get_positions',
    fields: ['instrument_name', 'direction', 'size', 'average_price'],
    size: 'USD of what is paid in coin, otherwise coin; its side is direction',
    read: (row) => ({
      instrument: `${textOf(row, 'instrument_name')}@deribit`,
      size: signedBy(row, 'direction', decimalOf(row, 'size'), textOf(row, 'direction'), BUY_SELL),
      unit: 'units',
      price: decimalOf(row, 'average_price'),
    }),
  },
  {
    name: 'okx',
    from: 'GET /api/v5/account/positions',
    fields: ['instId', 'instType', 'pos', 'posSide', 'avgPx'],
    size: 'contracts; posSide net carries the sign, long and short are sides',
    read: (row) => {
      const type = textOf(row, 'instType');
      const side = textOf(row, 'posSide');
      return {
        instrument: `${textOf(row, 'instId')}@okx`,
        size: signedBy(row, 'posSide', decimalOf(row, 'pos'), side, { net: 0, long: 1, short: -1 }),
        unit: 'contracts',
        price: decimalOf(row, 'avgPx'),
        leg: side,
        ...(['SWAP', 'FUTURES', 'OPTION'].includes(type)
          ? {}
          : { problem: `is of kind ${type}: coin bought or sold on credit is no contract` }),
      };
    },
  },
  {
    name: 'bybit',
    from: 'GET /v5/position/list, one category a file',
    fields: ['symbol', 'side', 'size', 'avgPrice', 'positionIdx'],
    size: 'USD of category inverse, otherwise coin; its side is side',
    read: (row) => {
      const symbol = textOf(row, 'symbol');
      const category = row.of ?? optionalText(row, 'category');
      if (!['linear', 'inverse', 'option'].includes(category))
        throw new RowProblem(
          `category is ${JSON.stringify(category)}, and not one of linear, inverse, option`,
        );
      const size = decimalOf(row, 'size');
      const side = optionalText(row, 'side');
      return {
        instrument: `${category === 'option' ? symbol : bybitMargined(symbol)}@bybit`,
        size: size.isZero() ? size : signedBy(row, 'side', size, side, { Buy: 1, Sell: -1 }),
        unit: 'units',
        price: decimalOf(row, 'avgPrice'),
        ...worthOf(row, ['positionValue'], ['avgPrice', 'markPrice']),
        leg: String(row.fields['positionIdx']),
      };
    },
  },
  {
    name: 'binance-futures',
    from: 'GET /fapi/v2/positionRisk (or v3), GET /dapi/v1/positionRisk',
    fields: ['symbol', 'positionAmt', 'entryPrice', 'positionSide'],
    size: 'coin of USD-M, contracts of COIN-M; the sign is the side',
    read: (row) => {
      const symbol = textOf(row, 'symbol');
      const side = textOf(row, 'positionSide');
      return {
        instrument: `${binanceFutures(symbol)}@binance`,
        size: signedBy(row, 'positionSide', decimalOf(row, 'positionAmt'), side, LONG_SHORT),
        // COIN-M symbols say what they are: BTCUSD_PERP, BTCUSD_260327.
        unit: /USD_(PERP|\d{6})$/.test(symbol) ? 'contracts' : 'units',
        price: decimalOf(row, 'entryPrice'),
        ...worthOf(row, ['notional', 'notionalValue'], ['markPrice']),
        leg: side,
      };
    },
  },
  {
    name: 'binance-options',
    from: 'GET /eapi/v1/position',
    fields: ['symbol', 'side', 'quantity', 'entryPrice', 'optionSide'],
    size: 'contracts; its side is side',
    read: (row) => {
      const side = textOf(row, 'side');
      return {
        instrument: `${textOf(row, 'symbol')}@binance`,
        size: signedBy(row, 'side', decimalOf(row, 'quantity'), side, { LONG: 1, SHORT: -1 }),
        unit: 'contracts',
        price: decimalOf(row, 'entryPrice'),
        leg: side,
      };
    },
  },
  {
    name: OWN_TABLE,
    from: 'a table of your own: instrument,quantity,price',
    fields: ['instrument', 'quantity', 'price'],
    size: 'contracts, long positive',
    read: (row) => ({
      instrument: textOf(row, 'instrument'),
      size: decimalOf(row, 'quantity'),
      unit: 'contracts',
      price: decimalOf(row, 'price'),
    }),
  },
];

/** Exports that look like positions and are none, by fields that only they have. */
const OTHERS: readonly (readonly [fields: readonly string[], what: string])[] = [
  [['Avg. Close Price', 'Closed'], "Binance's position history: what it lists is closed"],
  [['avgExitPrice', 'closedPnl'], "Bybit's closed P&L: what it lists is closed"],
  [['closeAvgPx', 'realizedPnl'], "OKX's history of positions: what it lists is closed"],
  [
    ['positionAmt', 'positionSide', 'notional'],
    "Binance's account without entry prices: export positionRisk",
  ],
  [['asset', 'balance'], 'a list of balances, and not of positions'],
  [['trade_id', 'order_id'], 'a list of trades: `keel book trade --file` books those'],
];

/** The format that rows with these fields are of. Throws `RowProblem` with the reason where there is none. */
export function accountFormatOf(fields: ReadonlySet<string>): AccountFormat | LogFormat {
  const found = [...LOG_FORMATS, ...ACCOUNT_FORMATS].find((format) =>
    format.fields.every((name) => fields.has(name)),
  );
  if (found !== undefined) return found;
  const other = OTHERS.find(([names]) => names.every((name) => fields.has(name)));
  if (other !== undefined) throw new RowProblem(`is ${other[1]}`);
  const near = nearest(fields);
  const lacking = near.fields.filter((name) => !fields.has(name)).join(', ');
  // A table of one's own has no other columns: what is there beside them is what was meant.
  const strangers = [...fields].filter((name) => !near.fields.includes(name)).map((name) => `"${name}"`);
  if (near.name === OWN_TABLE && lackingShare(near, fields) < 0.5)
    throw new RowProblem(`is nearly ${near.from}, but lacks ${lacking} and has ${strangers.join(', ')}`);
  const known = [...ACCOUNT_FORMATS, ...LOG_FORMATS].map(({ name, from }) => `${name} (${from})`).join('; ');
  throw new RowProblem(`is none of ${known}: of ${near.name} it lacks ${lacking}`);
}

function nearest(fields: ReadonlySet<string>): AccountFormat {
  return ACCOUNT_FORMATS.reduce((best, format) =>
    lackingShare(format, fields) < lackingShare(best, fields) ? format : best,
  );
}

function lackingShare(format: AccountFormat, fields: ReadonlySet<string>): number {
  return format.fields.filter((name) => !fields.has(name)).length / format.fields.length;
}
