import type { AggregateRef } from '@evenkeel/facts';
import type { ChangeKind } from './events';

/** In whose partition facts lie that are about nobody’s book in particular. */
export const FIRM = 'firm';

/** Cores put these into effect by themselves as soon as they are approved; roles count at once. */
export const SELF_APPLYING: ReadonlySet<ChangeKind> = new Set<ChangeKind>(['policy', 'limits', 'roles']);

export const IDENTITIES: AggregateRef = { context: 'governance', type: 'identities', id: FIRM };

/** Where a change of this kind and scope is recorded, and in which book's partition. */
export function placeOfChange(kind: ChangeKind, scope: string): { aggregate: AggregateRef; book: string } {
  const aggregate = { context: 'governance', type: 'changes', id: scope } as const;
  if (kind === 'roles' || kind === 'epoch' || kind === 'quarantine') return { aggregate, book: FIRM };
  if (kind === 'kill-release') return { aggregate, book: /^book:(.+)$/.exec(scope)?.[1] ?? FIRM };
  return { aggregate, book: scope };
}
