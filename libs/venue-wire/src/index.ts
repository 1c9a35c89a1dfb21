export { bookChecksum } from './book/checksum';
export { createSequencedBook } from './book/sequenced-book';
export type { BookFact, BookStatus, SequencedBook, SequencedBookOptions } from './book/sequenced-book';
export { estimateClockOffset, initialClockOffset, observeLatency } from './clock/clock-offset';
export { DEFAULT_BACKOFF, backoffDelay } from './connection/backoff';
export type { BackoffRule } from './connection/backoff';
export { createVenueConnection } from './connection/connection';
export type { VenueConnection, VenueConnectionOptions } from './connection/connection';
export { ConnectionCore } from './connection/connection-core';
export type { ConnectionOptions, ConnectionPhase } from './connection/connection-core';
export type { ConnectionEffect, ConnectionFact, ConnectionInput } from './connection/connection-messages';
export { connectionNote } from './connection/connection-note';
export { Credentials, readCredentials } from './connection/credentials';
export { fetchListings } from './connection/listings';
export type { ListingsOptions } from './connection/listings';
export { SECOND_NS, chunked } from './connection/protocol';
export type { Channel, Subscription, VenueProtocol } from './connection/protocol';
export { blockBucket, fullBucket, takeTokens } from './connection/token-bucket';
export type { TokenBucket, TokenBucketRule } from './connection/token-bucket';
export { probeVenue } from './connection/venue-probe';
export type { ProbeOptions, VenueProbe } from './connection/venue-probe';
export { splitInstrumentId } from './events/instrument-id';
export { mergeTicker } from './events/ticker-merge';
export type {
  BestPrice,
  BookDeltaEvent,
  BookSequence,
  BookSnapshotEvent,
  CandleEvent,
  ControlEvent,
  Feed,
  IndexEvent,
  InstrumentEvent,
  InstrumentKind,
  ItemFailureEvent,
  Level,
  LiquidationEvent,
  Market,
  MarketEvent,
  QuoteEvent,
  TickStep,
  TickerEvent,
  TickerFields,
  TradeEvent,
  VenueEvent,
  VenueGreeks,
  VenueName,
} from './events/venue-event';
export { compareDecimalText, decimalTextOfString, shiftDecimal, timesDecimal } from './wire/decimal-text';
export type { DecimalText } from './wire/decimal-text';
export { parseExactJson } from './wire/exact-json';
export { ABSENT, ROOT } from './wire/json-scan';
export type { Slot } from './wire/json-scan';
export { quoteEvent, readScan, tickerEvent } from './wire/scanned-fields';
export type { WireScan } from './wire/scanned-fields';
export { copyOf } from './wire/text-copy';
export { TextMemo, namedBy } from './wire/text-memo';
export type { Named } from './wire/text-memo';
export { wireKeys } from './wire/wire-key';
export type { WireKey } from './wire/wire-key';
export { NumberLexeme } from './wire/wire-value';
export type { WireObject, WireValue } from './wire/wire-value';
export {
  WireFault,
  arrayField,
  asArray,
  asObject,
  booleanField,
  choiceField,
  decimalField,
  decimalOf,
  field,
  identifierField,
  integerField,
  integerOf,
  isObject,
  isoField,
  microsField,
  millisField,
  millisOf,
  objectField,
  optionalDecimal,
  optionalInteger,
  optionalMillis,
  optionalText,
  positiveField,
  readEach,
  readMessage,
  readPart,
  sizeField,
  sizeOf,
  textField,
  unsupported,
} from './wire/fields';
export { bestPrice, defined, namedLevels, pairLevels, quoteLevel } from './wire/levels';
