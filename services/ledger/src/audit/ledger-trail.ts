import type { Pool } from 'pg';
import {
  AuditTrail,
  headOfNote,
  mergeCheckpointRecords,
  openLogOver,
  WitnessClient,
} from '@evenkeel/adapter-audit';
import type { LogKeyOptions, SignedElsewhere, WitnessEndpoint } from '@evenkeel/adapter-audit';
import type { CheckpointStream } from '@evenkeel/adapter-nats';
import {
  keepCosignedCheckpoint,
  keepSignedCheckpoint,
  newestCheckpointNumber,
  readLeaves,
  readSignedCheckpoints,
  readTree,
} from '@evenkeel/adapter-postgres';
import type { LedgerLeaf } from '@evenkeel/adapter-postgres';
import type { CheckpointRecord, Hash, LeafFacts } from '@evenkeel/audit';
import { EvenkeelError, IntegrityFault, required, sameBytes, toHex } from '@evenkeel/kernel';
import type { Stalls } from '@evenkeel/telemetry';
import type { AuditMetrics } from './audit-metrics';

export interface LedgerTrailOptions {
  readonly pool: Pool;
  readonly key: LogKeyOptions;
  readonly witnesses: readonly WitnessEndpoint[];
  readonly witnessTimeoutMs: number;
  /** EK_AUDIT of this log, and what it holds of any; absent where there is no NATS. */
  readonly stream?: (origin: string) => Promise<CheckpointStream>;
  readonly published?: () => Promise<SignedElsewhere['stream']>;
  readonly metrics: AuditMetrics;
  /** Hears of a witness that is waited for. */
  readonly stalls?: Pick<Stalls, 'begin'>;
  readonly log: {
    info(details: object, message: string): void;
    warn(details: object, message: string): void;
    error(details: object, message: string): void;
  };
  /** POSIX seconds. */
  readonly now?: () => number;
  readonly commitsMax?: number;
  readonly secondsMax?: number;
}

const TICK_MS = 1_000;
/** Signed roots of rows that are there already: more than a day of them, should the database be set back. */
const ROOTS_KEPT = 16_384;

/**
 * The tree of the ledger in a folder, kept up beside the rows: reads what was committed, appends it, signs when due,
 * keeps each checkpoint in Postgres, on EK_AUDIT and in the folder, and brings it to the witnesses. It follows the
 * rows and never holds them up; when it finds a contradiction it stops, says so, and signs nothing more.
 */
export class LedgerTrail {
  private readonly roots = new Map<number, Hash>();
  /** Rounds, one after the other: two at once would each append the rows that they find waiting. */
  private rounds: Promise<void> = Promise.resolve();
  /** One is to come that has not begun. */
  private awake = false;
  private cosigning: Promise<void> | undefined;
  private ticker: NodeJS.Timeout | undefined;
  private fault: Error | undefined;
  private publishedNumber = 0;
  private keptNumber = 0;
  private uncosigned: (() => void) | undefined;
  private whyUncosigned = 'asked';

  private constructor(
    private readonly options: LedgerTrailOptions,
    private readonly trail: AuditTrail,
    private readonly stream: CheckpointStream | undefined,
    private ledgerSize: number,
  ) {
    for (const record of trail.checkpoints()) this.learn(record);
  }

