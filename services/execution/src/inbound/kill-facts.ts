import type { PartitionHost } from '@evenkeel/adapter-nats';
import type { ExecutionState, VenueEffect } from '@evenkeel/execution';
import type { CommitDraft, DomainEvent } from '@evenkeel/facts';
import { formatInstant, uuidV5 } from '@evenkeel/kernel';
import type { KillLatches } from './kill-latches';

/** Puts what the latches say on the journal of every book they cover, once per change. */
export async function recordLatches(
  latches: KillLatches,
  hosts: readonly PartitionHost<ExecutionState, VenueEffect>[],
): Promise<void> {
  for (const [scope, latch] of latches.latches) {
    if (latch === 'unreadable') continue;
    for (const host of hosts) {
      const { state } = host.reactor;
      const engagedBefore = state.latches.has(scope);
      // Before the market begins there is no event time to say it at; orders are stopped at the door meanwhile.
      if (latch.engaged === engagedBefore || host.lastInstant === 0) continue;
      for (const book of state.books.keys()) {
        if (!covers(state, scope, book)) continue;
        const at = formatInstant(state.now);
        const payload = { scope, by: latch.by, reason: latch.reason, at };
        const approval = latches.approvalOf(scope);
        const event: DomainEvent = latch.engaged
          ? { type: 'KillEngaged', payload }
          : {
              type: 'KillReleased',
              payload: { ...payload, ...(approval === undefined ? {} : { approval }) },
            };
        const draft: CommitDraft = {
          aggregate: { context: 'execution', type: 'kill-switch', id: `${scope}/${book}` },
          book,
          eventTime: at,
          actor: { kind: 'human', id: latch.by },
          events: [event],
        };
        await host.handleFact(uuidV5(`kill|${scope}|${book}|${latch.engaged}|${latch.at}`), draft);
      }
    }
  }
}

/** Whether a latch can stop anything of a book: it is about the book, or about something that the book trades with. */
function covers(state: ExecutionState, scope: string, book: string): boolean {
  const [kind = '', name = ''] = [scope.slice(0, scope.indexOf(':')), scope.slice(scope.indexOf(':') + 1)];
  const accounts = state.books.get(book)?.accounts;
  switch (kind) {
    case 'book':
      return name === book;
    case 'venue':
      return accounts?.has(name) === true;
    case 'instrument':
      return accounts?.has(name.slice(name.lastIndexOf('@') + 1)) === true;
    case 'strategy':
      return mayRun(state, name, book);
    default:
      return true;
  }
}

/** A book that has not traded yet may run any strategy. */
function mayRun({ orders }: ExecutionState, strategy: string, book: string): boolean {
  const own = [...orders.values()].filter((order) => order.book === book && order.strategy !== '');
  return own.length === 0 || own.some((order) => order.strategy === strategy);
}
