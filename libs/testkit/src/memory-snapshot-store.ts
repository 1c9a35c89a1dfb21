import { byAge, snapshotText } from '@evenkeel/eventing';
import type { SnapshotName, SnapshotStore } from '@evenkeel/eventing';

/** Snapshots in memory: for specs; held to the same contract suite as the object store. */
export class MemorySnapshotStore implements SnapshotStore {
  private readonly kept = new Map<string, { readonly name: SnapshotName; readonly bytes: Uint8Array }>();

  put(name: SnapshotName, bytes: Uint8Array): Promise<void> {
    this.kept.set(snapshotText(name), { name, bytes: new Uint8Array(bytes) });
    return Promise.resolve();
  }

  list(service: string, partition: string): Promise<readonly SnapshotName[]> {
    const names = [...this.kept.values()].map(({ name }) => name);
    return Promise.resolve(
      names.filter((name) => name.service === service && name.partition === partition).sort(byAge),
    );
  }

  get(name: SnapshotName): Promise<Uint8Array | undefined> {
    const bytes = this.kept.get(snapshotText(name))?.bytes;
    return Promise.resolve(bytes === undefined ? undefined : new Uint8Array(bytes));
  }

  remove(name: SnapshotName): Promise<void> {
    this.kept.delete(snapshotText(name));
    return Promise.resolve();
  }
}
