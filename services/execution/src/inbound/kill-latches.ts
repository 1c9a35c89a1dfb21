import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import { ControlBucket } from '@evenkeel/adapter-nats';
import type { KnownBucket, ReleaseJudge, WrittenLatch } from '@evenkeel/adapter-nats';
import { KillFolder } from '@evenkeel/config';
import {
  ENGAGEMENTS_MAX,
  UNREAD_BOARD,
  confirmed,
  isReleased,
  mayTrade,
  withEngagement,
  withRelease,
} from '@evenkeel/execution';
import type { Engagement, KillScope, LatchBoard, TradingPermission } from '@evenkeel/execution';
import type { Logger } from '@evenkeel/telemetry';

const REFRESH_INTERVAL_MS = 500;
const SAID_AGAIN_MS = 60_000;
const SAID_MAX = 1_000;

export interface KillLatchesOptions {
  readonly connection: NatsConnection;
  readonly folder: string;
  /** A view of the bucket that is older stops trading. */
  readonly maxAgeMs: number;
  readonly judge: ReleaseJudge;
  /** The control bucket that the epoch was opened with. */
  readonly known: KnownBucket;
  readonly logger: Pick<Logger, 'warn' | 'error' | 'info'>;
}

/** What became of a stop that somebody asked this process for. */
export type Stopped = 'engaged' | 'engaged already' | 'released before';

/**
 * The kill latches as this process knows them: from the control bucket, from a folder on this machine, from people who ask it directly,
 * and from the journal. What one of them says, the others are told. It ends only by a release in the bucket that is judged to
 * count; what is forgotten, deleted or lost anywhere releases nothing. Fails closed: what cannot be confirmed in time counts as engaged.
 */
export class KillLatches {
  private board: LatchBoard = UNREAD_BOARD;
  private bucket: ControlBucket | undefined;
  private ticker: NodeJS.Timeout | undefined;
  private refreshing: Promise<void> | undefined;
  private folderLoss: Engagement | undefined;
  private readonly files: KillFolder;
  private readonly said = new Map<string, number>();

  constructor(private readonly options: KillLatchesOptions) {
    this.files = new KillFolder(options.folder);
  }

  async start(): Promise<void> {
    await this.refresh();
    this.ticker = setInterval(() => void this.refresh(), REFRESH_INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.ticker);
  }

  /** Every latch as known now, file latches read afresh. */
  get latches(): LatchBoard['latches'] {
    this.readFolder();
    return this.board.latches;
  }

  /** May something under these scopes leave now? Reads the local folder every time; it costs microseconds. */
  permits(scopes: readonly string[]): TradingPermission {
    this.readFolder();
    return mayTrade(this.board, scopes, performance.now(), this.options.maxAgeMs);
  }

