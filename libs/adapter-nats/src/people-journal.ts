import { setTimeout as delay } from 'node:timers/promises';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { sealWith } from '@evenkeel/contracts';
import type { JournalInDoubt, PersonsFact, UnbelievedMessage } from '@evenkeel/desk';
import { CORES, Heads, envelopeOf, originOf } from '@evenkeel/engine';
import type { Authors } from '@evenkeel/engine';
import { aggregateKey, contextSubjects, partitionOfBook, subjectOf } from '@evenkeel/eventing';
import type { Commit, CommitSigner, Producer, StoredCommit } from '@evenkeel/eventing';
import type { RequiredOf } from '@evenkeel/governance';
import { InvalidInputError, formatInstant, toHex, uuidV5 } from '@evenkeel/kernel';
import { JetStreamEventLog, UnreadableCommit, believed, storedOf } from './journal';
import { authorsOf } from './journal-authors';
import type { TrustOptions } from './journal-authors';
import { unownedAt } from './lease-table';
import { namesOnRecord } from './names-on-record';
import { readToEnd } from './stream-reading';
import { currentEpoch } from './epochs';
import type { Epoch } from './epochs';

const LEASE_LOOK_MS = 250;
/** Above the time after which a silent process's partitions are taken over (`EK_LEASE_MS`). */
const LEASE_PATIENCE_MS = 10_000;
const PEOPLES_FACTS = 'ek.evt.v1.*.governance.>';

export interface PeopleJournalOptions {
  readonly connection: NatsConnection;
  readonly producer: Producer;
  readonly nowNs: () => bigint;
  readonly trust: TrustOptions;
  /** The desk's. Used where the epoch enrols keys. */
  readonly signer?: CommitSigner | undefined;
}

/** What people put on the journal of the running epoch. Each fact of theirs is read once. */
export class PeopleJournal implements JournalInDoubt {
  private readonly commits: StoredCommit[] = [];
  private readonly heads = new Heads();
  private nextSeq = 1;

  private constructor(
    private readonly options: PeopleJournalOptions,
    private readonly epoch: Epoch,
    private readonly authors: Authors,
    private readonly journal: JetStreamEventLog,
  ) {}

  /** The epoch that is open. */
  get openEpoch(): string {
    return this.epoch.epoch;
  }

  /** What takes effect only with a second person in it. */
  get required(): RequiredOf {
    return this.epoch.required;
  }

  static async open(options: PeopleJournalOptions): Promise<PeopleJournal> {
    const epoch = await currentEpoch(options.connection);
    const authors = await authorsOf(options.connection, epoch, options.trust);
    // Nothing is decided here: a partition that somebody spoils stops by itself.
    const passesOver = (found: UnreadableCommit): boolean => !found.isOfNewerBuild;
    const journal = new JetStreamEventLog(options.connection, epoch.journalStream, { authors, passesOver });
    return new PeopleJournal(options, epoch, authors, journal);
  }

  async peoplesCommits(): Promise<readonly Commit[]> {
    await this.refresh();
    return this.commits.map(({ commit }) => commit);
  }

  async bookCommits(book: string): Promise<readonly Commit[]> {
    const subject = subjectOf(partitionOfBook(book), { context: 'risk', type: 'book', id: book });
    const commits: Commit[] = [];
    for await (const message of this.read(1, subject)) {
      const stored = believed(message, this.authors);
      if (stored !== undefined) commits.push(stored.commit);
    }
    return commits;
  }

  async books(): Promise<readonly string[]> {
    return [...(await namesOnRecord(this.options.connection, () => false)).books.keys()];
  }

  /** A partition that is on its way to another process, or whose services only begin, is given time to be taken. */
  async silentServices(book: string): Promise<readonly string[]> {
    for (let waited = 0; ; waited += LEASE_LOOK_MS) {
      const silent = await unownedAt(this.options.connection, partitionOfBook(book), CORES);
      if (silent.length === 0 || waited >= LEASE_PATIENCE_MS) return silent;
      await delay(LEASE_LOOK_MS);
    }
  }

  async unbelievedAt(seq: number): Promise<UnbelievedMessage | undefined> {
    const { epoch, journalStream: stream } = this.epoch;
    await this.refresh();
    const message =
      seq > 0 && seq <= (await this.journal.lastSeq()) ? await this.journal.messageAt(seq) : undefined;
    if (message === undefined)
      throw new InvalidInputError('the command', [
        { path: 'sequence', message: `${stream} has no message ${seq}` },
      ]);
    try {
      storedOf(message, this.authors);
      return undefined;
    } catch (error) {
      if (!(error instanceof UnreadableCommit)) throw error;
      const { code, hash, subject } = error;
      if (error.isOfNewerBuild)
        throw new InvalidInputError('the command', [
          {
            path: 'sequence',
            message: `${seq} is of a newer build: upgrade, and read it (${error.message})`,
          },
        ]);
      return { epoch, stream, sequence: String(seq), sha256: toHex(hash), subject, code };
    }
  }

  async record({ aggregate, book, by, events }: PersonsFact): Promise<void> {
    await this.refresh();
    const head = this.heads.of(aggregate);
    const cause = uuidV5(
      `governance|${aggregateKey(aggregate)}|${head.version + 1}|${JSON.stringify(events)}`,
    );
    const now = this.options.nowNs();
    const seal = sealWith({ signer: this.authors.signed ? this.options.signer : undefined });
    const sealed = seal(
      envelopeOf(
        {
          aggregate,
          book,
          eventTime: formatInstant(await this.eventTime(partitionOfBook(book), now)),
          actor: { kind: 'human', id: by },
          events,
        },
        {
          epoch: this.epoch.epoch,
          producer: this.options.producer,
          clock: { receivedTime: now, decidedTime: now, source: 'system', maxErrorNs: 0n },
          origin: originOf('host', cause),
          index: 0,
          head,
        },
      ),
    );
    await this.journal.append(sealed, head.seq);
  }

  private async refresh(): Promise<void> {
    for await (const message of this.read(this.nextSeq, PEOPLES_FACTS)) {
      this.nextSeq = message.seq + 1;
      const stored = believed(message, this.authors);
      if (stored === undefined) {
        // What people say is chained by its commits; a stray message in between keeps nobody from speaking.
        this.journal.passOver(message);
        continue;
      }
      this.commits.push(stored);
      this.heads.note(stored, stored.seq);
    }
  }

  private read(fromSeq: number, subject: string): ReturnType<typeof readToEnd> {
    return readToEnd(jetstream(this.options.connection), this.epoch.journalStream, fromSeq, subject);
  }

  /**
   * The time that the partition has come to: nothing that people do moves it, and nobody there waits for it. Other
   * partitions may be ahead.
   */
  private async eventTime(partition: string, now: bigint): Promise<bigint> {
    const { streams } = await jetstreamManager(this.options.connection, { checkAPI: false });
    const newest = async (subject: string): Promise<bigint | undefined> => {
      const last = await streams.getMessage(this.epoch.journalStream, { last_by_subj: subject });
      return last === null ? undefined : believed(last, undefined)?.commit.clock.eventTime;
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
