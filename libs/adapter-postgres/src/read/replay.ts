import type { ClientBase } from 'pg';
import type { LedgerCommit } from '../ledger/ledger-commit';
import type { EntriesOf } from './projector';
import { ProjectionMemory } from './projection-memory';
import { Projector } from './projector';
import { RowBatch } from './row-batch';
import { writeRows } from './write-rows';

const BATCH = 1_000;

/** Projects commits into the tables of a schema, in batches, on a connection that is in a transaction. */
export class Replay {
  private readonly memory = new ProjectionMemory();
  private readonly projector: Projector;
  private batch: LedgerCommit[] = [];

  constructor(
    private readonly client: ClientBase,
    private readonly schema: string,
    entriesOf: EntriesOf | undefined,
  ) {
    this.projector = new Projector(this.memory, entriesOf);
  }

  async add(commit: LedgerCommit): Promise<void> {
    this.batch.push(commit);
    if (this.batch.length >= BATCH) await this.flush();
  }

  async flush(): Promise<void> {
    const commits = this.batch;
    this.batch = [];
    const rows = new RowBatch();
    for (const [epoch, stretch] of byEpoch(commits)) {
      const aggregates = stretch.filter(isContinued).map(({ commit }) => commit.aggregate);
      const [first] = stretch;
      if (first !== undefined)
        await this.memory.prepare(this.client, this.schema, { epoch, seq: first.seq }, aggregates);
      for (const commit of stretch) this.projector.apply(commit, rows);
    }
    await writeRows(this.client, this.schema, rows);
  }
}

/** False for the first commit of an aggregate: there is nothing to fetch yet. */
function isContinued({ commit }: LedgerCommit): boolean {
  return commit.fromVersion > 1;
}

function byEpoch(commits: readonly LedgerCommit[]): Map<string, LedgerCommit[]> {
  const stretches = new Map<string, LedgerCommit[]>();
  for (const commit of commits) {
    const stretch = stretches.get(commit.epoch) ?? [];
    stretches.set(commit.epoch, stretch);
    stretch.push(commit);
  }
  return stretches;
}
