import type { ClientBase, Pool } from 'pg';
import { decodeCommit } from '@evenkeel/contracts';
import type { HedgeDecision } from '@evenkeel/facts';
import { EvenkeelError, sameBytes } from '@evenkeel/kernel';
import { STOP_EVENTS, StoryMaterial, reexecuteChain, tellDecision } from '@evenkeel/reconstruction';
import type { DecisionPlace, Reconstruction, StoryRow } from '@evenkeel/reconstruction';
import { decisionNamed } from '../evidence/decision-places';
import { LedgerEvidence } from '../evidence/ledger-evidence';
import { authorsIn } from '../ledger/ledger-authors';
import { nativeSha256 } from '../ledger/native-hash';

/**
 * The story of a decision, read from the published bytes; the read models only say where to look. `decisionId` may be
 * the beginning of an id when that names one decision. Throws `LEDGER.NO_SUCH_DECISION`, `LEDGER.AMBIGUOUS_DECISION`.
 */
export async function reconstruct(
  pool: Pool,
  decisionId: string,
  options: {
    readonly epoch?: string;
    /** Whether its snapshot, the decision and its orders are run again: reads everything the book's cores took in before. */
    readonly runAgain?: boolean;
  } = {},
): Promise<Reconstruction> {
  const told = await tell(pool, decisionId, options.epoch);
  return options.runAgain === true ? { ...told, runAgain: await runAgain(pool, told) } : told;
}

async function tell(pool: Pool, decisionId: string, epoch: string | undefined): Promise<Reconstruction> {
  const client = await pool.connect();
  try {
    const place = await decisionNamed(client, decisionId, epoch);
    const decision = decisionIn(await rowsAt(client, place.epoch, [place.seq]), place);
    const rows = await rowsAt(client, place.epoch, await placesOf(client, place, decision));
    const authors = await authorsIn(client, place.epoch);
    const story = tellDecision(new StoryMaterial(place.epoch, rows, authors), place.decisionId);
    return place.alsoIn.length === 0 ? story : { ...story, alsoInEpochs: place.alsoIn };
  } finally {
    client.release();
  }
}

async function runAgain(
  pool: Pool,
  { epoch, decision, orders }: Reconstruction,
): Promise<ReturnType<typeof reexecuteChain>> {
  const { seq } = decision.commit;
  const sent = orders.flatMap(({ intended, refused }) => (intended ?? refused)?.commit.seq ?? []);
  const evidence = new LedgerEvidence(pool);
  const places = await evidence.inputsBefore(epoch, decision.payload.book, Math.max(seq, ...sent) + 1);
  const client = await pool.connect();
  try {
    const rows = await rowsAt(
      client,
      epoch,
      places.map((place) => place.seq),
    );
    return reexecuteChain(rows, seq);
  } finally {
    client.release();
  }
}

async function rowsAt(
  client: ClientBase,
  epoch: string,
  sequences: readonly number[],
): Promise<readonly StoryRow[]> {
  const { rows } = await client.query<{ seq: number; bytes: Buffer; hash: Buffer }>(
    `SELECT seq, bytes, hash FROM ledger.commit_log WHERE epoch = $1 AND seq = ANY($2) ORDER BY seq`,
    [epoch, sequences],
  );
  const found = new Set(rows.map(({ seq }) => seq));
  const missing = sequences.find((seq) => !found.has(seq));
  if (missing !== undefined) {
    throw new EvenkeelError({
      code: 'LEDGER.ROWS_MISSING',
      message: `Sequence ${missing} of epoch ${epoch} is not in the log.`,
    });
  }
  return rows.map(({ seq, bytes, hash }) => ({
    seq,
    bytes,
    hash,
    commit: decodeCommit(bytes),
    hashHolds: sameBytes(nativeSha256(bytes), hash),
  }));
}

function decisionIn(rows: readonly StoryRow[], place: DecisionPlace): HedgeDecision {
  for (const { commit } of rows)
    for (const { event } of commit.events)
      if (
        (event.type === 'HedgeDecided' || event.type === 'HedgeDeclined') &&
        event.payload.decisionId === place.decisionId
      )
        return event.payload;
  const message = `Sequence ${place.seq} does not hold decision ${place.decisionId}; the read models are not what the log says.`;
  throw new EvenkeelError({ code: 'LEDGER.NO_SUCH_DECISION', message });
}

/** Where the commits of a story lie, as the read models know it. */
async function placesOf(
  client: ClientBase,
  { epoch, decisionId, seq }: DecisionPlace,
  { book, snapshotId, policyHash }: HedgeDecision,
): Promise<readonly number[]> {
  const ask = async (sql: string, ...values: readonly unknown[]): Promise<number[]> =>
    (await client.query<{ seq: number }>(sql, [epoch, ...values])).rows.map((row) => row.seq);
  const own = `(SELECT client_order_id FROM read_v2.orders WHERE epoch = $1 AND decision_id = $2)`;
  const steps = await ask(
    `SELECT seq FROM read_v2.order_events WHERE epoch = $1 AND client_order_id IN ${own}`,
    decisionId,
  );
  const booked = await ask(
    `SELECT seq FROM read_v2.position_changes WHERE epoch = $1 AND client_order_id IN ${own}`,
    decisionId,
  );
  const around = await ask(
    `SELECT seq FROM read_v2.pnl WHERE epoch = $1 AND snapshot_id = $2
     UNION (SELECT seq FROM read_v2.policies WHERE epoch = $1 AND book = $3 AND policy_hash = $4 AND seq < $5
             ORDER BY seq DESC LIMIT 1)
     UNION (SELECT seq FROM read_v2.pnl WHERE epoch = $1 AND book = $3 AND seq > $6 ORDER BY seq LIMIT 1)
     UNION SELECT seq FROM ledger.commit_log WHERE epoch = $1 AND aggregate LIKE 'governance/%'`,
    snapshotId,
    book,
    policyHash,
    seq,
    Math.max(seq, ...booked),
  );
  const stops = await ask(
    `WITH stops AS (SELECT seq, type, subject FROM read_v2.incidents
                     WHERE epoch = $1 AND type = ANY($3) AND (book = $2 OR type LIKE 'Price%'))
     SELECT seq FROM stops WHERE type LIKE 'Kill%'
     UNION (SELECT DISTINCT ON (type, subject) seq FROM stops WHERE seq <= $4 ORDER BY type, subject, seq DESC)
     UNION (SELECT DISTINCT ON (type, subject) seq FROM stops WHERE seq > $4 ORDER BY type, subject, seq)
     UNION SELECT seq FROM ledger.commit_log WHERE epoch = $1 AND aggregate = 'execution/controls/' || $2`,
    book,
    STOP_EVENTS,
    Math.max(seq, ...steps),
  );
  return [...new Set([seq, ...steps, ...booked, ...around, ...stops])];
}
