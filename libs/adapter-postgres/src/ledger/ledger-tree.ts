import { MerkleFrontier, createMerkleHasher } from '@evenkeel/audit';
import type { Hash, TreeHead } from '@evenkeel/audit';
import { IntegrityFault, sameBytes, toHex } from '@evenkeel/kernel';
import type { ClientBase } from 'pg';
import { assertAttached } from './detached-epochs';
import { flight } from '../wire/flight';
import type { FlightRows, Statement } from '../wire/flight';
import { LedgerFault, treeMoved } from './faults';
import { nativeHex, nativeSha256 } from './native-hash';

const hasher = createMerkleHasher(nativeSha256);

/** The root that was signed for a tree of this size, where one is known. */
export type SignedRootAt = (size: number) => Hash | undefined;

interface TreeRow {
  readonly size: number;
  readonly root: Buffer;
  readonly nodes: readonly string[];
}

/** The row of `ledger.tree` as the database shows it. */
export type TreeStanding = readonly [size: string, root: string, nodes: string];

/** A step of the tree over rows. */
export interface TreeStep {
  readonly before: TreeStanding;
  readonly after: TreeStanding;
}

function standingOf(frontier: MerkleFrontier): TreeStanding {
  const { size, nodes } = frontier.record();
  return [String(size), bytesText(frontier.root()), `{${nodes.join(',')}}`];
}

function bytesText(bytes: Uint8Array): string {
  return `\\x${nativeHex(bytes)}`;
}

/**
 * Moves the tree over rows that are about to be written. Throws `LEDGER.TREE_CONTRADICTS` when the rows give another root than
 * one that was signed: they are not the history that was promised, and must not become it.
 */
export function treeAfter(
  frontier: MerkleFrontier,
  epoch: string,
  firstSeq: number,
  leaves: readonly Hash[],
  signedRootAt: SignedRootAt = () => undefined,
): TreeStep {
  const before = standingOf(frontier);
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
  return { before, after: standingOf(frontier) };
}

/** Moves the row of `ledger.tree` over rows that were just written, in their transaction. */
export function advanceTreeStatement(
  epoch: string,
  firstSeq: number,
  { before, after }: TreeStep,
): Statement {
  const [size, root, nodes] = after;
  return {
    sql: 'SELECT ledger.advance_tree($1, $2, $3, $4, $5, $6)',
    values: [epoch, String(firstSeq), before[0], size, root, nodes],
  };
}

/** The locked row must be the one that the rows were added to. Throws `LEDGER.TREE_DAMAGED` where it describes no tree. */
export function assertTree(expected: TreeStanding, rows: FlightRows | undefined): void {
  const found = rows?.[0] ?? [];
  if (expected.every((text, index) => text === found[index])) return;
  const [size, root, nodes] = found;
  const shown = nodes === '{}' ? [] : (nodes ?? '').slice(1, -1).split(',');
  const row = { size: Number(size), root: Buffer.from((root ?? '').slice(2), 'hex'), nodes: shown };
  throw treeMoved(Number(expected[0]), restored(row).size);
}

/** The tree as it stands, to add rows to. */
export async function readFrontier(client: Pick<ClientBase, 'query'>): Promise<MerkleFrontier> {
  return restored((await client.query<TreeRow>('SELECT size, root, nodes FROM ledger.tree')).rows[0]);
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
  const frontier = await readFrontier(client);
  return { size: frontier.size, root: frontier.root() };
}

/** What a leaf of the tree is made of, in the order of the leaves. */
export interface LedgerLeaf {
  /** Its place in the tree. */
  readonly index: number;
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
        `SELECT $4::bigint + seq - 1 AS index, epoch, seq, hash, leaf_hash AS "leafHash" FROM ledger.commit_log
          WHERE epoch = $1 AND seq BETWEEN $2 AND $3 ORDER BY seq`,
        [place.epoch, first, last, place.firstIndex],
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
        const frontier = restored((await client.query<TreeRow>(LOCK_TREE)).rows[0]);
        const firstSeq = frontier.size - firstIndex + 1;
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
        const leaves = page.rows.map((row) => row.leafHash);
        await flight(client, [
          advanceTreeStatement(epoch, firstSeq, treeAfter(frontier, epoch, firstSeq, leaves)),
        ]);
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
