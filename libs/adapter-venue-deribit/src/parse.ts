import type { Instant, Result } from '@evenkeel/kernel';

import {
  WireFault,
  arrayField,
  asArray,
  asObject,
  bestPrice,
  booleanField,
  choiceField,
  compareDecimalText,
  decimalField,
  decimalOf,
  defined,
  field,
  identifierField,
  integerField,
  isObject,
  millisField,
  objectField,
  optionalDecimal,
  optionalInteger,
  optionalText,
  positiveField,
  pairLevels,
  quoteLevel,
  readEach,
  readMessage,
  shiftDecimal,
  sizeField,
  sizeOf,
  textField,
  unsupported,
} from '@evenkeel/venue-wire';
import type {
  BookSequence,
  DecimalText,
  Level,
  LiquidationEvent,
  TickStep,
  CandleEvent,
  TickerEvent,
  TradeEvent,
  VenueEvent,
  WireObject,
  WireValue,
} from '@evenkeel/venue-wire';

const SIDE = { buy: 'buy', sell: 'sell' } as const;
const OPTION_TYPE = { call: 'call', put: 'put' } as const;

/**
 * One message of Deribit's JSON-RPC 2.0 API (v2): subscription notifications and answers to public requests.
 * Amounts are USD for inverse perpetuals and futures, coins for options and linear contracts.
 */
export function parseDeribit(text: string): Result<VenueEvent[]> {
  return readMessage(text, (root) => readRoot(asObject(root, 'message')));
}

function readRoot(root: WireObject): VenueEvent[] {
  if (field(root, 'error') !== undefined) return [readError(root)];
  switch (optionalText(root, 'method')) {
    case 'subscription':
      return readNotification(objectField(root, 'params'));
    case 'heartbeat':
      return [
        {
          kind: 'control',
          venue: 'deribit',
          what:
            optionalText(objectField(root, 'params'), 'type') === 'test_request' ? 'test-request' : 'ping',
        },
      ];
    case undefined:
      return readAnswer(root);
    default:
      return unsupported(`Deribit method ${textField(root, 'method')}`);
  }
}

function readError(root: WireObject): VenueEvent {
  const error = objectField(root, 'error');
  return {
    kind: 'control',
    venue: 'deribit',
    what: 'error',
    ...requestIdOf(root),
    code: String(integerField(error, 'code')),
    detail: textField(error, 'message'),
  };
}

function requestIdOf(root: WireObject): { requestId?: string } {
  return field(root, 'id') === undefined || field(root, 'id') === null
    ? {}
    : { requestId: identifierField(root, 'id') };
}

function readNotification(params: WireObject): VenueEvent[] {
  const channel = textField(params, 'channel');
  const parts = channel.split('.');
  switch (parts[0]) {
    case 'trades':
      return arrayField(params, 'data').flatMap((item) => readTrade(asObject(item, 'data')));
    case 'book':
      return [readBook(objectField(params, 'data'), parts.length > 3)];
    case 'quote':
      return [readQuote(objectField(params, 'data'))];
    case 'ticker':
    case 'incremental_ticker':
      return [readTicker(objectField(params, 'data'))];
    case 'deribit_price_index':
      return [readIndex(objectField(params, 'data'))];
    case 'perpetual':
      return [readPerpetual(channel, objectField(params, 'data'))];
    case 'chart':
      return [readCandle(channel, objectField(params, 'data'))];
    case 'instrument':
      return [readInstrumentState(objectField(params, 'data'))];
    case 'markprice':
      return arrayField(params, 'data').map((item) => readOptionMark(asObject(item, 'data')));
    default:
      return unsupported(`Deribit channel ${channel}`);
  }
}

function base(
  symbol: string,
  eventTime: Instant | null,
): { venue: 'deribit'; instrument: string; symbol: string; eventTime: Instant | null } {
  return { venue: 'deribit', instrument: `${symbol}@deribit`, symbol, eventTime };
}

