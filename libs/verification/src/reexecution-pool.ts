import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Refusals } from '@evenkeel/facts';
import type { LedgerFinding } from './finding';
import type { AuditResult, AuditedCommit, Auditor } from './verification-ports';
import { sumOfCounts } from '@evenkeel/engine';
import type { ReexecutionRecord, ReplayCount } from '@evenkeel/engine';
import type { FromWorker, ToWorker } from './reexecution-messages';

const BATCH_BYTES = 256 * 1024;
const OUTSTANDING_MAX = 16;

export type ReplayRecords = readonly (readonly [unit: string, record: ReexecutionRecord])[];

/** An auditor whose standing can be kept and taken up again. */
export interface ResumableAuditor extends Auditor {
  /** Where every open partition stands, after everything pushed so far. */
  records(): Promise<ReplayRecords>;
  /** What was run again so far. */
  readonly counts: readonly ReplayCount[];
  /** Findings so far that nobody has taken. */
  takeFindings(): readonly LedgerFinding[];
  close(): Promise<void>;
}

/**
 * Runs the cores again on threads: a partition of an epoch always on the same one, in order. The result does not depend
 * on how many there are.
 */
export class ReexecutionPool implements ResumableAuditor {
  private readonly workers: Helper[];
  private readonly units = new Map<string, Helper>();
  private epoch: string | undefined;

  constructor(
    threads: number,
    records: ReplayRecords = [],
    private readonly before: readonly ReplayCount[] = [],
  ) {
    const shares: (readonly [string, ReexecutionRecord])[][] = Array.from({ length: threads }, () => []);
    records.forEach((record, at) => shares[at % threads]?.push(record));
    this.workers = shares.map((share) => new Helper(share));
    records.forEach(([unit], at) => {
      const helper = this.workers[at % threads];
      if (helper !== undefined) this.units.set(unit, helper);
    });
  }

  async push(commit: AuditedCommit): Promise<void> {
    if (this.epoch !== undefined && this.epoch !== commit.epoch) await this.closeEpoch(this.epoch);
    this.epoch = commit.epoch;
    const unit = `${commit.epoch}/${commit.commit.partition}`;
    const helper = this.units.get(unit) ?? this.workers[this.units.size % this.workers.length];
    if (helper === undefined) return;
    this.units.set(unit, helper);
    await helper.add(commit);
  }

  private async closeEpoch(epoch: string): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.ask({ kind: 'close', epoch })));
    for (const unit of [...this.units.keys()]) if (unit.startsWith(`${epoch}/`)) this.units.delete(unit);
  }

  async records(): Promise<ReplayRecords> {
    const answers = await Promise.all(this.workers.map((worker) => worker.ask({ kind: 'records' })));
    return answers.flatMap(({ records = [] }) => records);
  }

  get counts(): readonly ReplayCount[] {
    return sumOfCounts(this.before, ...this.workers.map(({ counts }) => counts));
  }

  takeFindings(): readonly LedgerFinding[] {
    return this.workers.flatMap((worker) => worker.findings.splice(0));
  }

  async finish(): Promise<AuditResult> {
    if (this.epoch !== undefined) await this.closeEpoch(this.epoch);
    const findings = [...this.takeFindings()].sort((a, b) => a.seq - b.seq);
    return { counts: this.counts, findings }; // its threads stay: they are still asked where they stand
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.end()));
  }
}

/** The compiled worker, also for a program that runs from its sources. */
function workerFile(): string {
  const beside = join(__dirname, 'reexecution.worker.js');
  return existsSync(beside)
    ? beside
    : beside.replace(`${sep}verification${sep}src${sep}`, `${sep}verification${sep}dist${sep}`);
}

interface Batch {
  readonly epoch: string;
  readonly seqs: number[];
  readonly parts: Uint8Array[];
  readonly refusals: Map<number, Refusals>;
  size: number;
}

/** One thread with the batch it gets next. Questions are answered in order. */
class Helper {
  readonly findings: LedgerFinding[] = [];
  counts: readonly ReplayCount[] = [];
  private readonly worker: Worker;
  private readonly waiting: { resolve(answer: FromWorker): void; reject(error: Error): void }[] = [];
  private batch: Batch | undefined;
  private failed: Error | undefined;

  constructor(records: ReplayRecords) {
    this.worker = new Worker(workerFile(), { workerData: records });
    this.worker.on('message', (answer: FromWorker) => {
      this.counts = answer.counts;
      this.findings.push(...answer.findings);
      this.waiting.shift()?.resolve(answer);
    });
    this.worker.on('error', (error: Error) => {
      this.failed = error;
      for (const one of this.waiting.splice(0)) one.reject(error);
    });
  }

  async add(commit: AuditedCommit): Promise<void> {
    if (this.batch !== undefined && this.batch.epoch !== commit.epoch) this.send();
    this.batch ??= { epoch: commit.epoch, seqs: [], parts: [], size: 0, refusals: new Map() };
    if (commit.refusals !== undefined) this.batch.refusals.set(this.batch.seqs.length, commit.refusals);
    this.batch.seqs.push(commit.seq);
    this.batch.parts.push(commit.bytes);
    this.batch.size += commit.bytes.length;
    if (this.batch.size < BATCH_BYTES) return;
    const sent = this.send();
    if (this.waiting.length > OUTSTANDING_MAX) await sent;
  }

  private send(): Promise<unknown> {
    const batch = this.batch;
    this.batch = undefined;
    if (batch === undefined) return Promise.resolve();
    const bytes = new Uint8Array(batch.size);
    let at = 0;
    for (const part of batch.parts) {
      bytes.set(part, at);
      at += part.length;
    }
    const lengths = batch.parts.map((part) => part.length);
    const { epoch, seqs, refusals } = batch;
    return this.post({ kind: 'rows', epoch, seqs, lengths, bytes, refusals }, [bytes.buffer]);
  }

  ask(message: ToWorker): Promise<FromWorker> {
    void this.send();
    return this.post(message, []);
  }

  private post(message: ToWorker, transfer: readonly ArrayBuffer[]): Promise<FromWorker> {
    if (this.failed !== undefined) return Promise.reject(this.failed);
    const answered = new Promise<FromWorker>((resolve, reject) => this.waiting.push({ resolve, reject }));
    answered.catch(() => undefined); // whoever asks hears of it; a batch nobody waits for must not end the program
    this.worker.postMessage(message, [...transfer]);
    return answered;
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }
}
