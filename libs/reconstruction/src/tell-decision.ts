import { governanceRecord } from '@evenkeel/engine';
import { EVENT_TABLE, nothing } from '@evenkeel/facts';
import type {
  Approval,
  EventEntry,
  EventOf,
  EventType,
  FillApplied,
  HedgeDecision,
  OrderEvent,
  PolicySet,
} from '@evenkeel/facts';
import { EvenkeelError } from '@evenkeel/kernel';
import type { ApprovalTimes, OrderStory, Recorded, Reconstruction } from './reconstruction';
import { stopsOf } from './stops';
import { ToldCommits } from './told-commits';
import type { Placed, StoryMaterial } from './told-commits';

/**
 * The story of one decision, told from published bytes alone. What the material does not hold is not in the story; where
 * that would be missed it is a problem of it. Throws `LEDGER.NO_SUCH_DECISION`.
 */
export function tellDecision(material: StoryMaterial, decisionId: string): Reconstruction {
  return new Telling(material, decisionId).tell();
}

/** What befell an order after it was meant and before it filled: every event of its path but those told apart. */
type OrderStepEvent = Exclude<OrderEvent, EventOf<'OrderIntended' | 'OrderRefused' | 'OrderFilled'>>;

const CLOSING = ['OrderCancelled', 'OrderRejected', 'OrderExpired'] as const;
const TOLD_APART: ReadonlySet<EventType> = new Set(['OrderIntended', 'OrderRefused', 'OrderFilled']);

/** Every event of an order's path, by what `EVENT_TABLE` says. */
const ORDER_STEPS = (Object.keys(EVENT_TABLE) as EventType[]) // its keys are the types
  .filter((type) => {
    const { projection }: EventEntry = EVENT_TABLE[type];
    return projection !== nothing && projection.includes('order_events') && !TOLD_APART.has(type);
  }) as OrderStepEvent['type'][]; // what the table projects into an order's path and is not told apart

class Telling {
  private readonly told: ToldCommits;
  private readonly decision: Placed<'HedgeDecided' | 'HedgeDeclined'>;

  constructor(
    private readonly material: StoryMaterial,
    decisionId: string,
  ) {
    this.told = new ToldCommits(material);
    const found = material
      .all('HedgeDecided', 'HedgeDeclined')
      .find(({ payload }) => payload.decisionId === decisionId);
    if (found === undefined)
      throw new EvenkeelError({
        code: 'LEDGER.NO_SUCH_DECISION',
        message: `There is no decision ${decisionId} among these commits of epoch ${material.epoch}.`,
      });
    this.decision = found;
  }

  tell(): Reconstruction {
    const { told, decision, material } = this;
    const { payload } = decision;
    const recorded: Recorded<HedgeDecision> = told.recorded(decision);
    const orders = this.orders();
    const snapshot = material
      .all('RiskSnapshotTaken')
      .find((one) => one.payload.snapshotId === payload.snapshotId);
    if (snapshot === undefined)
      told.problems.push(`the snapshot ${payload.snapshotId} it was decided on is not in the log`);
    const policy = this.policy();
    const next = this.next(orders);
    const stops = stopsOf(
      told,
      {
        decision: payload,
        hedgeInstruments: policy?.payload.hedgeInstruments ?? [],
        until: Math.max(decision.seq, ...orders.map(({ refused }) => refused?.commit.seq ?? 0)),
      },
      (seq, approval) => this.standing(seq, approval, 'what ended a stop'),
    );
    return {
      schemaVersion: 1,
      epoch: material.epoch,
      decision: { ...recorded, outcome: decision.type === 'HedgeDecided' ? 'HEDGED' : 'DECLINED' },
      ...(snapshot === undefined ? {} : { snapshot: told.recorded(snapshot) }),
      ...this.ruleOf(policy),
      stops,
      orders,
      ...(next === undefined ? {} : { next: told.recorded(next) }),
      commits: told.references,
      problems: told.problems,
    };
  }

  /** The policy in force: the last with that hash which the book had been given. */
  private policy(): Placed<'PolicySet'> | undefined {
    const { book, policyHash } = this.decision.payload;
    return this.material
      .all('PolicySet')
      .filter(
        ({ seq, payload }) =>
          seq < this.decision.seq && payload.book === book && payload.policyHash === policyHash,
      )
      .at(-1);
  }