  /**
   * Opens the log of the folder, or none: what was signed is gone on with under its own name and keys. The copies of its history in Postgres and on EK_AUDIT must agree with the folder's, and
   * give back what the folder lost. Tiles that are damaged are written again from the rows, if the rows give the head
   * that was signed. Throws an `IntegrityFault` when anything contradicts.
   */
  static async open(options: LedgerTrailOptions): Promise<LedgerTrail> {
    const { pool, key } = options;
    const inPostgres = await readSignedCheckpoints(pool);
    const published = (await options.published?.()) ?? [];
    const { identity, signer } = await openLogOver(key, { ledger: inPostgres, stream: published });
    const { origin } = identity;
    const stream = await options.stream?.(origin);
    const history = mergeCheckpointRecords([
      { place: 'Postgres', records: inPostgres },
      { place: 'EK_AUDIT', records: (await stream?.history(inPostgres)) ?? [] },
    ]);
    const settings = {
      origin,
      folder: key.folder,
      signers: [signer],
      witnesses: new WitnessClient(options.witnesses, options.witnessTimeoutMs),
      ...(options.commitsMax === undefined ? {} : { commitsMax: options.commitsMax }),
      ...(options.secondsMax === undefined ? {} : { secondsMax: options.secondsMax }),
    };
    await AuditTrail.restoreHistory(settings, history);
    const trail = await AuditTrail.open(settings).catch(async (error: unknown) => {
      if (!(error instanceof EvenkeelError) || error.code !== 'AUDIT.TREE_DAMAGED') throw error;
      options.log.error({ err: error }, 'the tiles are damaged; they are written again from the rows');
      return AuditTrail.rebuild(settings, leafFacts(readLeaves(pool, 0)));
    });
    return new LedgerTrail(options, trail, stream, (await readTree(pool)).size);
  }

  /** The root that was signed for a size: the writer refuses rows that would give another. */
  readonly signedRootAt = (size: number): Hash | undefined => this.roots.get(size);

  get size(): number {
    return this.trail.size;
  }

  /** What it holds in memory, for the metric. */
  kept(): Readonly<Record<string, number>> {
    return { 'signed-roots': this.roots.size, checkpoints: this.trail.heldCheckpoints };
  }

  /** Starts following; `wake` after every commit makes it prompt, the ticker signs what is due by time. */
  start(): void {
    this.ticker = setInterval(() => this.wake(), TICK_MS);
    this.wake();
  }

  /** There may be new rows. Returns at once. */
  wake(): void {
    if (this.awake) return;
    this.awake = true;
    void this.round();
  }

  /** Takes over what is left, signs the end, and asks the witnesses once more. */
  async stop(): Promise<void> {
    clearInterval(this.ticker);
    await this.round(true);
    await this.cosigning;
    if (this.fault === undefined) await this.bringToWitnesses();
  }

  private round(sealing = false): Promise<void> {
    this.rounds = this.rounds.then(() => {
      this.awake = false;
      return this.work(sealing);
    });
    return this.rounds;
  }

  private async work(sealing = false): Promise<void> {
    if (this.fault !== undefined) return;
    try {
      await this.follow();
      if (sealing ? this.trail.waiting > 0 : this.trail.isDue(this.now())) await this.sign();
      await this.distribute();
    } catch (error) {
      if (error instanceof IntegrityFault) this.halt(error);
      else this.options.log.warn({ err: error }, 'the audit trail could not go on; it tries again');
    }
  }

  private halt(error: Error): void {
    this.fault = error;
    clearInterval(this.ticker);
    this.options.metrics.fault.set(1);
    this.options.log.error(
      { err: error },
      'the audit trail has stopped: nothing more is signed until somebody looks',
    );
  }

  /** Appends the rows that the tree in the folder does not hold yet, signing every `commitsMax` on the way. */
  private async follow(): Promise<void> {
    const { pool } = this.options;
    const tree = await readTree(pool);
    this.ledgerSize = tree.size;
    for await (const leaf of readLeaves(pool, this.trail.size, tree.size)) {
      if (leaf.index !== this.trail.size)
        throw contradiction(`Row ${leaf.index} of the ledger would be leaf ${this.trail.size} of its tree.`);
      this.trail.append(factsOf(leaf));
      if (this.trail.isFull()) await this.sign();
    }
    if (this.trail.size === tree.size && !sameBytes(this.trail.root(), tree.root)) {
      throw contradiction(
        `The rows give a tree of ${tree.size} with the root ${toHex(this.trail.root())}; the ledger wrote ${toHex(tree.root)} with them.`,
      );
    }
    this.options.metrics.treeSize.set(this.trail.size);
  }

