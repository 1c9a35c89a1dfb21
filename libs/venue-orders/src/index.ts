export { bookKeys } from './book-keys';
export type { BookKeys } from './book-keys';
export { answered, mapAnswer, refused, unknown } from './order-routes';
export type {
  Amendment,
  Hearing,
  Holdings,
  OrderRoutes,
  OrderState,
  Outcome,
  OwnTrade,
  Placed,
  RouteOptions,
} from './order-routes';
export { PendingRequests } from './pending-requests';
export { VenueAccount } from './venue-account';
export type { VenueAccountOptions } from './venue-account';
export { VenueTrading } from './venue-trading';
export type { VenueTradingOptions } from './venue-trading';
