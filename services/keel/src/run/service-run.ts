import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import {
  JetStreamEventLog,
  authorsOf,
  connectNats,
  environmentOf,
  followProgress,
} from '@evenkeel/adapter-nats';
import type { Epoch, Progress } from '@evenkeel/adapter-nats';
import { partitionOfBook } from '@evenkeel/eventing';
import type { StoredCommit } from '@evenkeel/eventing';
import { OperationalError } from '@evenkeel/kernel';
import { buildReport, haltedBooks, reexecuteJournal } from '@evenkeel/engine';
import type { RunReport } from '@evenkeel/engine';
import type { VenueSettings } from '@evenkeel/adapter-venue-sim';
import { CommitKeyring } from '../identity/commit-keyring';
import { rosterPinPath } from '../governance/roster';
import { settings } from '../stack/environment';
import type { Home } from '../stack/home';
import { requireOwnLog } from '../stack/signed-history';
import type { Stack } from '../stack/stack';
import { Supervisor } from '../stack/supervisor';
import type { ServiceName } from '../stack/service-environment';
import type { ServiceSpec } from '../stack/supervisor';
import type { RunInputs } from './inputs';
import { openRunEpoch } from './open-epoch';
import type { ProgressLine } from './progress-line';

export interface ServiceRunOptions {
  readonly home: Home;
  readonly stack: Stack;
  readonly inputs: RunInputs;
  readonly progress: ProgressLine;
  /** Event seconds per wall second; 0 for as fast as possible. */
  readonly speed: number;
  readonly venue: VenueSettings;
  readonly logLevel: string;
  /** Told the epoch as soon as it is open, and whether it was opened for this. */
  readonly onEpoch?: (epoch: string, isNew: boolean) => void;
  /** Told again and again that event time moves. */
  readonly onUnderWay?: () => void;
  /** Of its processes, which may be on their way already; one of its own unless given. */
  readonly supervisor?: Supervisor;
  /** Processes each of risk, strategy and execution, which divide the partitions among them; one unless told. */
  readonly processes?: number;
}

const LEDGER_PATIENCE_MS = 120_000;
/** From this share of the tape on everything has started. */
const UNDER_WAY = 0.05;

/** A book over a market through the five services, in lockstep: opens an epoch, starts them, waits for the end. */
export class ServiceRun {
  readonly supervisor: Supervisor;
  private connection: NatsConnection | undefined;
  private epoch: Epoch | undefined;
  private done: (() => void) | undefined;
  private ledgerSeq = 0;
  private newest: Progress | undefined;

  constructor(private readonly options: ServiceRunOptions) {
    this.supervisor =
      options.supervisor ?? new Supervisor(options.home.logs, (line) => options.progress.say(line));
  }

  /** Share of the tape that is done. */
  get fraction(): number {
    return this.newest?.fraction ?? 0;
  }

  get openedEpoch(): string {
    return this.epoch?.epoch ?? '';
  }

  /** Where the simulated exchange of this run keeps its memory. */
  get venueDir(): string {
    return join(this.options.home.runs, this.openedEpoch, 'venue');
  }

  /** Runs to the tape's end and returns the report. Services are stopped either way. */
  async run(): Promise<RunReport> {
    const { stack, inputs, progress } = this.options;
    const connection = await connectNats(stack.access('operator'), 'keel');
    this.connection = connection;
    try {
      await requireOwnLog(connection, stack.databaseUrl, this.options.home.audit);
      const opened = await openRunEpoch(connection, stack.databaseUrl, inputs, 'tape', this.options.home);
      this.epoch = opened;
      for (const note of opened.notes) progress.warn(note);
      this.options.onEpoch?.(opened.epoch, true);
      const keys = new CommitKeyring(this.options.home);
      const authors = await authorsOf(connection, this.epoch, keys.trust());
      const journal = new JetStreamEventLog(connection, this.epoch.journalStream, {
        authors,
        // A report is of what can be believed; what cannot has stopped its partition, or was quarantined.
        passesOver: (found) => !found.isOfNewerBuild,
      });
      const ended = new Promise<void>((resolve) => (this.done = resolve));
      const unfollow = followProgress(connection, ['price-ingest', 'ledger'], (report) => this.note(report));
      const services = this.services();
      for (const spec of services) this.supervisor.start(spec);
      progress.say(
        `${services.length} processes started; epoch ${this.epoch.epoch}; logs in ${this.options.home.logs}`,
      );
      await Promise.race([ended, this.supervisor.failed]);
      progress.clear();
      await Promise.race([this.untilLedgerHas(await journal.lastSeq()), this.supervisor.failed]);
      unfollow();
      const commits = await collect(journal);
      const { divergences } = reexecuteJournal(commits);
      const report = buildReport(inputs.tape.name, commits, divergences.length === 0 ? 'clean' : 'divergent');
      const books = inputs.books.map(({ file }) => file.book);
      return { ...report, ...haltedBooks(books, this.newest?.halted ?? {}) };
    } finally {
      await this.stop();
    }
  }