  private ruleOf(
    policy: Placed<'PolicySet'> | undefined,
  ): Pick<Reconstruction, 'policy' | 'approval' | 'approvalTimes'> {
    if (policy === undefined) return {};
    const rule: Recorded<PolicySet> = this.told.recorded(policy);
    const { approval } = policy.payload;
    if (approval === undefined) return { policy: rule };
    return {
      policy: rule,
      approval: this.standing(policy.seq, approval, 'the policy'),
      approvalTimes: this.timesOf(approval),
    };
  }

  /** Whether what a commit put into effect has the approval it names, by everything people had put on record before it. */
  private standing(seq: number, { proposalId }: Approval, what: string): string {
    const record = governanceRecord();
    for (const row of this.material.rows) {
      if (row.seq >= seq) break;
      if (row.commit.aggregate.context !== 'governance') continue;
      this.told.use(row.seq);
      record.take(row.commit);
    }
    this.told.use(seq);
    const fault = record.take(this.material.at(seq).commit)[0];
    if (fault === undefined) return 'verified';
    this.told.problems.push(`${what} at sequence ${seq} (proposal ${proposalId}): ${fault.message}`);
    return fault.problem;
  }

  private timesOf({ proposalId }: Approval): ApprovalTimes {
    const of = <T extends 'ChangeProposed' | 'ChangeApproved'>(type: T): Placed<T> | undefined =>
      this.material.all(type).find(({ payload }) => payload.proposalId === proposalId);
    const [proposed, approved] = [of('ChangeProposed'), of('ChangeApproved')];
    return {
      ...(proposed === undefined ? {} : { proposedAt: proposed.payload.at, reason: proposed.payload.reason }),
      ...(approved === undefined ? {} : { approvedAt: approved.payload.at }),
    };
  }

  private orders(): readonly OrderStory[] {
    const { decisionId } = this.decision.payload;
    const begun = this.material
      .all('OrderIntended', 'OrderRefused')
      .filter(({ payload }) => payload.decisionId === decisionId);
    const ids = new Set(begun.map(({ payload }) => payload.clientOrderId));
    return [...ids].map((id) => this.orderStory(id));
  }

  private orderStory(clientOrderId: string): OrderStory {
    const { told, material } = this;
    const own = <T extends OrderEvent['type'] | 'FillApplied'>(...types: T[]): readonly Placed<T>[] =>
      material.all(...types).filter(({ payload }) => payload.clientOrderId === clientOrderId);
    const [intended] = own('OrderIntended');
    const [refused] = own('OrderRefused');
    const closed = own(...CLOSING).at(-1);
    const applied = own('FillApplied').map((one): Recorded<FillApplied> => told.recorded(one));
    const steps = own(...ORDER_STEPS).map((one) => ({ type: one.type, ...told.recorded(one) }));
    const fills = own('OrderFilled').map((one) => {
      const { fillId } = one.payload;
      const match = applied.find(({ payload }) => payload.fillId === fillId);
      if (match === undefined)
        told.problems.push(`fill ${fillId} at sequence ${one.seq} is not applied to the book (yet)`);
      return { filled: told.recorded(one), ...(match === undefined ? {} : { applied: match }) };
    });
    return {
      clientOrderId,
      ...(intended === undefined ? {} : { intended: told.recorded(intended) }),
      ...(refused === undefined ? {} : { refused: told.recorded(refused) }),
      steps,
      ...(closed === undefined ? {} : { closed: told.recorded(closed) }),
      fills,
    };
  }

  /** The first snapshot of the book after the last fill was booked, or after the decision. */
  private next(orders: readonly OrderStory[]): Placed<'RiskSnapshotTaken'> | undefined {
    const { seq: decided, payload } = this.decision;
    const last = Math.max(
      decided,
      ...orders.flatMap(({ fills }) => fills.map(({ applied }) => applied?.commit.seq ?? 0)),
    );
    return this.material
      .all('RiskSnapshotTaken')
      .find((one) => one.seq > last && one.payload.book === payload.book);
  }
}
