import { MerkleFrontier, createMerkleHasher } from '@evenkeel/audit';
import type { FrontierRecord, Hash, TreeHead } from '@evenkeel/audit';
import { required, sameBytes } from '@evenkeel/kernel';
import type { ClientBase } from 'pg';
import { nativeSha256 } from '../ledger/native-hash';
import type { CommitLogRow } from '../ledger/read-log';
import type { FindingList, TreeExpectations } from '@evenkeel/verification';
import { checkTreeTables } from './tree-tables';

const hasher = createMerkleHasher(nativeSha256);
const NAMED_MAX = 20;

/** Builds the tree over the rows again and holds it against every head that is known, and against `ledger.tree`. */
export class TreeVerifier {
  private readonly frontier: MerkleFrontier;
  private readonly heads: readonly TreeHead[];
  private readonly epochs = new Set<string>();
  private epoch: string | undefined;
  private next = 0;
  private agreed = 0;
  private agreedHeads = 0;
  /** Rows since the last head that came out, to name the one that differs. */
  private unsettled: { readonly index: number; readonly row: CommitLogRow }[] = [];

  constructor(
    private readonly expected: TreeExpectations,
    private readonly findings: FindingList,
    from?: FrontierRecord,
  ) {
    const restored = from === undefined ? new MerkleFrontier(hasher) : MerkleFrontier.restore(from, hasher);
    this.frontier = required(restored, 'a recorded frontier');
    this.agreed = this.frontier.size;
    this.heads = [...(expected.heads ?? [])]
      .filter(({ size }) => size > this.frontier.size)
      .sort((a, b) => a.size - b.size);
  }

  get size(): number {
    return this.frontier.size;
  }

  /** Heads that came out. */
  get headsAgreed(): number {
    return this.agreedHeads;
  }

  record(): FrontierRecord {
    return this.frontier.record();
  }

  root(): Hash {
    return this.frontier.root();
  }

  push(row: CommitLogRow): void {
    if (this.expected.leafAt !== undefined) this.unsettled.push({ index: this.frontier.size, row });
    if (row.epoch !== this.epoch) this.epochs.add((this.epoch = row.epoch));
    this.frontier.append(row.leafHash);
    for (let head = this.heads[this.next]; head?.size === this.frontier.size; head = this.heads[this.next]) {
      this.next += 1;
      if (sameBytes(head.root, this.frontier.root())) {
        this.agreed = head.size;
        this.agreedHeads += 1;
      } else this.disagreement(row, head);
    }
    if (this.agreed === this.frontier.size) this.unsettled = [];
  }

  private disagreement(row: CommitLogRow, head: TreeHead): void {
    const from = Math.max(1, row.seq - (head.size - this.agreed) + 1);
    const culprits = this.unsettled.filter(({ index, row: { leafHash } }) => {
      const leaf = this.expected.leafAt?.(index);
      return leaf !== undefined && !sameBytes(leaf, leafHash);
    });
    const why = `the signed root of size ${head.size} does not come out of the rows; size ${this.agreed} did`;
    for (const { index, row: culprit } of culprits.slice(0, NAMED_MAX)) {
      this.findings.add({
        epoch: culprit.epoch,
        seq: culprit.seq,
        code: 'AUDIT.ROOT_MISMATCH',
        message: `Sequence ${culprit.seq} is not leaf ${index} of the stored tree: ${why}.`,
      });
    }
    if (culprits.length === 0) {
      const message = `Sequences ${from} to ${row.seq}: ${why}.`;
      this.findings.add({ epoch: row.epoch, seq: from, code: 'AUDIT.ROOT_MISMATCH', message });
    }
    this.unsettled = [];
  }

  /** After the last row: heads that promise more, and what the database keeps of the tree. */
  async finish(client: ClientBase, last: { readonly epoch: string; readonly seq: number }): Promise<void> {
    const beyond = this.heads[this.heads.length - 1];
    if (beyond !== undefined && beyond.size > this.frontier.size) {
      const message = `${beyond.size} commits are signed for and ${this.frontier.size} are there.`;
      this.findings.add({ epoch: last.epoch, seq: last.seq + 1, code: 'AUDIT.ROWS_MISSING', message });
    }
    const { frontier, epochs } = this;
    const tree = { frontier: frontier.record(), root: frontier.root(), epochs, last };
    await checkTreeTables(client, this.findings, tree);
  }
}
