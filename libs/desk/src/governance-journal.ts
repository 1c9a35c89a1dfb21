import { FIRM, IDENTITIES, foldGovernance, placeOfChange, toFact } from '@evenkeel/governance';
import type { ChangeKind, Enrolment, GovernanceEvent, GovernanceState } from '@evenkeel/governance';
import type { DeskJournal } from './ports';
import type { GovernanceStore } from './proposals';

export interface GovernanceJournalOptions {
  readonly journal: DeskJournal;
  /** Who is enrolled where the epoch has not been told yet. */
  readonly enrolments: readonly Enrolment[];
  /** Wall clock, ISO 8601. */
  readonly now: () => string;
}

/** Governance on the journal of the running epoch. Appends are refused when somebody else was quicker. */
export class GovernanceJournal implements GovernanceStore {
  constructor(private readonly options: GovernanceJournalOptions) {}

  async load(): Promise<GovernanceState> {
    const { journal, enrolments, now } = this.options;
    const state = foldGovernance(await journal.peoplesCommits());
    if (state.opened || enrolments.length === 0) return state;
    const opened = toFact({ type: 'GovernanceOpened', at: now(), enrolments });
    await journal.record({ aggregate: IDENTITIES, book: FIRM, by: 'local', events: [opened] });
    return foldGovernance(await journal.peoplesCommits());
  }

  append(events: readonly GovernanceEvent[], by: string, kind: ChangeKind, scope: string): Promise<void> {
    const { aggregate, book } = placeOfChange(kind, scope);
    return this.options.journal.record({ aggregate, book, by, events: events.map(toFact) });
  }
}
