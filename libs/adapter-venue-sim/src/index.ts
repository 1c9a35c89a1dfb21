export { NO_QUIRKS } from './fates';
export type { VenueQuirks } from './fates';
export { openFileVenue } from './file-venue';
export type { FileVenue } from './file-venue';
export { feeOf, touch } from './matching';
export type { VenueRecord, VenueReportRecord } from './records';
export { createSimulatedVenue } from './simulated-venue';
export type {
  BookFilter,
  DueReport,
  RecordSink,
  SimulatedVenue,
  SimulatedVenueConfig,
} from './simulated-venue';
