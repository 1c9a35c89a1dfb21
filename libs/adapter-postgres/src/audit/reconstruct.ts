import type { ClientBase, Pool } from 'pg';
import { decodeCommit } from '@evenkeel/contracts';
import { AuthorFault, governanceRecord } from '@evenkeel/engine';
import type { Authors } from '@evenkeel/engine';
import { aggregateKey } from '@evenkeel/eventing';
import type { Commit } from '@evenkeel/eventing';
import { EVENT_TABLE, nothing } from '@evenkeel/facts';
import type {
  DomainEvent,
  EventEntry,
  EventOf,
  EventPayloads,
  EventType,
  HedgeDecision,
  OrderEvent,
} from '@evenkeel/facts';
import { EvenkeelError, formatInstant, sameBytes, toHex } from '@evenkeel/kernel';
import { assertAttached, unlessDetached } from '../ledger/detached-epochs';
import { authorsIn } from '../ledger/ledger-authors';
import { nativeSha256 } from '../ledger/native-hash';
import type { CommitReference, OrderStory, Recorded, Reconstruction } from '@evenkeel/reconstruction';

/**
 * The story of a decision, read from the published bytes; the read models only say where to look. `decisionId` may be
 * the beginning of an id when that names one decision. Throws `LEDGER.NO_SUCH_DECISION`, `LEDGER.AMBIGUOUS_DECISION`.
 */
export async function reconstruct(
  pool: Pool,
  decisionId: string,
  options: { readonly epoch?: string } = {},
): Promise<Reconstruction> {
  const client = await pool.connect();
  try {
    if (options.epoch !== undefined) await assertAttached(client, options.epoch);
    const place = await findDecision(client, decisionId, options.epoch);
    const authors = await authorsIn(client, place.epoch);
    return await new Storyteller(client, place.epoch, authors).tell(place);
  } finally {
    client.release();
  }
}

interface DecisionPlace {
  readonly epoch: string;
  readonly seq: number;
  readonly decisionId: string;
}

async function findDecision(
  client: ClientBase,
  id: string,
  epoch: string | undefined,
): Promise<DecisionPlace> {
  const result = await client.query<DecisionPlace>(
    `SELECT d.epoch, d.seq, d.decision_id AS "decisionId"
       FROM read_v2.decisions d JOIN ledger.checkpoint c USING (epoch)
      WHERE starts_with(d.decision_id, $1) AND ($2::text IS NULL OR d.epoch = $2)
      ORDER BY c.updated_at DESC, d.epoch DESC, d.seq LIMIT 20`,
    [id, epoch ?? null],
  );
  const [first] = result.rows;
  if (id === '' || first === undefined) {
    const message = `There is no decision ${id === '' ? 'without an id' : id} in the ledger; \`keel audit list\` shows those there are.${await unlessDetached(client)}`;
    throw new EvenkeelError({ code: 'LEDGER.NO_SUCH_DECISION', message });
  }
  const ids = new Set(result.rows.map((row) => row.decisionId));
  if (ids.size > 1) {
    const message = `${id} is the beginning of ${ids.size === 20 ? '20 or more' : ids.size} decisions, such as ${[...ids].slice(0, 3).join(', ')}; give more of it.`;
    throw new EvenkeelError({ code: 'LEDGER.AMBIGUOUS_DECISION', message });
  }
  return first;
}

interface LoadedCommit {
  readonly reference: CommitReference;
  readonly commit: Commit;
}

class Storyteller {
  private readonly loaded = new Map<number, LoadedCommit>();
  private readonly problems: string[] = [];

  constructor(
    private readonly client: ClientBase,
    private readonly epoch: string,
    private readonly authors: Authors,
  ) {}

