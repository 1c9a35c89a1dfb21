import type { NatsConnection } from '@nats-io/nats-core';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { JetStreamEventLog, currentEpoch, readToEnd, storedOf } from '@evenkeel/adapter-nats';
import type { Epoch } from '@evenkeel/adapter-nats';
import { VERSION } from '@evenkeel/config';
import { decodeCommit, sealCommit } from '@evenkeel/contracts';
import { CORES, Heads, envelopeOf, originOf } from '@evenkeel/engine';
import { aggregateKey, contextSubjects, partitionOfBook } from '@evenkeel/eventing';
import type { StoredCommit } from '@evenkeel/eventing';
import type { AggregateRef } from '@evenkeel/facts';
import { FIRM, IDENTITIES, foldGovernance, placeOfChange, toFact } from '@evenkeel/governance';
import type { ChangeKind, Enrolment, GovernanceEvent, GovernanceState } from '@evenkeel/governance';
import { formatInstant, uuidV5 } from '@evenkeel/kernel';
import { kernelHash } from '@evenkeel/pricing';
import type { GovernanceStore } from './governance-desk';

const GOVERNANCE_FACTS = 'ek.evt.v1.*.governance.>';

export interface JournalStoreOptions {
  readonly connection: NatsConnection;
  /** Who is enrolled where the epoch has not been told yet. */
  readonly enrolments: readonly Enrolment[];
  /** The build's commit. */
  readonly gitSha: string;
  readonly nowNs: () => bigint;
}

/** Governance on the journal of the running epoch. Appends are refused when somebody else was quicker. */
export class JournalStore implements GovernanceStore {
  private commits: StoredCommit[] = [];

  private constructor(
    private readonly options: JournalStoreOptions,
    private readonly epoch: Epoch,
    private readonly journal: JetStreamEventLog,
  ) {}

  static async open(options: JournalStoreOptions): Promise<JournalStore> {
    const epoch = await currentEpoch(options.connection);
    return new JournalStore(options, epoch, new JetStreamEventLog(options.connection, epoch.journalStream));
  }

  async load(): Promise<GovernanceState> {
    await this.refresh();
    const state = foldGovernance(this.commits.map(({ commit }) => commit));
    const { enrolments } = this.options;
    if (state.opened || enrolments.length === 0) return state;
    const opened = { type: 'GovernanceOpened', at: new Date().toISOString(), enrolments } as const;
    await this.write(IDENTITIES, FIRM, [opened], 'local');
    return foldGovernance(this.commits.map(({ commit }) => commit));
  }

  append(events: readonly GovernanceEvent[], by: string, kind: ChangeKind, scope: string): Promise<void> {
    const { aggregate, book } = placeOfChange(kind, scope);
    return this.write(aggregate, book, events, by);
  }

  private async refresh(): Promise<void> {
    const commits: StoredCommit[] = [];
    const messages = readToEnd(
      jetstream(this.options.connection),
      this.epoch.journalStream,
      1,
      GOVERNANCE_FACTS,
    );
    for await (const message of messages) commits.push(storedOf(message));
    this.commits = commits;
  }

  private async write(
    aggregate: AggregateRef,
    book: string,
    events: readonly GovernanceEvent[],
    by: string,
  ): Promise<void> {
    const key = aggregateKey(aggregate);
    const heads = new Heads();
    for (const stored of this.commits) heads.note(stored, stored.seq);
    const head = heads.of(aggregate);
    const cause = uuidV5(`governance|${key}|${head.version + 1}|${JSON.stringify(events)}`);
    const now = this.options.nowNs();
    const draft = {
      aggregate,
      book,
      eventTime: formatInstant(await this.eventTime(partitionOfBook(book), now)),
      actor: { kind: 'human', id: by } as const,
      events: events.map(toFact),
    };
    const sealed = sealCommit(
      envelopeOf(draft, {
        epoch: this.epoch.epoch,
        producer: { service: 'keel', version: VERSION, gitSha: this.options.gitSha, kernelHash },
        clock: { receivedTime: now, decidedTime: now, source: 'system', maxErrorNs: 0n },
        origin: originOf('host', cause),
        index: 0,
        head,
      }),
    );
    const { seq } = await this.journal.append(sealed, head.seq);
    this.commits.push({ ...sealed, seq, subject: '' });
  }

  /**
   * The time that the partition has come to: nothing that people do moves it, and nobody there waits for it. Other
   * partitions may be ahead.
   */
  private async eventTime(partition: string, now: bigint): Promise<bigint> {
    const { streams } = await jetstreamManager(this.options.connection, { checkAPI: false });
    const newest = async (subject: string): Promise<bigint | undefined> => {
      const last = await streams.getMessage(this.epoch.journalStream, { last_by_subj: subject });
      return last === null ? undefined : decodeCommit(last.data).clock.eventTime;
    };
    const times = await Promise.all(contextSubjects(partition, CORES).map(newest));
    const reached = times.reduce(
      (a, b) => (b !== undefined && (a === undefined || b > a) ? b : a),
      undefined,
    );
    if (reached !== undefined) return reached;
    for await (const { commit } of this.journal.read({})) return commit.clock.eventTime;
    return now;
  }
}
