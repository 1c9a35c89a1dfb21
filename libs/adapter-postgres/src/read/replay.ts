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
    await this.memory.prepare(this.client, this.schema, commits);
    const rows = new RowBatch();
    for (const commit of commits) this.projector.apply(commit, rows);
    await writeRows(this.client, this.schema, rows);
  }
}
