import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import { ControlBucket } from '@evenkeel/adapter-nats';
import type { KillLatch } from '@evenkeel/adapter-nats';
import { UNREAD_BOARD, confirmed, decodeLatch, mayTrade, withLatch } from '@evenkeel/execution';
import type { LatchBoard, TradingPermission } from '@evenkeel/execution';
import type { Approval } from '@evenkeel/facts';
import { releaseOf } from '@evenkeel/governance';
import { NANOS_PER_MILLISECOND } from '@evenkeel/kernel';
import type { Logger } from '@evenkeel/telemetry';
import type { Approvals } from './approvals';

const REFRESH_INTERVAL_MS = 500;

/**
 * The kill latches as this process knows them: from the control bucket and from a folder on this machine, so that the
 * switch works with the journal and NATS down. Fails closed: what cannot be confirmed in time counts as engaged.
 */
export class KillLatches {
  private board: LatchBoard = UNREAD_BOARD;
  private bucket: ControlBucket | undefined;
  private ticker: NodeJS.Timeout | undefined;
  private refreshing: Promise<void> | undefined;
  private readonly approvals = new Map<string, Approval>();

  constructor(
    private readonly connection: NatsConnection,
    private readonly folder: string,
    private readonly maxAgeMs: number,
    private readonly logger: Logger,
    private readonly releases?: Approvals,
  ) {}

  async start(): Promise<void> {
    mkdirSync(this.folder, { recursive: true });
    await this.refresh();
    this.ticker = setInterval(() => void this.refresh(), REFRESH_INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.ticker);
  }

  /** Every latch as known now, file latches read afresh. */
  get latches(): LatchBoard['latches'] {
    this.board = this.readFolder(this.board);
    return this.board.latches;
  }

  /** May something under these scopes leave now? Reads the local folder every time; it costs microseconds. */
  permits(scopes: readonly string[]): TradingPermission {
    this.board = this.readFolder(this.board);
    return mayTrade(this.board, scopes, Date.now(), this.maxAgeMs);
  }

  /**
   * As `permits`, but where only freshness is missing, asks the bucket again and waits up to `patienceMs` first. In
   * lockstep no event time passes meanwhile, so waiting changes no decision.
   */
  async permitsFresh(scopes: readonly string[], patienceMs: number): Promise<TradingPermission> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const permission = this.permits(scopes);
      if (permission.allowed || permission.code !== 'KILL_STALE' || Date.now() >= deadline) return permission;
      await this.refresh();
      if (this.permits(scopes).allowed) continue;
      await delay(50);
    }
  }

  private refresh(): Promise<void> {
    this.refreshing ??= this.readBucket().finally(() => (this.refreshing = undefined));
    return this.refreshing;
  }

  private async readBucket(): Promise<void> {
    const askedAt = Date.now();
    try {
      this.bucket ??= await ControlBucket.open(this.connection);
      const latches = await this.bucket.readLatches();
      let board = this.board;
      for (const latch of latches)
        board = withLatch(board, latch.scope, JSON.stringify(await this.governed(latch)));
      this.board = confirmed(board, askedAt);
    } catch (error) {
      this.bucket = undefined;
      this.logger.warn({ err: error }, 'the kill latches could not be read');
    }
  }

  /** Where a second person is required, a release without one leaves the latch engaged. */
  private async governed(latch: KillLatch): Promise<KillLatch> {
    if (latch.engaged || this.releases === undefined) return latch;
    const now = BigInt(Date.now()) * NANOS_PER_MILLISECOND;
    const found = await this.releases.approvalOf(releaseOf(latch.scope), latch.proposalId, now);
    const approval = typeof found === 'string' ? undefined : found.approval;
    if (approval !== undefined) this.approvals.set(latch.scope, approval);
    else this.approvals.delete(latch.scope);
    if (approval !== undefined || !this.releases.required) return latch;
    return { ...latch, engaged: true, reason: `released without a second person: ${latch.reason}` };
  }

  /** Who asked for the release of a latch and who agreed; absent where nobody had to. */
  approvalOf(scope: string): Approval | undefined {
    return this.approvals.get(scope);
  }

  /** Files in the folder engage; they never release what the bucket engaged. */
  private readFolder(board: LatchBoard): LatchBoard {
    let next = board;
    for (const name of readdirSync(this.folder)) {
      if (!name.endsWith('.json')) continue;
      const scope = decodeURIComponent(name.slice(0, -'.json'.length));
      let text: string | undefined;
      try {
        text = readFileSync(join(this.folder, name), 'utf8');
      } catch {
        text = undefined;
      }
      // A file engages; releasing is the bucket's business alone.
      if (text === undefined || isEngaged(text)) next = withLatch(next, scope, text);
    }
    return next;
  }
}

function isEngaged(text: string): boolean {
  const latch = decodeLatch(text);
  return latch === 'unreadable' || latch.engaged;
}