  async tell(place: DecisionPlace): Promise<Reconstruction> {
    const decision = await this.decisionAt(place);
    const { book, snapshotId, policyHash } = decision.payload;
    const orders = await this.ordersOf(place.decisionId);
    const lastSeq = Math.max(
      place.seq,
      ...orders.flatMap((order) => order.fills.map((fill) => fill.applied?.commit.seq ?? 0)),
    );
    const seqOf = (sql: string, values: readonly unknown[]): Promise<number | undefined> =>
      this.sequence(sql, values);
    const snapshotSeq = await seqOf(`SELECT seq FROM read_v2.pnl WHERE epoch = $1 AND snapshot_id = $2`, [
      snapshotId,
    ]);
    const policySeq = await seqOf(
      `SELECT seq FROM read_v2.policies WHERE epoch = $1 AND book = $2 AND policy_hash = $3 AND seq < $4 ORDER BY seq DESC LIMIT 1`,
      [book, policyHash, place.seq],
    );
    const nextSeq = await seqOf(
      `SELECT seq FROM read_v2.pnl WHERE epoch = $1 AND book = $2 AND seq > $3 ORDER BY seq LIMIT 1`,
      [book, lastSeq],
    );
    const snapshot = await this.optional(
      snapshotSeq,
      'RiskSnapshotTaken',
      (payload) => payload.snapshotId === snapshotId,
    );
    const policy = await this.optional(policySeq, 'PolicySet');
    const approval =
      policy?.payload.approval === undefined ? undefined : await this.standing(policy.commit.seq);
    const next = await this.optional(nextSeq, 'RiskSnapshotTaken');
    if (snapshot === undefined)
      this.problems.push(`the snapshot ${snapshotId} it was decided on is not in the log`);
    return {
      schemaVersion: 1,
      epoch: this.epoch,
      decision,
      ...(snapshot === undefined ? {} : { snapshot }),
      ...(policy === undefined ? {} : { policy }),
      ...(approval === undefined ? {} : { approval }),
      orders,
      ...(next === undefined ? {} : { next }),
      commits: [...this.loaded.values()].map(({ reference }) => reference).sort((a, b) => a.seq - b.seq),
      problems: this.problems,
    };
  }

  /** Whether what a commit put into effect has the approval it names, by everything people had put on record before it. */
  private async standing(seq: number): Promise<string> {
    const { rows } = await this.client.query<{ seq: number }>(
      `SELECT seq FROM ledger.commit_log WHERE epoch = $1 AND seq < $2 AND aggregate LIKE 'governance/%' ORDER BY seq`,
      [this.epoch, seq],
    );
    const record = governanceRecord();
    for (const row of rows) record.take((await this.load(row.seq)).commit);
    const [fault] = record.take((await this.load(seq)).commit);
    if (fault === undefined) return 'verified';
    this.problems.push(`the policy at sequence ${seq}: ${fault.message}`);
    return fault.problem;
  }

  private async decisionAt(place: DecisionPlace): Promise<Reconstruction['decision']> {
    const { commit, reference } = await this.load(place.seq);
    for (const { event } of commit.events) {
      if (
        (event.type === 'HedgeDecided' || event.type === 'HedgeDeclined') &&
        event.payload.decisionId === place.decisionId
      ) {
        const payload: HedgeDecision = event.payload;
        return { commit: reference, payload, outcome: event.type === 'HedgeDecided' ? 'HEDGED' : 'DECLINED' };
      }
    }
    const message = `Sequence ${place.seq} does not hold decision ${place.decisionId}; the read models are not what the log says.`;
    throw new EvenkeelError({ code: 'LEDGER.NO_SUCH_DECISION', message });
  }

  private async ordersOf(decisionId: string): Promise<readonly OrderStory[]> {
    const orders = await this.client.query<{ id: string }>(
      `SELECT client_order_id AS id FROM read_v2.orders WHERE epoch = $1 AND decision_id = $2 ORDER BY intended_seq`,
      [this.epoch, decisionId],
    );
    const stories: OrderStory[] = [];
    for (const { id } of orders.rows) stories.push(await this.orderStory(id));
    return stories;
  }

  private async orderStory(clientOrderId: string): Promise<OrderStory> {
    const [steps, changes] = await Promise.all(
      ['order_events', 'position_changes'].map((table) =>
        this.client.query<{ seq: number }>(
          `SELECT DISTINCT seq FROM read_v2.${table} WHERE epoch = $1 AND client_order_id = $2 ORDER BY seq`,
          [this.epoch, clientOrderId],
        ),
      ),
    );
    const applied: Recorded<EventPayloads['FillApplied']>[] = [];
    for (const { seq } of changes?.rows ?? []) applied.push(...(await this.all(seq, 'FillApplied')));
    const story: { -readonly [K in keyof OrderStory]: OrderStory[K] } = {
      clientOrderId,
      steps: [],
      fills: [],
    };
    for (const { seq } of steps?.rows ?? []) {
      const { commit, reference } = await this.load(seq);
      for (const { event } of commit.events) {
        if (event.type === 'OrderIntended') story.intended = { commit: reference, payload: event.payload };
        else if (event.type === 'OrderRefused') story.refused = { commit: reference, payload: event.payload };
        else if (event.type === 'OrderFilled') {
          const { fillId } = event.payload;
          const match = applied.find(
            ({ payload }) => payload.fillId === fillId && payload.clientOrderId === clientOrderId,
          );
          if (match === undefined)
            this.problems.push(`fill ${fillId} at sequence ${seq} is not applied to the book (yet)`);
          const filled = { commit: reference, payload: event.payload };
          story.fills = [...story.fills, match === undefined ? { filled } : { filled, applied: match }];
        } else if (isOrderStep(event)) {
          story.steps = [...story.steps, { type: event.type, commit: reference, payload: event.payload }];
          if (closes(event)) story.closed = { commit: reference, payload: event.payload };
        }
      }
    }
    return story;
  }

