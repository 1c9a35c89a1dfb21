export { bookKeys } from './book-keys';
export type { BookKeys } from './book-keys';
export { answered, mapAnswer, refused, unknown } from './order-routes';
export type {
  Amendment,
  Hearing,
  Holdings,
  OrderRoutes,
  Outcome,
  Placed,
  RouteOptions,
} from './order-routes';
export { PendingRequests } from './pending-requests';
export { VenueAccount } from './venue-account';
export type { VenueAccountOptions } from './venue-account';
export { VenueTrading } from './venue-trading';
export type { VenueTradingOptions } from './venue-trading';
export type { OrderFill, OrderState } from './order-state';
export type { Trading, TradingOptions } from './trading';
export type {
  AccountHoldings,
  Ask,
  CallOutcome,
  OrderDialect,
  OrderRef,
  Protection,
  StreamAddress,
  StreamMessage,
} from './http/dialect';
export { orderAccount } from './http/order-account';
export type { OrderAccountOptions } from './http/order-account';
export type { HttpCall } from './http/signed-http';
export { readOutcome, readPages } from './http/venue-calls';
