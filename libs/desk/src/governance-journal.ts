import { governanceRecord } from '@evenkeel/engine';
import { FIRM, IDENTITIES, placeOfChange, toFact } from '@evenkeel/governance';
import type { ChangeKind, GovernanceEvent, GovernanceOpened, GovernanceState } from '@evenkeel/governance';
import type { DeskJournal } from './ports';
import type { GovernanceStore } from './proposals';

export interface GovernanceJournalOptions {
  /** What the roster must descend from. */
  readonly rosterHash?: string;
  readonly journal: DeskJournal;
  /** How governance opens, asked where the epoch has not been told yet; `undefined` while nobody is enrolled. */
  readonly opening: () => GovernanceOpened | undefined;
}

/** Governance on the journal of the running epoch. Appends are refused when somebody else was quicker. */
export class GovernanceJournal implements GovernanceStore {
  constructor(private readonly options: GovernanceJournalOptions) {}

  async load(): Promise<GovernanceState> {
    const { journal } = this.options;
    const state = await this.read();
    const opening = state.opened ? undefined : this.options.opening();
    if (opening === undefined) return state;
    await journal.record({ aggregate: IDENTITIES, book: FIRM, by: 'local', events: [toFact(opening)] });
    return this.read();
  }

  append(events: readonly GovernanceEvent[], by: string, kind: ChangeKind, scope: string): Promise<void> {
    const { aggregate, book } = placeOfChange(kind, scope);
    return this.options.journal.record({ aggregate, book, by, events: events.map(toFact) });
  }

  private async read(): Promise<GovernanceState> {
    const record = governanceRecord(this.options.rosterHash);
    for (const commit of await this.options.journal.peoplesCommits()) record.take(commit);
    return record.state;
  }
}
