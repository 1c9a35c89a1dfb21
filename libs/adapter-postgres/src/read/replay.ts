import type { ClientBase } from 'pg';
import type { LedgerCommit } from '../ledger/ledger-commit';
import type { EntriesOf } from './projector';
import { ProjectionMemory } from './projection-memory';
import { Projector } from './projector';
import { COMPARED_AS_BYTES } from './compared-rows';
import type { ComparedRows } from './compared-rows';
import { RowBatch } from './row-batch';
import { flight } from '../wire/flight';
import { rowStatements } from './write-rows';

const BATCH = 1_000;

/**
 * Projects commits into the tables of a schema, in batches, on a connection that is in a transaction. A commit is projected when it
 * comes and not kept: decoded commits of a whole batch outlive the young heap, which doubled the cost.
 */
export class Replay {
  private memory: ProjectionMemory;
  private projector: Projector;
  private rows = new RowBatch();
  private epoch = '';
  private seq = 0;
  private pending = 0;
  private underWay: Promise<void> = Promise.resolve();
  /** By epoch, where the commits end that were compared. */
  private readonly reached = new Map<string, number>();

  constructor(
    private readonly client: ClientBase,
    private readonly schema: string,
    private readonly entriesOf: EntriesOf | undefined,
    /** Compares what it can with what is stored; such rows are not written. */
    private readonly compared?: ComparedRows,
  ) {
    this.memory = new ProjectionMemory(compared?.schema);
    this.projector = new Projector(this.memory, entriesOf);
  }

  async add(one: LedgerCommit): Promise<void> {
    const { epoch, seq, commit } = one;
    if (epoch !== this.epoch || this.pending >= BATCH) await this.send();
    if (commit.fromVersion > 1 && !this.memory.knows(epoch, commit.aggregate)) {
      await this.flush();
      await this.memory.prepare(this.client, this.schema, { epoch, seq }, [commit.aggregate]);
    }
    this.epoch = epoch;
    this.seq = seq;
    this.pending += 1;
    this.projector.apply(one, this.rows);
  }

  /** Everything that was added is written, and compared. */
  async flush(): Promise<void> {
    await this.send();
    await this.underWay;
  }

  /** Sends a batch off once the one before it is through: the server works on one while the next is projected. */
  private async send(): Promise<void> {
    if (this.pending === 0) return;
    const { rows, epoch, seq, compared, underWay } = this;
    this.rows = new RowBatch();
    this.pending = 0;
    const from = this.reached.get(epoch) ?? 0;
    this.reached.set(epoch, seq);
    if (!this.memory.isSmall) {
      this.memory = new ProjectionMemory(compared?.schema);
      this.projector = new Projector(this.memory, this.entriesOf);
    }
    await underWay;
    this.underWay = this.settle(rows, epoch, from, seq);
    this.underWay.catch(() => undefined); // heard of by who waits for it next
  }

  private async settle(rows: RowBatch, epoch: string, from: number, to: number): Promise<void> {
    const comparison = this.compared?.comparison(epoch, from, to, rows);
    const written = rowStatements(this.schema, rows, comparison === undefined ? [] : COMPARED_AS_BYTES);
    const statements = [...(comparison?.statements ?? []), ...written];
    if (statements.length > 0) await flight(this.client, statements);
    comparison?.compare();
  }
}
