import type { Instant, Result } from '@evenkeel/kernel';

import {
  ABSENT,
  ROOT,
  TextMemo,
  WireFault,
  identifierField,
  namedBy,
  quoteEvent,
  readScan,
  arrayField,
  asArray,
  asObject,
  bestPrice,
  booleanField,
  choiceField,
  compareDecimalText,
  decimalField,
  defined,
  field,
  integerField,
  isObject,
  millisField,
  objectField,
  optionalDecimal,
  optionalText,
  positiveField,
  pairLevels,
  readEach,
  shiftDecimal,
  sizeField,
  sizeOf,
  textField,
  unsupported,
  wireKeys,
} from '@evenkeel/venue-wire';
import type {
  BookSequence,
  DecimalText,
  WireScan,
  Level,
  LiquidationEvent,
  Slot,
  TickStep,
  CandleEvent,
  TickerEvent,
  TradeEvent,
  VenueEvent,
  WireKey,
  WireObject,
} from '@evenkeel/venue-wire';

const SIDE = { buy: 'buy', sell: 'sell' } as const;
const OPTION_TYPE = { call: 'call', put: 'put' } as const;

/** The fields that are read off the scan. */
const K = wireKeys(
  'params',
  'direction',
  'timestamp',
  'trade_id',
  'price',
  'amount',
  'liquidation',
  'change_id',
  'prev_change_id',
  'type',
  'error',
  'method',
  'channel',
  'data',
  'instrument_name',
  'bids',
  'asks',
  'best_bid_price',
  'best_bid_amount',
  'best_ask_price',
  'best_ask_amount',
  'subscription',
  'change',
  'new',
  'delete',
  'block_trade_id',
  'block_rfq_id',
  'combo_id',
  'combo_trade_id',
);

/**
 * One message of Deribit's JSON-RPC 2.0 API (v2): subscription notifications and answers to public requests.
 * Amounts are USD for inverse perpetuals and futures, coins for options and linear contracts.
 */
export function parseDeribit(text: string): Result<VenueEvent[]> {
  return readScan(text, (scan) => {
    const root = scan.objectAt(ROOT, 'message');
    const isPush = !scan.has(root, K.error) && scan.isText(scan.field(root, K.method), K.subscription);
    if (!isPush) return readRoot(scan.plainObject(root, 'message'));
    return readNotification(scan, scan.objectField(root, K.params));
  });
}

