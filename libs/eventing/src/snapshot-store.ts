import type { SnapshotScope } from './state-snapshot';

/** Names a snapshot. `seq` is the journal sequence up to which it stands for its partition. */
export interface SnapshotName extends SnapshotScope {
  readonly seq: number;
}

/**
 * Where state snapshots are kept. A cache: what it loses or garbles costs time only, because every reader checks what
 * it gets and can always begin from the journal.
 */
export interface SnapshotStore {
  /** Keeps a snapshot; it is listed only once it is whole. Writing a name again replaces what it named. */
  put(name: SnapshotName, bytes: Uint8Array): Promise<void>;
  /** The snapshots of a service's partition, of every epoch and build, newest epoch and sequence first. */
  list(service: string, partition: string): Promise<readonly SnapshotName[]>;
  /** What was put, or undefined when there is none (any more). */
  get(name: SnapshotName): Promise<Uint8Array | undefined>;
  remove(name: SnapshotName): Promise<void>;
}

/** Kept of the running build: the newest, and one before in case it cannot be used. */
const KEPT_OF_THIS_CODE = 2;
/** Kept of other builds in the same epoch, for a roll back: the newest of each, of so many builds. */
const OTHER_BUILDS_KEPT = 2;

/** Which of a partition's snapshots nobody will want any more. `all` is newest first. */
export function snapshotsToPrune(all: readonly SnapshotName[], scope: SnapshotScope): SnapshotName[] {
  const kept = new Map<string, number>();
  return all.filter((name) => {
    if (name.epoch !== scope.epoch) return true;
    const count = kept.get(name.codeHash) ?? 0;
    const own = name.codeHash === scope.codeHash;
    const others = [...kept.keys()].filter((codeHash) => codeHash !== scope.codeHash).length;
    if (own ? count >= KEPT_OF_THIS_CODE : count >= 1 || others >= OTHER_BUILDS_KEPT) return true;
    kept.set(name.codeHash, count + 1);
    return false;
  });
}

/** Newest first: by epoch, then by sequence. */
export function byAge(a: SnapshotName, b: SnapshotName): number {
  return Number(b.epoch) - Number(a.epoch) || b.seq - a.seq;
}

/** `<service>/<pp>/<codeHash>/<epoch>/<seq>`: sequences count from one in each epoch. */
export function snapshotText({ service, partition, codeHash, epoch, seq }: SnapshotName): string {
  return `${service}/${partition}/${codeHash}/${epoch}/${seq}`;
}

/** Reads `snapshotText`; undefined for anything else. */
export function snapshotNamed(text: string): SnapshotName | undefined {
  const [, service, partition, codeHash, epoch, seq] =
    /^([^/]+)\/([^/]+)\/([0-9a-f]+)\/(\d+)\/(\d+)$/.exec(text) ?? [];
  if (service === undefined || partition === undefined || codeHash === undefined) return undefined;
  return { service, partition, codeHash, epoch: String(epoch), seq: Number(seq) };
}
