import type { CheckpointRecord, Hash, TreeHead } from '@evenkeel/audit';

export interface LedgerImage {
  readonly commits: number;
  /** Root of the tree, hex. */
  readonly root: string;
  readonly tables: readonly { readonly table: string; readonly rows: number; readonly hash: string }[];
}

/** A signed checkpoint with the head its note states. */
export interface KeptCheckpoint {
  readonly record: CheckpointRecord;
  readonly head: TreeHead;
}

export interface PublishedCommit {
  readonly epoch: string;
  readonly seq: number;
  readonly bytes: Uint8Array;
}

/** A ledger's database, to be filled again. */
export interface RebuildableLedger {
  /** What it holds; makes its tables where there are none yet. */
  image(): Promise<LedgerImage>;
  drop(): Promise<void>;
  /** How many commits were read. Fails where a signed root does not come out. */
  restore(
    commits: AsyncIterable<PublishedCommit>,
    options: {
      readonly signedRootAt: (size: number) => Hash | undefined;
      readonly again: () => AsyncIterable<PublishedCommit>;
      readonly onProgress?: (done: number) => void;
    },
  ): Promise<number>;
  /** Keeps the signed checkpoints that it does not have and whose tree it holds. */
  keepCheckpoints(checkpoints: readonly KeptCheckpoint[]): Promise<void>;
}

export interface RebuildOptions {
  readonly ledger: RebuildableLedger;
  /** From the journals of a server, or from an archive. */
  readonly commits: () => AsyncIterable<PublishedCommit>;
  /** What was signed over them, oldest first. */
  readonly checkpoints: readonly KeptCheckpoint[];
  /** Throws the ledger away first; otherwise it must be empty or a beginning of the same history. */
  readonly drop: boolean;
  readonly onProgress?: (done: number) => void;
}

export interface LedgerRebuild {
  readonly read: number;
  readonly before: LedgerImage | undefined;
  readonly after: LedgerImage;
  /** Same root and same read models as before; `undefined` when nothing was there before. */
  readonly identical: boolean | undefined;
}

/** Fills the ledger's database from the journal or from an archive alone, and says whether it is what it was. */
export async function rebuildLedger(options: RebuildOptions): Promise<LedgerRebuild> {
  const { ledger, checkpoints, onProgress } = options;
  const image = await ledger.image();
  const before = image.commits === 0 ? undefined : image;
  if (options.drop) await ledger.drop();
  const roots = new Map(checkpoints.map(({ head }) => [head.size, head.root]));
  const read = await ledger.restore(options.commits(), {
    again: options.commits,
    signedRootAt: (size) => roots.get(size),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  await ledger.keepCheckpoints(checkpoints);
  const after = await ledger.image();
  return {
    read,
    before,
    after,
    identical: before === undefined ? undefined : sameImage(before, after),
  };
}

function sameImage(a: LedgerImage, b: LedgerImage): boolean {
  return (
    a.commits === b.commits &&
    a.root === b.root &&
    a.tables.every(({ hash, rows }, at) => b.tables[at]?.hash === hash && b.tables[at]?.rows === rows)
  );
}