  private async optional<T extends EventType>(
    seq: number | undefined,
    type: T,
    matches: (payload: EventPayloads[T]) => boolean = () => true,
  ): Promise<Recorded<EventPayloads[T]> | undefined> {
    if (seq === undefined) return undefined;
    return (await this.all(seq, type)).find(({ payload }) => matches(payload));
  }

  private async all<T extends EventType>(
    seq: number,
    type: T,
  ): Promise<readonly Recorded<EventPayloads[T]>[]> {
    const { commit, reference } = await this.load(seq);
    return (
      commit.events
        .map(({ event }) => event)
        .filter((event) => event.type === type)
        // The type names the payload; the compiler does not follow a generic one.
        .map((event) => ({ commit: reference, payload: event.payload as EventPayloads[T] }))
    );
  }

  private async sequence(sql: string, values: readonly unknown[]): Promise<number | undefined> {
    return (await this.client.query<{ seq: number }>(sql, [this.epoch, ...values])).rows[0]?.seq;
  }

  /** Who signed it, by the keys of the epoch; what does not hold is a problem of the story. */
  private signerOf(seq: number, commit: Commit, bytes: Uint8Array): { signedBy?: string } {
    try {
      this.authors.take({ seq, commit, bytes });
    } catch (error) {
      if (!(error instanceof AuthorFault)) throw error;
      this.problems.push(error.message);
      return {};
    }
    const signedBy = this.authors.signerOf(commit);
    return signedBy === undefined ? {} : { signedBy };
  }

  private async load(seq: number): Promise<LoadedCommit> {
    const known = this.loaded.get(seq);
    if (known !== undefined) return known;
    const result = await this.client.query<{ bytes: Buffer; hash: Buffer }>(
      `SELECT bytes, hash FROM ledger.commit_log WHERE epoch = $1 AND seq = $2`,
      [this.epoch, seq],
    );
    const row = result.rows[0];
    if (row === undefined) {
      throw new EvenkeelError({
        code: 'LEDGER.ROWS_MISSING',
        message: `Sequence ${seq} of epoch ${this.epoch} is not in the log.`,
      });
    }
    const hashHolds = sameBytes(nativeSha256(row.bytes), row.hash);
    if (!hashHolds)
      this.problems.push(`the bytes at sequence ${seq} do not have the hash on record: they were changed`);
    const commit = decodeCommit(row.bytes);
    const signedBy = this.signerOf(seq, commit, row.bytes);
    const loaded: LoadedCommit = {
      commit,
      reference: { ...referenceOf(seq, commit, row.hash, hashHolds), ...signedBy },
    };
    this.loaded.set(seq, loaded);
    return loaded;
  }
}

/** What befell an order after it was meant and before it filled: every event of its path but those told apart. */
type OrderStepEvent = Exclude<OrderEvent, EventOf<'OrderIntended' | 'OrderRefused' | 'OrderFilled'>>;

const CLOSING: ReadonlySet<string> = new Set(['OrderCancelled', 'OrderRejected', 'OrderExpired']);

function isOrderStep(event: DomainEvent): event is OrderStepEvent {
  const { projection }: EventEntry = EVENT_TABLE[event.type];
  return projection !== nothing && projection.includes('order_events');
}

function closes(
  event: OrderStepEvent,
): event is EventOf<'OrderCancelled' | 'OrderRejected' | 'OrderExpired'> {
  return CLOSING.has(event.type);
}

function referenceOf(seq: number, commit: Commit, hash: Buffer, hashHolds: boolean): CommitReference {
  return {
    seq,
    commitId: commit.commitId,
    aggregate: aggregateKey(commit.aggregate),
    types: commit.events.map(({ event }) => event.type),
    eventTime: formatInstant(commit.clock.eventTime),
    actor: `${commit.actor.kind}:${commit.actor.id}`,
    hash: toHex(hash),
    hashHolds,
    causation: {
      stream: commit.causation.stream,
      seq: commit.causation.seq.toString(),
      commitId: commit.causation.commitId,
    },
  };
}