function readRoot(root: WireObject): VenueEvent[] {
  if (field(root, 'error') !== undefined) return [readError(root)];
  switch (optionalText(root, 'method')) {
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

/** `book.<instrument>.<interval>` is a stream of changes, `book.<instrument>.<group>.<depth>.<interval>` one of whole tops. */
const CHANNELS = new TextMemo((text) => {
  const parts = text.split('.');
  return { text, kind: parts[0], grouped: parts.length > 3 };
});
const TYPES = new TextMemo((type) => type);
const NAMES = namedBy((symbol) => `${symbol}@deribit`);

function readNotification(scan: WireScan, params: Slot): VenueEvent[] {
  const channel = CHANNELS.of(scan, params, K.channel);
  const data = scan.field(params, K.data);
  switch (channel.kind) {
    case 'trades':
      return tradesOf(scan, data);
    case 'book':
      return [readBook(scan, scan.objectAt(data, 'data'), channel.grouped)];
    case 'quote':
      return [readQuote(scan, scan.objectAt(data, 'data'))];
    default:
      return readSeldom(channel.text, scan.plainObject(params, 'params'));
  }
}

function readSeldom(channel: string, params: WireObject): VenueEvent[] {
  switch (channel.split('.')[0]) {
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

function tradesOf(scan: WireScan, data: Slot): VenueEvent[] {
  const events: VenueEvent[] = [];
  for (let item = scan.first(scan.arrayAt(data, 'data')); item >= 0; item = scan.after(data, item))
    readTrade(scan, scan.objectAt(item, 'data'), events);
  return events;
}

function readTrade(scan: WireScan, item: Slot, events: VenueEvent[]): void {
  const side = scan.choiceField(item, K.direction, SIDE);
  const { symbol, instrument } = NAMES.of(scan, item, K.instrument_name);
  const plain: TradeEvent = {
    kind: 'trade',
    venue: 'deribit',
    instrument,
    symbol,
    eventTime: scan.millisField(item, K.timestamp),
    id: scan.identifierField(item, K.trade_id),
    price: scan.decimalField(item, K.price),
    size: scan.sizeField(item, K.amount),
    side,
  };
  const special = specialOf(scan, item);
  const trade = special === undefined ? plain : { ...plain, special };
  const liquidation = scan.optionalTextField(item, K.liquidation);
  events.push(trade);
  if (liquidation === undefined) return;
  // "M": the maker was liquidated, so the closing order is on the other side of the taker; "T" and "MT": the taker.
  const opposite = side === 'buy' ? 'sell' : 'buy';
  const closing: LiquidationEvent = {
    ...trade,
    kind: 'liquidation',
    side: liquidation === 'M' ? opposite : side,
  };
  events.push(closing);
}

/** Blocks and legs of combos are negotiated elsewhere: their prices are not those of the instrument's own book. */
function specialOf(scan: WireScan, item: Slot): string | undefined {
  const said = (key: WireKey): boolean => scan.isSaid(scan.field(item, key));
  if (said(K.block_trade_id) || said(K.block_rfq_id)) return 'BLOCK';
  return said(K.combo_id) || said(K.combo_trade_id) ? 'COMBO' : undefined;
}

function readBook(scan: WireScan, data: Slot, grouped: boolean): VenueEvent {
  const { symbol, instrument } = NAMES.of(scan, data, K.instrument_name);
  const last = scan.integerField(data, K.change_id);
  const eventTime = scan.millisField(data, K.timestamp);
  const [bidSlot, askSlot] = [scan.field(data, K.bids), scan.field(data, K.asks)];
  if (grouped) {
    const bids = scan.pairLevelsAt(bidSlot, 'bids');
    const asks = scan.pairLevelsAt(askSlot, 'asks');
    const sequence = { rule: 'none' } as const;
    const kind = 'book-snapshot';
    return { kind, venue: 'deribit', instrument, symbol, eventTime, bids, asks, sequence, depth: 'top' };
  }
  const previous = scan.optionalIntegerField(data, K.prev_change_id);
  const type = TYPES.optional(scan, data, K.type);
  // A change with previous 0 is the first of a new book; messages of 2019 have no type but the same meaning.
  const snapshot = type === 'snapshot' || previous === undefined || previous === 0;
  const sequence: BookSequence = snapshot ? { rule: 'step', last } : { rule: 'previous', last, previous };
  const bids = changeLevels(scan, bidSlot, 'bids');
  const asks = changeLevels(scan, askSlot, 'asks');
  const kind = snapshot ? 'book-snapshot' : 'book-delta';
  return { kind, venue: 'deribit', instrument, symbol, eventTime, bids, asks, sequence, depth: 'full' };
}

/** `[["new" | "change" | "delete", price, amount], …]`. */
function changeLevels(scan: WireScan, rows: Slot, path: string): Level[] {
  const levels: Level[] = [];
  for (let row = scan.first(scan.arrayAt(rows, path)); row >= 0; row = scan.after(rows, row)) {
    const action = scan.first(scan.arrayAt(row, path));
    const changed = scan.isText(action, K.change) || scan.isText(action, K.new);
    if (!changed && !scan.isText(action, K.delete)) {
      const said = JSON.stringify(scan.valueAt(action));
      throw new WireFault('VENUES.FIELD_INVALID', `${path}: unknown change ${said}`, path);
    }
    const price = scan.after(row, action);
    const amount = price === ABSENT ? ABSENT : scan.after(row, price);
    const size = changed ? scan.sizeAt(amount, path) : sizeOf(0, path);
    levels.push({ price: scan.decimalAt(price, path), size });
  }
  return levels;
}

function readQuote(scan: WireScan, data: Slot): VenueEvent {
  const { symbol, instrument } = NAMES.of(scan, data, K.instrument_name);
  const eventTime = scan.millisField(data, K.timestamp);
  const bid = scan.quoteLevelAt(data, K.best_bid_price, K.best_bid_amount);
  const ask = scan.quoteLevelAt(data, K.best_ask_price, K.best_ask_amount);
  return quoteEvent({ venue: 'deribit', instrument, symbol, eventTime }, bid, ask);
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
