import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Became } from '@evenkeel/desk';
import type { Authors } from '@evenkeel/engine';
import { partitionOfBook } from '@evenkeel/eventing';
import type { StoredCommit } from '@evenkeel/eventing';
import { formatInstant } from '@evenkeel/kernel';
import { currentEpoch } from './epochs';
import type { Epoch } from './epochs';
import { believed } from './journal';
import { authorsOf } from './journal-authors';
import type { TrustOptions } from './journal-authors';
import { unownedAt } from './lease-table';
import { readToEnd } from './stream-reading';

const CONTROLS = ['ek.evt.v1.*.execution.controls.>', 'ek.evt.v1.*.execution.venue-account.>'];
const KILLS = 'ek.evt.v1.*.execution.kill-switch.>';
const REQUESTS = 'ek.evt.v1.*.governance.desk.>';
const BOOKS = 'ek.evt.v1.*.risk.book.>';

/** What people asked of the services in the open epoch, and what became of it, as the journal tells. */
export class AskedOnRecord {
  private constructor(
    private readonly connection: NatsConnection,
    readonly epoch: Epoch,
    private readonly authors: Authors,
  ) {}

  static async open(connection: NatsConnection, trust: TrustOptions): Promise<AskedOnRecord> {
    const epoch = await currentEpoch(connection);
    return new AskedOnRecord(connection, epoch, await authorsOf(connection, epoch, trust));
  }

  /** How far the journal has come. */
  async end(): Promise<number> {
    const { streams } = await jetstreamManager(this.connection, { checkAPI: false });
    return (await streams.info(this.epoch.journalStream)).state.last_seq;
  }

  /** The first word after a place of the journal, from execution or risk, that `answers` takes for one. */
  async answer(
    book: string,
    afterSeq: number,
    answers: (stored: StoredCommit) => Became | undefined,
  ): Promise<Became | undefined> {
    const partition = partitionOfBook(book);
    const subjects = [...CONTROLS, BOOKS].map((subject) => subject.replace('*', partition));
    for await (const stored of this.read(subjects, afterSeq + 1)) {
      const became = answers(stored);
      if (became !== undefined) return became;
    }
    return undefined;
  }

  /** Every word of people at the desk, and of execution and risk that may answer one; in the order of the journal. */
  async words(): Promise<readonly StoredCommit[]> {
    const controls: StoredCommit[] = [];
    for await (const stored of this.read([...CONTROLS, REQUESTS], 1)) controls.push(stored);
    const [first] = controls.filter(({ commit }) => commit.aggregate.context === 'governance');
    if (first !== undefined) for await (const stored of this.read([BOOKS], first.seq)) controls.push(stored);
    return controls.sort((a, b) => a.seq - b.seq);
  }

  /** The books that a scope's stop is on record for, and that execution serves: it will put the end of the stop there too. */
  async stoppedBy(scope: string): Promise<readonly string[]> {
    const stopped = new Set<string>();
    for await (const { commit } of this.read([KILLS], 1))
      for (const { event } of commit.events) {
        if (event.type === 'KillEngaged' && event.payload.scope === scope) stopped.add(commit.book);
        if (event.type === 'KillReleased' && event.payload.scope === scope) stopped.delete(commit.book);
      }
    const served: string[] = [];
    for (const book of stopped)
      if ((await unownedAt(this.connection, partitionOfBook(book), ['execution'])).length === 0)
        served.push(book);
    return served;
  }

  /** When the last of these books had the end of a scope's stop on record, after a place of the journal; undefined before that. */
  async releaseOf(scope: string, books: readonly string[], afterSeq: number): Promise<Became | undefined> {
    const waiting = new Set(books);
    for await (const { seq, commit } of this.read([KILLS], afterSeq + 1)) {
      const ended = commit.events.some(
        ({ event }) => event.type === 'KillReleased' && event.payload.scope === scope,
      );
      if (ended && waiting.delete(commit.book) && waiting.size === 0)
        return { sequence: seq, at: formatInstant(commit.clock.eventTime), refused: [] };
    }
    return undefined;
  }

  /** For whom a command about a book waits. */
  async waitsFor(book: string, isThere: boolean): Promise<string> {
    const partition = partitionOfBook(book);
    if (!isThere) return `a book ${book} to be opened`;
    const silent = await unownedAt(this.connection, partition, ['execution']);
    return silent.length > 0
      ? `a process of execution to serve partition ${partition}, which is where ${book} belongs`
      : `execution, which takes it in when the market of partition ${partition} goes on`;
  }

  private async *read(subjects: readonly string[], fromSeq: number): AsyncIterable<StoredCommit> {
    const js = jetstream(this.connection);
    for await (const message of readToEnd(js, this.epoch.journalStream, fromSeq, [...subjects])) {
      const stored = believed(message, this.authors);
      if (stored !== undefined) yield stored;
    }
  }
}
