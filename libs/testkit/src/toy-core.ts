import type { CommitDraft, CommitView, Core, CoreInput, Step } from '@evenkeel/facts';

/**
 * A core small enough to reason about: every `HedgeDecided` it meets becomes two
 * acknowledged orders on one aggregate per book, so that its commits form one chain. For tests of hosts.
 */
export interface ToyState {
  readonly book: string;
  seen: number;
  acknowledged: string[];
}

export function createToyCore(book: string): Core<ToyState, string> {
  return {
    context: 'execution',
    initial: () => ({ book, seen: 0, acknowledged: [] }),
    observe(state, input) {
      if (input.kind === 'commit') state.seen += 1;
      return state;
    },
    decide(state, input): Step<string> {
      const orders = wanted(input).filter((id) => !state.acknowledged.includes(id));
      const [next] = orders;
      return next === undefined
        ? { commits: [], effects: [] }
        : { commits: [acknowledge(book, next, input)], effects: [next] };
    },
    evolve(state, commit: CommitView) {
      for (const event of commit.events)
        if (event.type === 'OrderAcknowledged') state.acknowledged.push(event.payload.clientOrderId);
      return state;
    },
    nextWake: () => undefined,
  };
}

function wanted(input: CoreInput): string[] {
  if (input.kind !== 'commit') return [];
  return input.commit.events.flatMap((event) =>
    event.type === 'HedgeDecided' ? [`${event.payload.decisionId}-1`, `${event.payload.decisionId}-2`] : [],
  );
}

function acknowledge(book: string, clientOrderId: string, input: CoreInput): CommitDraft {
  const at = input.kind === 'commit' ? input.commit.eventTime : '2026-01-01T00:00:00Z';
  return {
    aggregate: { context: 'execution', type: 'hedge-order', id: book },
    book,
    eventTime: at,
    actor: { kind: 'algo', id: 'toy' },
    events: [
      { type: 'OrderAcknowledged', payload: { clientOrderId, venueOrderId: `v-${clientOrderId}`, at } },
    ],
  };
}