  /**
   * As `permits`, but where only freshness is missing, asks the bucket again and waits up to `patienceMs` first. In
   * lockstep no event time passes meanwhile, so waiting changes no decision.
   */
  async permitsFresh(scopes: readonly string[], patienceMs: number): Promise<TradingPermission> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const permission = this.permits(scopes);
      if (permission.allowed || permission.code !== 'KILL_STALE' || performance.now() >= deadline)
        return permission;
      await this.refresh();
      if (this.permits(scopes).allowed) continue;
      await delay(50);
    }
  }

  /** A person asks this process itself. Throws where it is stopped, but could not be written down to outlive the process. */
  engage(scope: KillScope, engagement: Engagement): Stopped {
    if (isReleased(this.board, scope, engagement.engagement)) return 'released before';
    const before = this.board;
    this.board = withEngagement(before, scope, engagement);
    // Also where it is known: an earlier order may have been stopped by and not written down.
    this.files.keep(scope, engagement);
    void this.refresh();
    return this.board === before ? 'engaged already' : 'engaged';
  }

  /** The journal knows a stop whose end this process knows nothing of. */
  remember(scope: KillScope, engagement: Engagement): void {
    const inForce = this.board.latches.get(scope)?.engagements.length ?? 0;
    if (inForce < ENGAGEMENTS_MAX) this.board = withEngagement(this.board, scope, engagement);
  }

  isReleased(scope: KillScope, engagement: string): boolean {
    return isReleased(this.board, scope, engagement);
  }

  /** Reads the bucket now. */
  refresh(): Promise<void> {
    this.refreshing ??= this.readBucket().finally(() => (this.refreshing = undefined));
    return this.refreshing;
  }

  private async readBucket(): Promise<void> {
    const { connection, judge, known } = this.options;
    const askedAt = performance.now();
    try {
      this.bucket ??= await ControlBucket.open(connection);
      const written = await this.bucket.readLatches(known);
      const judged = await Promise.all(written.map((latch) => judge.judge(latch)));
      let { board } = this;
      for (const { scope, engagements, releases, refused } of judged) {
        for (const release of releases) board = withRelease(board, scope, release);
        for (const engagement of engagements) board = withEngagement(board, scope, engagement);
        for (const { release, why } of refused)
          this.say(
            'error',
            `release|${scope}|${release.at}`,
            { scope, release, why },
            'a release does not count',
          );
      }
      this.board = confirmed(board, askedAt);
      this.readFolder();
      await this.tellBucket(this.bucket, written);
    } catch (error) {
      this.bucket = undefined;
      this.say('warn', 'bucket', { err: error }, 'the kill latches could not be read or written');
    }
  }

  /** What was heard of elsewhere, or is gone from the bucket, is put there: people release it from there, everybody sees it. */
  private async tellBucket(bucket: ControlBucket, written: readonly WrittenLatch[]): Promise<void> {
    for (const [scope, { engagements }] of this.board.latches) {
      const there = written.find((latch) => latch.scope === scope)?.engagements ?? [];
      for (const engagement of engagements)
        if (!there.some((one) => one.engagement === engagement.engagement))
          await bucket.engage(scope, engagement);
    }
  }

  /** Files engage, and so does the loss of the folder. A file is over only when its engagement was released. */
  private readFolder(): void {
    const found = this.files.read();
    if (typeof found === 'string') return this.loseFolder(found);
    this.folderLoss = undefined;
    for (const { name, scope, engagement, problem } of found) {
      if (problem !== undefined)
        this.say(
          'error',
          `file|${name}`,
          { name, scope, problem },
          'a file of the kill folder stops this scope',
        );
      if (isReleased(this.board, scope, engagement.engagement)) this.removeFile(name);
      else this.board = withEngagement(this.board, scope, engagement);
    }
  }

  private loseFolder(why: string): void {
    const { folder } = this.options;
    const reason = `the kill folder ${folder} cannot be read (${why})`;
    this.say('error', 'folder', { folder }, `${reason}: everything is stopped`);
    const known = this.board.latches.get('firm')?.engagements.find((one) => one.reason === reason);
    const over = this.folderLoss !== undefined && this.isReleased('firm', this.folderLoss.engagement);
    if (over) this.folderLoss = undefined;
    this.folderLoss ??= known ?? {
      engagement: randomUUID(),
      by: 'execution',
      reason,
      at: new Date().toISOString(),
    };
    this.board = withEngagement(this.board, 'firm', this.folderLoss);
  }

  private removeFile(name: string): void {
    try {
      this.files.remove(name);
      this.options.logger.info({ name }, 'the latch of a file is released; the file is taken away');
    } catch (error) {
      this.say('warn', `remove|${name}`, { err: error, name }, 'the file of a released latch stays');
    }
  }

  /** Loud, and not twice a second: the same thing once a minute. */
  private say(level: 'warn' | 'error', what: string, about: object, text: string): void {
    const now = performance.now();
    if (now - (this.said.get(what) ?? Number.NEGATIVE_INFINITY) < SAID_AGAIN_MS) return;
    if (this.said.size >= SAID_MAX) this.said.clear();
    this.said.set(what, now);
    this.options.logger[level](about, text);
  }
}
