import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import {
  JetStreamEventLog,
  authorsOf,
  connectNats,
  currentEpoch,
  durabilityOf,
  environmentOf,
  followProgress,
  requireDurable,
} from '@evenkeel/adapter-nats';
import type { Epoch, Progress } from '@evenkeel/adapter-nats';
import type { StoredCommit } from '@evenkeel/eventing';
import { OperationalError, formatInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { buildReport, haltedBooks, reexecuteJournal } from '@evenkeel/engine';
import type { RunReport } from '@evenkeel/engine';
import { LiveFold } from '@evenkeel/reconstruction';
import type { LiveSummary } from '@evenkeel/reconstruction';
import type { Accident, LiveVenue } from '@evenkeel/venues';
import { CommitKeyring } from '../identity/commit-keyring';
import { requireEnrolled } from '../identity/opening-keys';
import { rosterPinPath } from '../governance/roster';
import { settings } from '../stack/environment';
import type { Home } from '../stack/home';
import { requireOwnLog } from '../stack/signed-history';
import type { Stack } from '../stack/stack';
import { Supervisor } from '../stack/supervisor';
import type { ServiceName } from '../stack/service-environment';
import type { ServiceSpec } from '../stack/supervisor';
import type { ExchangeChild } from './exchange-child';
import type { LiveInputs } from './live-inputs';
import { openRunEpoch } from './open-epoch';
import type { ProgressLine } from './progress-line';

export interface LiveRunOptions {
  readonly home: Home;
  readonly stack: Stack;
  readonly inputs: LiveInputs;
  readonly venue: LiveVenue;
  readonly paper: boolean;
  readonly forMs: number;
  readonly progress: ProgressLine;
  readonly logLevel: string;
  /** Told the epoch as soon as it is open, and whether it was opened for this. */
  readonly onEpoch?: (epoch: string, isNew: boolean) => void;
  /** Files that say who agreed to the books. */
  readonly approvals: readonly string[];
  /** Goes on in the epoch that is open instead of opening one: after `keel epoch open --from-ledger`. */
  readonly goesOn?: boolean;
  readonly exchange?: ExchangeOfOurs;
  /** Exchanges of ours at other venues, where books of the run are hedged. */
  readonly others?: readonly (ExchangeOfOurs & { readonly venue: LiveVenue })[];
}

/** A local exchange, the keys of its accounts, and what is to befall it. */
export interface ExchangeOfOurs {
  readonly child: ExchangeChild;
  readonly environment: Readonly<Record<string, string>>;
  readonly script: readonly Accident[];
}

export interface LiveReport extends RunReport {
  readonly live: LiveSummary;
}

const SETTLE_PATIENCE_MS = 30_000;
/** A comparison so shortly before the end was noticed is one at the end. */
const END_TOLERANCE_NS = 1_000_000_000n;
const TIMER_RESTS_MS = 7_000;
const LEDGER_PATIENCE_MS = 60_000;
const POLL_MS = 200;

/** A book hedged in real time through the five services; ends when everything is settled and compared with the venue. */
export class LiveRun {
  readonly supervisor: Supervisor;
  /** The journal so far, in order. */
  readonly commits: StoredCommit[] = [];
  private connection: NatsConnection | undefined;
  private epoch: Epoch | undefined;
  private ledgerSeq = 0;
  private newest: Progress | undefined;
  private begun = false;

  constructor(private readonly options: LiveRunOptions) {
    this.supervisor = new Supervisor(options.home.logs, (line) => options.progress.say(line));
  }

  async run(): Promise<LiveReport> {
    const { stack, inputs, progress } = this.options;
    const connection = await connectNats(stack.access('operator'), 'keel');
    this.connection = connection;
    try {
      await requireOwnLog(connection, stack.databaseUrl, this.options.home.audit);
      this.epoch =
        this.options.goesOn === true ? await currentEpoch(connection) : await this.open(connection);
      this.options.onEpoch?.(this.epoch.epoch, this.options.goesOn !== true);
      await this.checkDurability(connection, this.epoch);
      const keys = new CommitKeyring(this.options.home);
      const authors = await authorsOf(connection, this.epoch, keys.trust());
      requireEnrolled(keys, authors);
      const journal = new JetStreamEventLog(connection, this.epoch.journalStream, { authors });
      const unfollow = followProgress(connection, ['price-ingest', 'ledger'], (report) => this.note(report));
      for (const spec of this.services()) this.supervisor.start(spec);
      progress.say(`five services started; epoch ${this.epoch.epoch}; logs in ${this.options.home.logs}`);
      const { commits } = this;
      const fold = new LiveFold();
      await Promise.race([this.untilSettled(journal, commits, fold), this.supervisor.failed]);
      progress.clear();
      await Promise.race([this.untilLedgerHas(commits.length), this.supervisor.failed]);
      unfollow();
      const { divergences } = reexecuteJournal(commits);
      for (const { seq, message } of divergences.slice(0, 5))
        progress.say(`divergence at ${seq}: ${message}`);
      const name = `live:${this.options.venue.name}${this.options.paper ? ' (paper)' : ''}`;
      const report = buildReport(name, commits, divergences.length === 0 ? 'clean' : 'divergent');
      const books = inputs.books.map(({ file }) => file.book);
      return { ...report, ...haltedBooks(books, this.newest?.halted ?? {}), live: fold.summary() };
    } finally {
      await this.stop();
    }
  }

  private async open(connection: NatsConnection): Promise<Epoch> {
    const { stack, inputs, approvals, home, progress } = this.options;
    const opened = await openRunEpoch(
      connection,
      stack.databaseUrl,
      { books: inputs.books, approvals, tape: { from: this.now() } },
      'real time',
      home,
      this.realVenues,
    );
    for (const note of opened.notes) progress.warn(note);
    return opened;
  }

  async stop(): Promise<void> {
    await this.supervisor.stop();
    await this.connection?.close();
    this.connection = undefined;
  }

  /** Where orders leave the house. */
  private get realVenues(): readonly string[] {
    const { venue, paper } = this.options;
    return paper || venue.local !== undefined ? [] : [venue.name];
  }

  /** Execution refuses too; here a person is told before anything starts. */
  private async checkDurability(connection: NatsConnection, epoch: Epoch): Promise<void> {
    const { stack } = this.options;
    const stated = stack.durability === undefined ? {} : { stated: stack.durability };
    requireDurable(await durabilityOf(connection, epoch, stated), this.realVenues);
  }

  private now(): Instant {
    return BigInt(Date.now() + this.options.inputs.clockOffsetMs) * 1_000_000n;
  }

  private note(report: Progress): void {
    if (report.service === 'ledger') this.ledgerSeq = report.partitions['journal']?.seen ?? this.ledgerSeq;
    if (report.service !== 'price-ingest') return;
    this.newest = report;
    this.options.progress.report(report);
    if (this.begun || report.instant === 0) return;
    this.begun = true;
    const { exchange, others = [] } = this.options;
    for (const { child, script } of [...(exchange === undefined ? [] : [exchange]), ...others])
      child.begin(script);
  }

  /** The market has ended, no order lives, and every account has been compared since. */
  private async untilSettled(
    journal: JetStreamEventLog,
    commits: StoredCommit[],
    fold: LiveFold,
  ): Promise<void> {
    let endedAt: string | undefined;
    let deadline = Infinity;
    let timerRests = Infinity;
    for (;;) {
      let quiet = true;
      for await (const stored of journal.read({ fromSeq: commits.length + 1 })) {
        commits.push(stored);
        fold.add(stored);
        quiet = false;
      }
      if (endedAt === undefined && this.newest?.done === true) {
        endedAt = formatInstant(this.now() - END_TOLERANCE_NS);
        timerRests = performance.now() + TIMER_RESTS_MS;
        deadline = performance.now() + SETTLE_PATIENCE_MS;
        this.options.progress.say('the market has ended; settling and reconciling');
      }
      const over = endedAt !== undefined && quiet && fold.openOrders === 0;
      if (over && endedAt !== undefined && fold.comparedSince(endedAt)) return;
      // The timer of comparisons ends with the market: one that nothing has happened since will do.
      if (over && performance.now() > timerRests && fold.comparedSinceLastOrder) return;
      if (performance.now() > deadline) {
        this.options.progress.say(`not everything settled: ${fold.openOrders} orders open`);
        return;
      }
      await delay(POLL_MS);
    }
  }

  private async untilLedgerHas(seq: number): Promise<void> {
    const deadline = performance.now() + LEDGER_PATIENCE_MS;
    while (this.ledgerSeq < seq && performance.now() < deadline) await delay(20);
    if (this.ledgerSeq >= seq) return;
    throw new OperationalError({
      code: 'KEEL.LEDGER_BEHIND',
      message: `the ledger stands at ${this.ledgerSeq} of ${seq} (${this.supervisor.lastWordsOf('ledger') ?? 'it says no reason'}); its log is ${join(this.options.home.logs, 'ledger.log')}`,
    });
  }

  private services(): ServiceSpec[] {
    const { home, stack, inputs, venue, paper, exchange, forMs, logLevel } = this.options;
    const { others = [] } = this.options;
    const urls = Object.assign(
      {},
      exchange?.child.ways.feeds,
      ...others.map(({ child }) => child.ways.feeds),
    );
    const orders = Object.fromEntries([
      accessOf(venue, exchange?.child),
      ...others.map((other) => accessOf(other.venue, other.child)),
    ]);
    const common = {
      EK_FLOOR_DIR: home.floors,
      ...(stack.durability === undefined ? {} : { EK_DURABILITY: stack.durability }),
      EK_LOG_LEVEL: logLevel,
      EK_GIT_SHA: settings().gitSha,
      EK_ROSTER_HASH_FILE: rosterPinPath(home.governance),
    };
    const live = {
      EK_LIVE_URLS: JSON.stringify(urls),
      EK_LIVE_CLOCK_OFFSET_MS: String(inputs.clockOffsetMs),
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
    return [
      spec('risk'),
      spec('strategy'),
      spec('execution', {
        EK_LIVE_CLOCK_OFFSET_MS: live.EK_LIVE_CLOCK_OFFSET_MS,
        EK_VENUES: JSON.stringify(paper ? { '*': { connector: 'paper', urls } } : orders),
        EK_KILL_DIR: home.kill,
        ...exchange?.environment,
        ...Object.assign({}, ...others.map(({ environment }) => environment)),
      }),
      spec('ledger', { DATABASE_URL: stack.ledgerUrl, EK_AUDIT_DIR: home.audit }),
      spec('price-ingest', {
        ...live,
        EK_MARKET_MODE: 'live',
        EK_LIVE_WITNESSES: venue.witnesses.join(','),
        EK_LIVE_FOR_MS: String(forMs),
      }),
    ];
  }
}

/** The entry of the venue settings by which execution reaches it. */
function accessOf(
  { venue, connector }: LiveVenue,
  child: ExchangeChild | undefined,
): readonly [venue: string, access: Readonly<Record<string, unknown>>] {
  return [venue, { connector: connector.connector, ...child?.ways.access }];
}
