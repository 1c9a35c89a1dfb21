export { bootDrafts, sealBoot } from './boot';
export type { BookUnderManagement } from './boot';
export { digestOf, interestOf, runInProcess } from './in-process-run';
export type { LabRun, LabRunOptions } from './in-process-run';
export { PriceJournal } from './price-journal';
export { simulatedVenueConfig } from './simulated-market';
export type { VenueSettings } from './simulated-market';
