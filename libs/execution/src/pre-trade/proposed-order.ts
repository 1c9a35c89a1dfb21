import type { Side } from '@evenkeel/facts';
import type { Decimal, Instant } from '@evenkeel/kernel';
import type { HedgeOrder } from '../hedge-order/state';

/** An order, or a change of one, before it is allowed. */
export interface ProposedOrder {
  readonly decisionId: string;
  readonly book: string;
  readonly venue: string;
  readonly instrument: string;
  readonly side: Side;
  /** Positive contracts; of a change: what would be open afterwards. */
  readonly quantity: Decimal;
  /** When it was decided, ISO 8601; for a child the time its slice fell due. */
  readonly decidedAt: string;
  readonly decidedInstant: Instant;
  /** The price it was decided on. */
  readonly referencePrice: string;
  /** `passive` rests at `limitPrice` or the near side; everything else takes within the collar. */
  readonly urgency: string;
  readonly limitPrice?: string;
  /** Positive contracts that were approved for the whole trade. */
  readonly approved: Decimal;
  /** Kind of the policy that decided; empty where nobody says. */
  readonly strategy: string;
  readonly parentId?: string;
  /** Change of delta it brings as the decision has it, units of the underlying; used where we cannot tell ourselves. */
  readonly delta?: number;
  /** The order that this would change. */
  readonly replaces?: HedgeOrder;
}
