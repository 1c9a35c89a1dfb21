import type { EntriesOf } from './journal-entries';

/** The double entries the ledger books. */
export const defaultEntries: EntriesOf = () => [];
