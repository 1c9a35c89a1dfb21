import { parseCheckpoint } from '@evenkeel/audit';
import type { FrontierRecord, Hash } from '@evenkeel/audit';
import { sameBytes } from '@evenkeel/kernel';
import type { FindingList } from '@evenkeel/verification';
import type { ClientBase } from 'pg';

/** The tree as the rows gave it. */
export interface TreeOfRows {
  readonly frontier: FrontierRecord;
  readonly root: Hash;
  /** Epochs whose rows were read. */
  readonly epochs: ReadonlySet<string>;
  readonly last: { readonly epoch: string; readonly seq: number };
}

/** Holds what the database keeps of the tree beside its rows against them: nothing of it is believed, and all of it is read by somebody. */
export async function checkTreeTables(
  client: ClientBase,
  findings: FindingList,
  tree: TreeOfRows,
): Promise<void> {
  const wrong = (epoch: string, seq: number, message: string): void =>
    findings.add({ epoch, seq, code: 'LEDGER.TREE_MISMATCH', message });
  await checkTree(client, tree, (message) => wrong(tree.last.epoch, tree.last.seq, message));
  await checkEpochs(client, tree, (epoch, message) => wrong(epoch, 1, message));
  await checkSignedCheckpoints(client, (message) => wrong(tree.last.epoch, tree.last.seq, message));
}

async function checkTree(
  client: ClientBase,
  { frontier, root }: TreeOfRows,
  wrong: (message: string) => void,
): Promise<void> {
  const { rows } = await client.query<FrontierRecord & { root: Buffer }>(
    'SELECT size, root, nodes FROM ledger.tree',
  );
  const stored = rows[0];
  const isSame =
    stored?.size === frontier.size &&
    sameBytes(stored.root, root) &&
    stored.nodes.join() === frontier.nodes.join();
  if (!isSame)
    wrong(`ledger.tree says ${stored?.size ?? 'nothing'}, and is not the tree of the ${frontier.size} rows.`);
}

async function checkEpochs(
  client: ClientBase,
  { epochs }: TreeOfRows,
  wrong: (epoch: string, message: string) => void,
): Promise<void> {
  const { rows } = await client.query<{ epoch: string; firstIndex: number; commits: number | null }>(
    `SELECT e.epoch, e.first_index AS "firstIndex", c.seq AS commits
       FROM ledger.tree_epoch e LEFT JOIN ledger.checkpoint c USING (epoch) ORDER BY e.first_index, e.epoch`,
  );
  let index = 0;
  for (const { epoch, firstIndex, commits } of rows) {
    if (commits === null) {
      wrong(epoch, `ledger.tree_epoch has epoch ${epoch}, and nothing in the ledger is of it.`);
      continue;
    }
    if (firstIndex !== index)
      wrong(epoch, `Epoch ${epoch} begins at leaf ${index}, not at ${firstIndex} as ledger.tree_epoch says.`);
    index = firstIndex + commits;
  }
  for (const epoch of epochs)
    if (!rows.some((row) => row.epoch === epoch))
      wrong(epoch, `Epoch ${epoch} has rows, and ledger.tree_epoch does not say where it begins.`);
}

/** The columns beside a signed note are what it says; whether it was signed, and the rows give its root, is judged by who has the key. */
async function checkSignedCheckpoints(client: ClientBase, wrong: (message: string) => void): Promise<void> {
  const { rows } = await client.query<{ number: number; size: number; root: Buffer; note: string }>(
    'SELECT number, size, root, note FROM ledger.signed_checkpoint ORDER BY number',
  );
  for (const { number, size, root, note } of rows) {
    const said = parseCheckpoint(note.slice(0, note.indexOf('\n\n') + 1));
    if (!said.ok) wrong(`ledger.signed_checkpoint ${number} has a note that is no checkpoint.`);
    else if (said.value.size !== size || !sameBytes(said.value.root, root))
      wrong(`ledger.signed_checkpoint ${number} says another tree than its own note, of ${said.value.size}.`);
  }
}
