import type { ConnectorEvents, ConnectorHost, OpenedAccount, VenueConnector } from '@evenkeel/venues';

import type { TradingOptions } from '../trading';
import { VenueAccount } from '../venue-account';
import { OrderSession, type OrderSessionOptions } from './order-session';

export interface OrderAccountOptions extends Pick<
  OrderSessionOptions,
  'dialect' | 'streamUrl' | 'restUrl' | 'protected'
> {
  /** Names the account at the venue. */
  readonly accountKey: string;
}

/** One account at a venue that takes orders over HTTP and tells of them on a private stream. */
export function orderAccount(
  account: OpenedAccount,
  events: ConnectorEvents,
  host: ConnectorHost,
  { accountKey, ...options }: OrderAccountOptions,
): VenueConnector {
  const trading = (shared: TradingOptions): OrderSession => new OrderSession({ ...shared, ...options });
  return new VenueAccount({ account, events, host, accountKey, trading });
}
