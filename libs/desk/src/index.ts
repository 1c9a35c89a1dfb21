export { retireEpoch } from './retire-epoch';
export type { KeptElsewhere, RetirableJournal, RetiredEpoch } from './retire-epoch';