  private async sign(): Promise<void> {
    const record = await this.trail.sign(this.now());
    this.learn(record);
    this.options.metrics.signedSize.set(this.trail.size);
    this.cosigning ??= this.bringToWitnesses().finally(() => (this.cosigning = undefined));
  }

  private learn(record: CheckpointRecord): void {
    const head = headOfNote(record.note);
    if (head !== undefined) this.roots.set(head.size, head.root);
    for (const size of this.roots.keys()) {
      if (this.roots.size <= ROOTS_KEPT || size > this.ledgerSize) return;
      this.roots.delete(size);
    }
  }

  /** Postgres and EK_AUDIT get every record they do not have; a database that was rebuilt gets them as it grows. */
  private async distribute(): Promise<void> {
    const { pool } = this.options;
    const count = this.trail.checkpointCount;
    if (this.keptNumber < count) {
      this.keptNumber = await newestCheckpointNumber(pool);
      const { size } = await readTree(pool);
      for (const record of this.trail.checkpoints(this.keptNumber)) {
        const head = required(headOfNote(record.note), 'the head of a kept checkpoint');
        if (head.size > size) break;
        await keepSignedCheckpoint(pool, record, head);
        this.keptNumber = record.number;
      }
    }
    if (this.stream === undefined || this.publishedNumber >= count) return;
    this.publishedNumber = (await this.stream.newest())?.number ?? 0;
    for (const record of this.trail.checkpoints(this.publishedNumber)) {
      await this.stream.publish(record);
      this.publishedNumber = record.number;
    }
  }

  private async bringToWitnesses(): Promise<void> {
    const { metrics, log, pool } = this.options;
    this.uncosigned ??= this.options.stalls?.begin('witness', 'cosignature', () => this.whyUncosigned);
    try {
      const { cosigned, alerts } = await this.trail.cosign();
      if (alerts.length === 0) this.isCosigned();
      for (const alert of alerts) {
        this.whyUncosigned = alert.code;
        metrics.witnessAlerts.inc({ code: alert.code });
        log.warn({ ...alert }, 'a witness did not cosign; see the runbook checkpoint-not-cosigned');
      }
      if (cosigned === undefined) return;
      metrics.cosignedSize.set(cosigned.size);
      await keepCosignedCheckpoint(pool, cosigned);
    } catch (error) {
      log.warn({ err: error }, 'the witnesses could not be asked');
    }
  }

  private isCosigned(): void {
    this.uncosigned?.();
    this.uncosigned = undefined;
  }

  private now(): number {
    return this.options.now?.() ?? Math.floor(Date.now() / 1000);
  }
}

const OTHER_LOG: ReadonlySet<string> = new Set([
  'AUDIT.CHECKPOINTS_DISAGREE',
  'AUDIT.HEAD_FILE_DAMAGED',
  'AUDIT.KEY_LOST',
  'AUDIT.KEY_NOT_IN_OFFICE',
  'AUDIT.LOG_FILE_DAMAGED',
  'AUDIT.LOG_FOREIGN',
  'AUDIT.LOG_LOST',
  'INPUT.INVALID',
]);

/** Whether a log could not be opened because it is not the one that was signed, or cannot go on with it. */
export function isOtherLog(error: unknown): boolean {
  return error instanceof EvenkeelError && OTHER_LOG.has(error.code);
}

async function* leafFacts(leaves: AsyncIterable<LedgerLeaf>): AsyncIterable<LeafFacts> {
  for await (const leaf of leaves) yield factsOf(leaf);
}

function factsOf({ epoch, seq, hash }: LedgerLeaf): LeafFacts {
  return { epoch, seq, commitHash: toHex(hash) };
}

function contradiction(message: string): IntegrityFault {
  return new IntegrityFault({ code: 'AUDIT.TREE_CONTRADICTS', message });
}
