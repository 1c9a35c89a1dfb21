import { MerkleFrontier, createMerkleHasher } from '@evenkeel/audit';
import type { Hash, TreeHead } from '@evenkeel/audit';
import { IntegrityFault, sameBytes, toHex } from '@evenkeel/kernel';
import type { ClientBase } from 'pg';
import { assertAttached } from './detached-epochs';
import { LedgerFault } from './faults';
import { nativeSha256 } from './native-hash';

const hasher = createMerkleHasher((bytes) => Uint8Array.from(nativeSha256(bytes)));

/** The root that was signed for a tree of this size, where one is known. */
export type SignedRootAt = (size: number) => Hash | undefined;

interface TreeRow {
  readonly size: number;
  readonly root: Buffer;
  readonly nodes: readonly string[];
}

/**
 * Moves the tree of `ledger.tree` over rows that were just written, in their transaction. Throws
 * `LEDGER.TREE_CONTRADICTS` when the rows give another root than one that was signed: they are not the history that
 * was promised, and must not become it.
 */
export async function advanceTree(
  client: ClientBase,
  epoch: string,
  firstSeq: number,
  leaves: readonly Hash[],
  signedRootAt: SignedRootAt = () => undefined,
): Promise<void> {
  const frontier = restored((await client.query<TreeRow>(LOCK_TREE)).rows[0]);
  const from = frontier.size;
  for (const [at, leaf] of leaves.entries()) {
    frontier.append(leaf);
    const signed = signedRootAt(frontier.size);
    if (signed !== undefined && !sameBytes(signed, frontier.root())) {
      throw new LedgerFault(
        'LEDGER.TREE_CONTRADICTS',
        epoch,
        firstSeq + at,
        `the tree of ${frontier.size} commits would have the root ${toHex(frontier.root())}, but ${toHex(signed)} is signed`,
      );
    }
  }
  await client.query('SELECT ledger.advance_tree($1, $2, $3, $4, $5, $6)', [
    epoch,
    firstSeq,
    from,
    frontier.size,
    Buffer.from(frontier.root()),
    frontier.record().nodes,
  ]);
}

const LOCK_TREE = 'SELECT o_size AS size, o_root AS root, o_nodes AS nodes FROM ledger.lock_tree()';

function restored(row: TreeRow | undefined): MerkleFrontier {
  const frontier =
    row === undefined ? undefined : MerkleFrontier.restore({ size: row.size, nodes: row.nodes }, hasher);
  if (row === undefined || frontier === undefined || !sameBytes(frontier.root(), row.root)) {
    throw new IntegrityFault({
      code: 'LEDGER.TREE_DAMAGED',
      message: 'The row of ledger.tree does not describe a tree.',
    });
  }
  return frontier;
}

/** The tree as the ledger last left it. */
export async function readTree(client: Pick<ClientBase, 'query'>): Promise<TreeHead> {
  const result = await client.query<TreeRow>('SELECT size, root, nodes FROM ledger.tree');
  const frontier = restored(result.rows[0]);
  return { size: frontier.size, root: frontier.root() };
}

/** What a leaf of the tree is made of, in the order of the leaves. */
export interface LedgerLeaf {
  readonly epoch: string;
  readonly seq: number;
  readonly hash: Buffer;
  readonly leafHash: Buffer;
}

const LEAVES_PAGE = 2_000;

/** The leaves from position `from` on, up to where the tree stands when it is asked. */
export async function* readLeaves(
  client: Pick<ClientBase, 'query'>,
  from: number,
  until = Number.MAX_SAFE_INTEGER,
): AsyncIterable<LedgerLeaf> {
  for (const place of await readTreeEpochs(client)) {
    const end = Math.min(until, place.firstIndex + place.commits);
    if (Math.max(from, place.firstIndex) < end) await assertAttached(client, place.epoch);
    for (let index = Math.max(from, place.firstIndex); index < end;) {
      const first = index - place.firstIndex + 1;
      const last = Math.min(first + LEAVES_PAGE - 1, end - place.firstIndex);
      const page = await client.query<LedgerLeaf>(
        `SELECT epoch, seq, hash, leaf_hash AS "leafHash" FROM ledger.commit_log
          WHERE epoch = $1 AND seq BETWEEN $2 AND $3 ORDER BY seq`,
        [place.epoch, first, last],
      );
      yield* page.rows;
      index += last - first + 1;
    }
  }
}

export interface TreeEpoch {
  readonly epoch: string;
  /** Leaf of sequence 1. */
  readonly firstIndex: number;
  readonly commits: number;
}

/** The epochs in the order in which they follow one another in the tree. */
export async function readTreeEpochs(client: Pick<ClientBase, 'query'>): Promise<readonly TreeEpoch[]> {
  const result = await client.query<TreeEpoch>(
    `SELECT e.epoch, e.first_index AS "firstIndex", c.seq AS commits
       FROM ledger.tree_epoch e JOIN ledger.checkpoint c USING (epoch) ORDER BY e.first_index, e.epoch`,
  );
  return result.rows;
}

/**
 * Brings the tree over rows that were written before there was a tree. In pages, each a transaction of its own, so that
 * it can be broken off. Returns the leaves added.
 */
export async function growTree(client: ClientBase): Promise<number> {
  let added = 0;
  const epochs = await readTreeEpochs(client);
  const last = epochs.at(-1);
  if (last === undefined || (await readTree(client)).size === last.firstIndex + last.commits) return 0;
  for (const { epoch, firstIndex, commits } of epochs) {
    for (;;) {
      await client.query('BEGIN');
      try {
        const { size } = restored((await client.query<TreeRow>(LOCK_TREE)).rows[0]);
        const firstSeq = size - firstIndex + 1;
        if (firstSeq < 1 || firstSeq > commits) {
          await client.query('ROLLBACK');
          break;
        }
        const page = await client.query<{ leafHash: Buffer }>(
          `SELECT leaf_hash AS "leafHash" FROM ledger.commit_log
            WHERE epoch = $1 AND seq >= $2 AND seq <= $3 ORDER BY seq LIMIT ${LEAVES_PAGE}`,
          [epoch, firstSeq, commits],
        );
        if (page.rows.length === 0) {
          await client.query('ROLLBACK');
          break;
        }
        await advanceTree(
          client,
          epoch,
          firstSeq,
          page.rows.map((row) => row.leafHash),
        );
        await client.query('COMMIT');
        added += page.rows.length;
      } catch (error) {
        await client.query('ROLLBACK').catch(() => undefined);
        throw error;
      }
    }
  }
  return added;
}