function readTrade(item: WireObject): VenueEvent[] {
  const side = choiceField(item, 'direction', SIDE);
  const trade: TradeEvent = {
    kind: 'trade',
    ...base(textField(item, 'instrument_name'), millisField(item, 'timestamp')),
    id: identifierField(item, 'trade_id'),
    price: decimalField(item, 'price'),
    size: sizeField(item, 'amount'),
    side,
    ...defined({ special: specialOf(item) }),
  };
  const liquidation = optionalText(item, 'liquidation');
  if (liquidation === undefined) return [trade];
  // "M": the maker was liquidated, so the closing order is on the other side of the taker; "T" and "MT": the taker.
  const opposite = side === 'buy' ? 'sell' : 'buy';
  const closing: LiquidationEvent = {
    ...trade,
    kind: 'liquidation',
    side: liquidation === 'M' ? opposite : side,
  };
  return [trade, closing];
}

/** Blocks and legs of combos are negotiated elsewhere: their prices are not those of the instrument's own book. */
function specialOf(item: WireObject): string | undefined {
  if (said(item, 'block_trade_id') || said(item, 'block_rfq_id')) return 'BLOCK';
  return said(item, 'combo_id') || said(item, 'combo_trade_id') ? 'COMBO' : undefined;
}

function said(item: WireObject, key: string): boolean {
  const value = field(item, key);
  return value !== undefined && value !== null && value !== '';
}

function readBook(data: WireObject, grouped: boolean): VenueEvent {
  const symbol = textField(data, 'instrument_name');
  const last = integerField(data, 'change_id');
  const head = base(symbol, millisField(data, 'timestamp'));
  if (grouped) {
    return {
      kind: 'book-snapshot',
      ...head,
      bids: pairLevels(field(data, 'bids'), 'bids'),
      asks: pairLevels(field(data, 'asks'), 'asks'),
      sequence: { rule: 'none' },
      depth: 'top',
    };
  }
  const previous = optionalInteger(data, 'prev_change_id');
  // A change with previous 0 is the first of a new book; messages of 2019 have no type but the same meaning.
  const snapshot = optionalText(data, 'type') === 'snapshot' || previous === undefined || previous === 0;
  const sequence: BookSequence = snapshot ? { rule: 'step', last } : { rule: 'previous', last, previous };
  const bids = changeLevels(field(data, 'bids'), 'bids');
  const asks = changeLevels(field(data, 'asks'), 'asks');
  return snapshot
    ? { kind: 'book-snapshot', ...head, bids, asks, sequence, depth: 'full' }
    : { kind: 'book-delta', ...head, bids, asks, sequence, depth: 'full' };
}

/** `[["new" | "change" | "delete", price, amount], …]`. */
function changeLevels(value: WireValue | undefined, path: string): Level[] {
  return asArray(value, path).map((row) => {
    const [action, price, amount] = asArray(row, path);
    if (action !== 'new' && action !== 'change' && action !== 'delete') {
      throw new WireFault('VENUES.FIELD_INVALID', `${path}: unknown change ${JSON.stringify(action)}`, path);
    }
    const size = action === 'delete' ? sizeOf(0, path) : sizeOf(amount, path);
    return { price: decimalOf(price, path), size };
  });
}

function readQuote(data: WireObject): VenueEvent {
  return {
    kind: 'quote',
    ...base(textField(data, 'instrument_name'), millisField(data, 'timestamp')),
    ...defined({
      bid: quoteLevel(data, 'best_bid_price', 'best_bid_amount'),
      ask: quoteLevel(data, 'best_ask_price', 'best_ask_amount'),
    }),
  };
}

/** Deribit writes volatilities in percent; zero means "none". */
function fraction(percent: DecimalText | undefined): DecimalText | undefined {
  return percent === undefined || percent === '0' ? undefined : shiftDecimal(percent, -2);
}

