export { ConnectionNotes } from './connection-notes';
export type {
  ConnectorEvents,
  DueReport,
  Finality,
  OpenedAccount,
  VenueConnector,
  VenueNote,
  VenueTime,
} from './connector';
export { openVenues, parseVenueAccess } from './registry';
export type { ConnectorDefinition, ConnectorHost, OpenAccount, VenueAccess } from './registry';
export { ReportInbox } from './report-inbox';
