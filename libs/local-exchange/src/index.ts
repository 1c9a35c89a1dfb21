export { DEFAULT_FLOW } from './generated-flow';
export type { FlowOptions } from './generated-flow';
export { EndedAtOnce, whyEnded } from './ended-at-once';
export type { EndedOrder } from './ended-at-once';
export { localExchangeOf } from './local-exchange';
export type {
  LocalExchangeOptions,
  LocalExchangeParts,
  OpenedExchange,
  SimAccounts,
  SimClient,
} from './local-exchange';
export type { LevelChange, Side, TimeInForce } from './matching-book';
export { MessageLine } from './message-line';
export { markOption } from './option-model';
export { isSameText } from './same-text';
export { cashOf } from './sim-account';
export type { SimCash } from './sim-account';
export type { SimEvent, SimFaults } from './sim-events';
export { SimExchange } from './sim-exchange';
export type { SimExchangeOptions } from './sim-exchange';
export { contractsOf } from './sim-instrument';
export type { SimInstrument } from './sim-instrument';
export { initialSpot, simListing } from './sim-listing';
export type { ListingWords } from './sim-listing';
export { isRefusal } from './sim-orders';
export type { OrderRequest, Refusal, SimOrder, SimTrade } from './sim-orders';
export type { ConnectionFaults, ServedExchange } from './sim-script';
export { openVenueServer } from './venue-server';
export type {
  VenueServer,
  VenueServerOptions,
  VenueWords,
  WireAnswer,
  WireRequest,
  WireSession,
} from './venue-server';