function readTicker(data: WireObject): TickerEvent {
  const greeks = field(data, 'greeks');
  const underlying = optionalDecimal(data, 'underlying_price');
  return {
    kind: 'ticker',
    ...base(textField(data, 'instrument_name'), millisField(data, 'timestamp')),
    ...defined({
      bid: bestPrice(data, 'best_bid_price', 'best_bid_amount'),
      ask: bestPrice(data, 'best_ask_price', 'best_ask_amount'),
      last: optionalDecimal(data, 'last_price'),
      mark: optionalDecimal(data, 'mark_price'),
      index: optionalDecimal(data, 'index_price'),
      underlyingPrice: underlying,
      underlyingName: optionalText(data, 'underlying_index'),
      openInterest: optionalDecimal(data, 'open_interest'),
      fundingRate: optionalDecimal(data, 'current_funding'),
      markIv: fraction(optionalDecimal(data, 'mark_iv')),
      bidIv: fraction(optionalDecimal(data, 'bid_iv')),
      askIv: fraction(optionalDecimal(data, 'ask_iv')),
      greeks: isObject(greeks) ? readGreeks(greeks) : undefined,
      deliveryPrice: optionalDecimal(data, 'delivery_price'),
      state: optionalText(data, 'state'),
    }),
  };
}

function readGreeks(greeks: WireObject): TickerEvent['greeks'] {
  return defined({
    delta: optionalDecimal(greeks, 'delta'),
    gamma: optionalDecimal(greeks, 'gamma'),
    vega: optionalDecimal(greeks, 'vega'),
    theta: optionalDecimal(greeks, 'theta'),
    rho: optionalDecimal(greeks, 'rho'),
  });
}

function readIndex(data: WireObject): VenueEvent {
  const symbol = textField(data, 'index_name');
  return {
    kind: 'index',
    ...base(symbol, millisField(data, 'timestamp')),
    price: decimalField(data, 'price'),
  };
}

function readPerpetual(channel: string, data: WireObject): VenueEvent {
  const symbol = channel.split('.')[1] ?? '';
  return {
    kind: 'ticker',
    ...base(symbol, millisField(data, 'timestamp')),
    ...defined({
      fundingRate: optionalDecimal(data, 'interest'),
      index: optionalDecimal(data, 'index_price'),
    }),
  };
}

function readOptionMark(item: WireObject): TickerEvent {
  return {
    kind: 'ticker',
    ...base(textField(item, 'instrument_name'), millisField(item, 'timestamp')),
    // This channel alone writes the volatility as a fraction.
    ...defined({ mark: optionalDecimal(item, 'mark_price'), markIv: optionalDecimal(item, 'iv') }),
  };
}

function readCandle(channel: string, data: WireObject): VenueEvent {
  // chart.trades.<instrument>.<minutes>; an instrument such as X-1d02-C holds no dot.
  const parts = channel.split('.');
  const symbol = parts[2] ?? '';
  const openTime = millisField(data, 'tick');
  return {
    kind: 'candle',
    ...base(symbol, null),
    period: `${parts[3] ?? ''}m`,
    openTime,
    open: decimalField(data, 'open'),
    high: decimalField(data, 'high'),
    low: decimalField(data, 'low'),
    close: decimalField(data, 'close'),
    ...candleVolumes(symbol, data),
  };
}

/**
 * Deribit tells `volume` in coin and `cost` in what the price is in. Amounts of inverse contracts are dollars elsewhere in its messages,
 * and so they are here: for those the cost is the volume.
 */
function candleVolumes(symbol: string, data: WireObject): Pick<CandleEvent, 'volume' | 'quoteVolume'> {
  const cost = optionalDecimal(data, 'cost');
  const inverse = !symbol.includes('_') && !/-[CP]$/.test(symbol);
  const volume = inverse ? sizeField(data, 'cost') : sizeField(data, 'volume');
  return { volume, ...defined({ quoteVolume: cost }) };
}

function readInstrumentState(data: WireObject): VenueEvent {
  return {
    kind: 'ticker',
    ...base(textField(data, 'instrument_name'), millisField(data, 'timestamp')),
    state: textField(data, 'state'),
  };
}