  async stop(): Promise<void> {
    await this.supervisor.stop();
    await this.connection?.close();
    this.connection = undefined;
  }

  private note(report: Progress): void {
    if (report.service === 'ledger') this.ledgerSeq = report.partitions['journal']?.seen ?? this.ledgerSeq;
    if (report.service !== 'price-ingest') return;
    this.newest = report;
    this.options.progress.report(report);
    if ((report.fraction ?? 0) > UNDER_WAY) this.options.onUnderWay?.();
    if (report.done === true) this.done?.();
  }

  /** One more process of a service, beside those that run. */
  addProcess(name: ServiceName, slot: string): void {
    const spec = this.services().find((one) => one.name === name);
    if (spec !== undefined) this.supervisor.start({ ...spec, slot });
  }

  /** What it starts. */
  services(): readonly ServiceSpec[] {
    const { home, stack, inputs, speed, venue, logLevel, processes = 1 } = this.options;
    const partitions = [...new Set(inputs.books.map(({ file }) => partitionOfBook(file.book)))]
      .sort()
      .join(',');
    const common = {
      EK_FLOOR_DIR: home.floors,
      ...(stack.durability === undefined ? {} : { EK_DURABILITY: stack.durability }),
      EK_PARTITIONS: partitions,
      EK_LOG_LEVEL: logLevel,
      EK_GIT_SHA: settings().gitSha,
      EK_ROSTER_HASH_FILE: rosterPinPath(home.governance),
    };
    const keys = new CommitKeyring(home);
    const spec = (name: ServiceName, environment: Readonly<Record<string, string>> = {}): ServiceSpec => ({
      name,
      environment: {
        ...environmentOf(stack.access(name)),
        ...common,
        ...keys.environmentOf(name),
        ...environment,
      },
    });
    const several = (one: ServiceSpec): ServiceSpec[] =>
      processes === 1
        ? [one]
        : Array.from({ length: processes }, (_, index) => ({ ...one, slot: `${one.name}-${index + 1}` }));
    return [
      ...several(spec('risk')),
      ...several(spec('strategy')),
      ...several(
        spec('execution', {
          EK_VENUES: JSON.stringify({
            '*': { connector: 'tape-exchange', folder: this.venueDir, exchange: venue },
          }),
          EK_KILL_DIR: home.kill,
        }),
      ),
      spec('ledger', { DATABASE_URL: stack.ledgerUrl, EK_AUDIT_DIR: home.audit }),
      spec('price-ingest', {
        ...marketOf(inputs),
        EK_SPEED: String(speed),
      }),
    ];
  }

  private async untilLedgerHas(seq: number): Promise<void> {
    let heard = this.ledgerSeq;
    let deadline = performance.now() + LEDGER_PATIENCE_MS;
    while (this.ledgerSeq < seq) {
      // Only one that stands still is given up on.
      if (this.ledgerSeq > heard) deadline = performance.now() + LEDGER_PATIENCE_MS;
      heard = this.ledgerSeq;
      if (performance.now() > deadline) {
        throw new OperationalError({
          code: 'KEEL.LEDGER_BEHIND',
          message: `the ledger stands at ${this.ledgerSeq} of ${seq} (${this.supervisor.lastWordsOf('ledger') ?? 'it says no reason'}); its log is ${join(this.options.home.logs, 'ledger.log')}`,
        });
      }
      await delay(20);
    }
  }
}

/** What price-ingest is told of the market. */
export function marketOf({
  tapePath,
  seed,
  days,
}: Pick<RunInputs, 'tapePath' | 'seed' | 'days'>): Readonly<Record<string, string>> {
  return {
    ...(tapePath === undefined ? {} : { EK_TAPE: tapePath }),
    EK_MARKET_SEED: seed,
    EK_MARKET_DAYS: String(days),
  };
}

async function collect(journal: JetStreamEventLog): Promise<StoredCommit[]> {
  const commits: StoredCommit[] = [];
  for await (const stored of journal.read({})) commits.push(stored);
  return commits;
}
