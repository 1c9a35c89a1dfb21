import { setTimeout as delay } from 'node:timers/promises';
import {
  DeadLetters,
  JetStreamEventLog,
  JournalTail,
  checkFloor,
  publishProgress,
} from '@evenkeel/adapter-nats';
import type { JournalFloor, JournalQuarantine, RawCommit } from '@evenkeel/adapter-nats';
import { LedgerFault } from '@evenkeel/adapter-postgres';
import type { LedgerWriter } from '@evenkeel/adapter-postgres';
import type { ProcessShell } from '@evenkeel/host';
import { EvenkeelError, IntegrityFault } from '@evenkeel/kernel';
import { LedgerLag } from './lag';

const UNAVAILABLE = 'LEDGER.UNAVAILABLE';
const RETRY_MS = 250;
const PROGRESS_EVERY_MS = 250;
const FLOOR_EVERY_MS = 10_000;
/** Between two looks whether the message that it is stopped at was quarantined. */
const QUARANTINE_LOOK_MS = 1_000;
const LEDGER = 'the ledger';

/** Carries the journal into Postgres, from the checkpoint on, through restarts of either. */
export class JournalToLedger {
  private tail: JournalTail;
  private readonly lag: LedgerLag;
  private checkpoint = 0;
  private stopped = false;
  /** The stretch that was handed over last, until it is written. */
  private writing: Promise<void> = Promise.resolve();
  /** False from a failure on until nothing is waiting: then stretches go one by one. */
  private steady = true;
  private fault: IntegrityFault | undefined;
  private ticker: NodeJS.Timeout | undefined;

  constructor(
    private readonly shell: ProcessShell,
    private readonly writer: LedgerWriter,
    /** Where the ledger's own record of the journal ends. */
    private readonly floor: () => Promise<JournalFloor>,
    /** Called when rows were committed. */
    private readonly onCommitted: () => void = () => undefined,
    /** Asked while the ledger is stopped at a message: whether people have agreed that it counts for nothing. */
    private readonly quarantine?: Pick<JournalQuarantine, 'covers' | 'refresh'>,
  ) {
    this.tail = new JournalTail(shell.connection, shell.epoch.journalStream);
    this.lag = new LedgerLag(shell, () => this.checkpoint);
  }

  /** Runs until `stop`; rejects with an integrity fault, after which nothing more is written. */
  async run(): Promise<void> {
    this.checkpoint = await this.patiently(() => this.writer.checkpoint());
    await this.checkFloor(await this.patiently(this.floor));
    await this.quarantine?.refresh();
    this.ticker = setInterval(() => this.report(), PROGRESS_EVERY_MS);
    const watching = setInterval(() => void this.watch(), FLOOR_EVERY_MS);
    this.lag.start();
    try {
      await this.follow();
      if (this.fault !== undefined) throw this.fault;
    } finally {
      clearInterval(this.ticker);
      this.lag.stop();
      clearInterval(watching);
    }
  }

  private async follow(): Promise<void> {
    for (;;) {
      try {
        await this.tail.run(this.checkpoint + 1, (batch) => this.take(batch));
        return await this.writing;
      } catch (error) {
        if (!(error instanceof LedgerFault) || this.quarantine === undefined) throw error;
        await this.untilQuarantined(error);
        if (this.stopped || this.fault !== undefined) return;
        this.tail = new JournalTail(this.shell.connection, this.shell.epoch.journalStream);
        this.writer.goOn();
        this.writing = Promise.resolve();
        this.steady = true;
        this.checkpoint = await this.patiently(() => this.writer.checkpoint());
      }
    }
  }