/** An answer: an order book, a ticker, book summaries, instruments, or something only its caller understands. */
function readAnswer(root: WireObject): VenueEvent[] {
  const result = field(root, 'result');
  if (result === undefined) return unsupported('a Deribit message without method, result or error');
  if (isObject(result) && field(result, 'change_id') !== undefined && field(result, 'bids') !== undefined) {
    return [readBookAnswer(result), readTicker(result)];
  }
  if (isObject(result) && field(result, 'mark_price') !== undefined) return [readTicker(result)];
  if (Array.isArray(result)) {
    const has = (key: string): boolean =>
      result.some((item) => isObject(item) && field(item, key) !== undefined);
    const each = (read: (item: WireObject) => VenueEvent): VenueEvent[] =>
      readEach('deribit', result, (item) => read(asObject(item, 'result')));
    if (has('tick_size')) return each(readInstrument);
    if (has('mark_price')) return each(readSummary);
  }
  return [{ kind: 'control', venue: 'deribit', what: 'answer', ...requestIdOf(root) }];
}

function readBookAnswer(result: WireObject): VenueEvent {
  return {
    kind: 'book-snapshot',
    ...base(textField(result, 'instrument_name'), millisField(result, 'timestamp')),
    bids: pairLevels(field(result, 'bids'), 'bids'),
    asks: pairLevels(field(result, 'asks'), 'asks'),
    sequence: { rule: 'step', last: integerField(result, 'change_id') },
    depth: 'full',
  };
}

function readSummary(item: WireObject): TickerEvent {
  return {
    kind: 'ticker',
    ...base(textField(item, 'instrument_name'), millisField(item, 'creation_timestamp')),
    ...defined({
      last: optionalDecimal(item, 'last'),
      mark: optionalDecimal(item, 'mark_price'),
      markIv: fraction(optionalDecimal(item, 'mark_iv')),
      underlyingPrice: optionalDecimal(item, 'underlying_price'),
      underlyingName: optionalText(item, 'underlying_index'),
      openInterest: optionalDecimal(item, 'open_interest'),
      fundingRate: optionalDecimal(item, 'current_funding'),
    }),
  };
}

const INSTRUMENT_KIND = {
  future: 'future',
  option: 'option',
  spot: 'spot',
  future_combo: 'combo',
  option_combo: 'combo',
} as const;

function readInstrument(item: WireObject): VenueEvent {
  const symbol = textField(item, 'instrument_name');
  const kind = choiceField(item, 'kind', INSTRUMENT_KIND);
  const perpetual = optionalText(item, 'settlement_period') === 'perpetual';
  const inverse = optionalText(item, 'instrument_type') === 'reversed';
  return {
    kind: 'instrument',
    ...base(symbol, null),
    type: perpetual ? 'perpetual' : kind,
    payoff: inverse ? 'inverse' : 'linear',
    base: textField(item, 'base_currency'),
    quote: optionalText(item, 'counter_currency') ?? textField(item, 'quote_currency'),
    settlement: optionalText(item, 'settlement_currency') ?? textField(item, 'quote_currency'),
    tickSize: positiveField(item, 'tick_size'),
    // What one may trade at least is also the step.
    lotSize: positiveField(item, 'min_trade_amount'),
    minimumSize: positiveField(item, 'min_trade_amount'),
    contractSize: positiveField(item, 'contract_size'),
    active: booleanField(item, 'is_active'),
    ...defined({
      tickSteps: tickStepsOf(item),
      makerFee: optionalDecimal(item, 'maker_commission'),
      takerFee: optionalDecimal(item, 'taker_commission'),
      expiry: perpetual || kind === 'spot' ? undefined : millisField(item, 'expiration_timestamp'),
      strike: optionalDecimal(item, 'strike'),
      optionType: kind === 'option' ? choiceField(item, 'option_type', OPTION_TYPE) : undefined,
    }),
  };
}

function tickStepsOf(item: WireObject): readonly TickStep[] | undefined {
  const steps = field(item, 'tick_size_steps');
  if (steps === undefined || steps === null) return undefined;
  const found = asArray(steps, 'tick_size_steps').map((step) =>
    readTickStep(asObject(step, 'tick_size_steps')),
  );
  return found.length === 0
    ? undefined
    : found.sort((left, right) => compareDecimalText(left.above, right.above));
}

function readTickStep(step: WireObject): TickStep {
  return { above: decimalField(step, 'above_price'), tick: positiveField(step, 'tick_size') };
}
