import { decodeSnapshot, encodeSnapshot, snapshotText, snapshotsToPrune } from '@evenkeel/eventing';
import type { SnapshotName, SnapshotScope, SnapshotStore, StateSnapshot } from '@evenkeel/eventing';
import { PARTITION_COUNT, sha256 } from '@evenkeel/kernel';

/** What became of a snapshot. */
export type SnapshotEvent =
  | { readonly kind: 'written'; readonly name: string; readonly bytes: number; readonly milliseconds: number }
  /** Not written: the store or the state refused. The partition goes on. */
  | { readonly kind: 'failed'; readonly name: string; readonly error: unknown }
  /** A recovery went on from it. */
  | { readonly kind: 'used'; readonly name: string }
  /** It was made by another build. */
  | { readonly kind: 'ignored'; readonly name: string }
  /** It is not what it says, or does not go together with the journal. */
  | { readonly kind: 'refused'; readonly name: string; readonly error: unknown };

export interface SnapshotKeeperOptions extends Omit<SnapshotScope, 'partition'> {
  readonly store: SnapshotStore;
  /** A snapshot is due after so many inputs, or so long after the last one. */
  readonly everyInputs: number;
  readonly everyMs: number;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  readonly onEvent: (event: SnapshotEvent) => void;
}

/** Where a partition stands, as its owner has it. */
export interface Capture {
  readonly snapshot: () => StateSnapshot<unknown>;
  /** Rejects when somebody else may be the owner by now: then nothing is kept. */
  readonly confirm: () => Promise<void>;
}

/** Writing the state holds the partition up; it may take this share of the time. */
const SHARE_MAX = 0.01;
/** Fewer inputs than these are read again more quickly than a snapshot of them is worth. */
const INPUTS_MIN = 500;

interface Pace {
  inputs: number;
  lastMs: number;
  tookMs: number;
  writing: Promise<void> | undefined;
}

/** Keeps the snapshots of a service's partitions: writes one now and then, and finds those that recovery can use. */
export class SnapshotKeeper {
  private readonly paces = new Map<string, Pace>();

  constructor(private readonly options: SnapshotKeeperOptions) {}

  /** Snapshots of this build and epoch, newest first, each read only when it is asked for. */
  async *candidates(partition: string): AsyncIterable<{ name: string; snapshot: StateSnapshot<unknown> }> {
    const { store, service, epoch, codeHash } = this.options;
    const scope = this.scopeOf(partition);
    let names: readonly SnapshotName[];
    try {
      names = await store.list(service, partition);
    } catch (error) {
      this.options.onEvent({ kind: 'refused', name: `${service}/${partition}`, error });
      return;
    }
    for (const name of names) {
      const text = snapshotText(name);
      if (name.epoch !== epoch) continue;
      if (name.codeHash !== codeHash) {
        this.options.onEvent({ kind: 'ignored', name: text });
        continue;
      }
      try {
        const bytes = await store.get(name);
        if (bytes !== undefined) yield { name: text, snapshot: decodeSnapshot(bytes, scope, sha256) };
      } catch (error) {
        this.refused(text, error);
      }
    }
  }

  used(name: string): void {
    this.options.onEvent({ kind: 'used', name });
  }

  refused(name: string, error: unknown): void {
    this.options.onEvent({ kind: 'refused', name, error });
  }

  /** An input has settled. What it stands at is captured at once or not at all, since the state lives on. */
  settled(partition: string, capture: Capture): void {
    const pace = this.paceOf(partition);
    pace.inputs += 1;
    if (pace.writing !== undefined) return;
    const sinceMs = this.options.nowMs() - pace.lastMs;
    if (sinceMs < pace.tookMs / SHARE_MAX) return;
    // Each partition at a pace of its own, so that they do not all come due in one and the same moment.
    const pause = 1 + Number(partition) / (2 * PARTITION_COUNT);
    const { everyInputs, everyMs } = this.options;
    if (pace.inputs >= everyInputs * pause || sinceMs >= everyMs * pause) this.write(partition, capture);
  }

  /** The partition takes nothing more here: keeps where it stands, so that its next owner begins there. */
  async leave(partition: string, capture: Capture): Promise<void> {
    const pace = this.paceOf(partition);
    await pace.writing;
    if (pace.inputs >= INPUTS_MIN) this.write(partition, capture);
    await pace.writing;
  }

  private write(partition: string, capture: Capture): void {
    const { nowMs, onEvent } = this.options;
    const pace = this.paceOf(partition);
    const started = nowMs();
    pace.inputs = 0;
    pace.lastMs = started;
    let name = `${this.options.service}/${partition}`;
    let bytes: Uint8Array;
    try {
      const snapshot = capture.snapshot();
      const seq = Math.max(snapshot.seen, snapshot.appended);
      const named = { ...this.scopeOf(partition), seq };
      name = snapshotText(named);
      bytes = encodeSnapshot(snapshot, sha256);
      pace.tookMs = nowMs() - started;
      pace.writing = capture
        .confirm()
        .then(() => this.store(named, bytes))
        .then(
          () => onEvent({ kind: 'written', name, bytes: bytes.length, milliseconds: pace.tookMs }),
          (error: unknown) => onEvent({ kind: 'failed', name, error }),
        )
        .finally(() => (pace.writing = undefined));
    } catch (error) {
      onEvent({ kind: 'failed', name, error });
    }
  }

  private async store(name: SnapshotName, bytes: Uint8Array): Promise<void> {
    const { store } = this.options;
    await store.put(name, bytes);
    const all = await store.list(name.service, name.partition);
    for (const old of snapshotsToPrune(all, name)) await store.remove(old);
  }

  scopeOf(partition: string): SnapshotScope {
    const { service, epoch, codeHash } = this.options;
    return { service, partition, epoch, codeHash };
  }

  private paceOf(partition: string): Pace {
    let pace = this.paces.get(partition);
    if (pace === undefined) {
      pace = { inputs: 0, lastMs: this.options.nowMs(), tookMs: 0, writing: undefined };
      this.paces.set(partition, pace);
    }
    return pace;
  }
}
