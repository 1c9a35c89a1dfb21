import type { AggregateRef, DomainEvent } from '@evenkeel/facts';
import type { ChangeKind } from './events';
import { evolveGovernance } from './evolve';
import { fromFact } from './facts';
import { initialGovernance } from './state';
import type { GovernanceState } from './state';

/** A commit as far as governance reads it. */
export interface RecordedFacts {
  readonly commitId: string;
  readonly events: readonly { readonly event: DomainEvent }[];
}

/** In whose partition facts lie that are about nobody’s book in particular. */
export const FIRM = 'firm';

/** Cores put these into effect by themselves as soon as they are approved; roles count at once. */
const SELF_APPLYING: ReadonlySet<ChangeKind> = new Set<ChangeKind>(['policy', 'limits', 'roles']);

/** What the governance facts of a journal amount to, in the order they stand there. */
export function foldGovernance(
  commits: Iterable<RecordedFacts>,
  state: GovernanceState = initialGovernance(),
): GovernanceState {
  let folded = state;
  for (const commit of commits) {
    for (const recorded of commit.events) {
      const event = fromFact(recorded.event);
      if (event === undefined) continue;
      folded = evolveGovernance(folded, event);
      if (event.type === 'ChangeApproved' && SELF_APPLYING.has(event.kind)) {
        const { proposalId, at } = event;
        folded = evolveGovernance(folded, {
          type: 'ChangeApplied',
          proposalId,
          commitId: commit.commitId,
          at,
        });
      }
    }
  }
  return folded;
}

export const IDENTITIES: AggregateRef = { context: 'governance', type: 'identities', id: FIRM };

/** Where a change of this kind and scope is recorded, and in which book's partition. */
export function placeOfChange(kind: ChangeKind, scope: string): { aggregate: AggregateRef; book: string } {
  const aggregate = { context: 'governance', type: 'changes', id: scope } as const;
  if (kind === 'roles') return { aggregate, book: FIRM };
  if (kind === 'kill-release') return { aggregate, book: /^book:(.+)$/.exec(scope)?.[1] ?? FIRM };
  return { aggregate, book: scope };
}
