import {
  choiceField,
  decimalTextOfString,
  defined,
  millisField,
  optionalDecimal,
  optionalText,
  positiveField,
  textField,
  timesDecimal,
} from '@evenkeel/venue-wire';
import type { DecimalText, InstrumentEvent, InstrumentKind, WireObject } from '@evenkeel/venue-wire';

const KIND: Readonly<Record<string, InstrumentKind>> = {
  SPOT: 'spot',
  MARGIN: 'spot',
  SWAP: 'perpetual',
  FUTURES: 'future',
  OPTION: 'option',
};
const OPTION_TYPE = { C: 'call', P: 'put' } as const;

/** A listing of `public/instruments`. A contract is worth ctVal × ctMult of ctValCcy: base coin when linear, USD when inverse. */
export function readOkxInstrument(data: WireObject): InstrumentEvent {
  const symbol = textField(data, 'instId');
  const type = choiceField(data, 'instType', KIND);
  const parts = (optionalText(data, 'uly') ?? symbol).split('-');
  const base = optionalText(data, 'baseCcy') ?? parts[0] ?? '';
  const quote = optionalText(data, 'quoteCcy') ?? parts[1] ?? '';
  // Options are settled in coin but one contract is an amount of coin, like a linear contract.
  const inverse =
    type === 'option' ? textField(data, 'settleCcy') === base : optionalText(data, 'ctType') === 'inverse';
  return {
    kind: 'instrument',
    venue: 'okx',
    instrument: `${symbol}@okx`,
    symbol,
    eventTime: null,
    type,
    payoff: inverse ? 'inverse' : 'linear',
    base,
    quote,
    settlement: optionalText(data, 'settleCcy') ?? quote,
    tickSize: positiveField(data, 'tickSz'),
    lotSize: positiveField(data, 'lotSz'),
    minimumSize: positiveField(data, 'minSz'),
    contractSize: contractSizeOf(data, type),
    active: optionalText(data, 'state') === 'live',
    // That of spot and swaps says when they are delisted.
    ...(type === 'future' || type === 'option' ? { expiry: millisField(data, 'expTime') } : {}),
    ...defined({
      strike: optionalDecimal(data, 'stk'),
      optionType: type === 'option' ? choiceField(data, 'optType', OPTION_TYPE) : undefined,
    }),
  };
}

/** Spot trades in coins. Of a contract both factors are said; a multiplier that is not said is no 1. */
function contractSizeOf(data: WireObject, type: InstrumentKind): DecimalText {
  if (type === 'spot') return decimalTextOfString('1') as DecimalText; // a literal decimal
  return timesDecimal(positiveField(data, 'ctVal'), positiveField(data, 'ctMult'));
}
