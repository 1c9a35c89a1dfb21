export { holdingsReport } from './exchange/holdings';
export type { HoldingsQuestion } from './exchange/holdings';
export { crosses, feeOf, touch } from './exchange/terms-of-trade';
export { ConnectionNotes } from './connection-notes';
export type {
  Backlog,
  Booked,
  ConnectorEvents,
  DueReport,
  Finality,
  OpenedAccount,
  Parting,
  Sent,
  VenueConnector,
  VenueNote,
  VenueTime,
} from './connector';
export type { Accident, ExchangeNeeds, LiveVenue, LocalExchange, RunningExchange } from './live-venue';
export { openVenues, parseVenueAccess, realVenues } from './registry';
export type {
  ConnectorDefinition,
  ConnectorHost,
  LostConnection,
  OpenAccount,
  VenueAccess,
} from './registry';
export { ReportInbox } from './report-inbox';
