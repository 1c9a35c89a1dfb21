import type { PartitionHost } from '@evenkeel/adapter-nats';
import { engagementOf } from '@evenkeel/execution';
import type { ExecutionState, KillScope, Latch, VenueEffect } from '@evenkeel/execution';
import type { CommitDraft, DomainEvent } from '@evenkeel/facts';
import { formatInstant, uuidV5 } from '@evenkeel/kernel';
import type { KillLatches } from './kill-latches';

type Host = PartitionHost<ExecutionState, VenueEffect>;

/** Puts what the latches say on the journal of every book they cover, once per change; and lets them know what they forgot. */
export async function recordLatches(
  latches: Pick<KillLatches, 'latches' | 'remember' | 'isReleased'>,
  hosts: readonly Host[],
): Promise<void> {
  for (const host of hosts)
    for (const [scope, facts] of host.reactor.state.latches)
      for (const fact of facts) {
        const known = engagementOf(fact);
        if (!latches.isReleased(scope, known.engagement)) latches.remember(scope, known);
      }
  for (const [scope, latch] of latches.latches)
    for (const host of hosts) {
      // Before the market begins there is no event time to say it at; orders are stopped at the door meanwhile.
      if (host.lastInstant > 0) await recordLatch(host, scope, latch);
    }
}

async function recordLatch(host: Host, scope: KillScope, latch: Latch): Promise<void> {
  const { state } = host.reactor;
  const onRecord = (state.latches.get(scope) ?? []).map((fact) => engagementOf(fact).engagement);
  for (const { engagement, by, reason } of latch.engagements) {
    if (onRecord.includes(engagement)) continue;
    await record(host, scope, by, `engaged|${engagement}`, (at) => ({
      type: 'KillEngaged',
      payload: { scope, by, reason, at, engagement },
    }));
  }
  if (latch.engaged || onRecord.length === 0) return;
  const ended = onRecord.at(-1) ?? '';
  const release = latch.releases.find(({ engagements }) => engagements.includes(ended));
  if (release === undefined) return;
  const { by, reason, approval } = release;
  await record(host, scope, by, `released|${ended}`, (at) => ({
    type: 'KillReleased',
    payload: { scope, by, reason, at, engagement: ended, ...(approval === undefined ? {} : { approval }) },
  }));
}

/** One fact for each book that the scope covers. */
async function record(
  host: Host,
  scope: KillScope,
  by: string,
  what: string,
  eventAt: (at: string) => DomainEvent,
): Promise<void> {
  const { state } = host.reactor;
  for (const book of state.books.keys()) {
    if (!covers(state, scope, book)) continue;
    const at = formatInstant(state.now);
    const draft: CommitDraft = {
      aggregate: { context: 'execution', type: 'kill-switch', id: `${scope}/${book}` },
      book,
      eventTime: at,
      actor: { kind: 'human', id: by },
      events: [eventAt(at)],
    };
    await host.handleFact(uuidV5(`kill|${scope}|${book}|${what}`), draft);
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