  /** Says that it is stopped, leaves a pointer, and waits: what lies behind the message is looked at, and nothing is taken. */
  private async untilQuarantined(fault: LedgerFault): Promise<void> {
    const { connection, epoch, health, metrics, logger } = this.shell;
    const { seq } = fault;
    health.fault(fault.message, LEDGER);
    metrics.halted.set(1);
    logger.fatal({ err: fault }, 'the ledger has stopped; nothing more is written until somebody looks');
    const journal = new JetStreamEventLog(connection, epoch.journalStream);
    try {
      const message = await journal.messageAt(seq);
      const place = { stream: epoch.journalStream, seq, subject: message?.subject ?? '' };
      await new DeadLetters(connection, 'ledger').note('journal', place, fault);
    } catch (error) {
      logger.warn({ err: error, seq }, 'no pointer to the message could be left');
    }
    const over = this.shell.stalls.begin('people', 'quarantine', fault.message, { keepsFromReady: true });
    try {
      await this.whileUnbelieved(journal, seq);
    } finally {
      over();
    }
  }

  private async whileUnbelieved(journal: JetStreamEventLog, seq: number): Promise<void> {
    const { health, metrics, logger } = this.shell;
    while (!this.stopped && this.fault === undefined) {
      await delay(QUARANTINE_LOOK_MS);
      const hash = await journal.hashAt(seq).catch(() => undefined);
      const covered = hash !== undefined && this.quarantine?.covers({ seq, hash });
      if (!(await Promise.resolve(covered).catch(() => false))) continue;
      health.mended(LEDGER);
      metrics.halted.set(0);
      logger.warn({ seq }, 'what the ledger stopped at is quarantined; it goes on');
      return;
    }
  }

  /** A journal that ends before the ledger does would be waited for without a word, or grow a second history under it. */
  private async checkFloor(floor: JournalFloor): Promise<void> {
    const { connection, epoch } = this.shell;
    await checkFloor(
      new JetStreamEventLog(connection, epoch.journalStream),
      epoch.epoch,
      floor,
      'the ledger',
    );
  }

  /** The server may have been replaced while we read on. */
  private async watch(): Promise<void> {
    try {
      await this.checkFloor(await this.floor());
    } catch (error) {
      // A server or a database that is away says nothing of the journal.
      if (!(error instanceof IntegrityFault)) return;
      this.fault = error;
      await this.tail.stop();
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.tail.stop();
  }

  /** Hands a stretch over and waits for the one before: it is prepared while that one is written. */
  private async take(batch: readonly RawCommit[]): Promise<void> {
    const before = this.writing;
    const writing = this.write(batch, before);
    this.writing = writing;
    writing.then(
      () => (this.steady ||= this.writing === writing),
      // Where nothing follows nobody waits for it: the journal is read no further, and `follow` hears of it.
      () => void this.tail.stop(),
    );
    await before;
  }

  private async write(batch: readonly RawCommit[], before: Promise<void>): Promise<void> {
    let ahead = this.steady ? this.writer.append(batch) : undefined;
    ahead?.catch(() => (this.steady = false));
    await before;
    this.checkpoint = await this.patiently(() => {
      const first = ahead ?? this.writer.append(batch);
      ahead = undefined;
      return first;
    });
    this.shell.metrics.commits.inc(batch.length);
    this.onCommitted();
    this.report();
  }

  /** The database may be away for a while; what was taken over is known from its checkpoint, so trying again is safe. */
  private async patiently<T>(work: () => Promise<T>): Promise<T> {
    let over: (() => void) | undefined;
    let why = '';
    try {
      for (;;) {
        try {
          return await work();
        } catch (error) {
          const away = error instanceof EvenkeelError && error.code === UNAVAILABLE;
          if (!away || this.stopped) throw error;
          this.shell.logger.warn({ err: error }, 'the database is away; trying again');
          why = error.message;
          over ??= this.shell.stalls.begin('postgres', 'rows', () => why, { keepsFromReady: true });
          await delay(RETRY_MS);
        }
      }
    } finally {
      over?.();
    }
  }

  private report(): void {
    publishProgress(this.shell.connection, {
      service: 'ledger',
      instant: 0,
      partitions: { journal: { seen: this.checkpoint, appended: 0 } },
    });
  }
}
