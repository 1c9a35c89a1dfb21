import type { DomainEvent, EventOf } from '@evenkeel/facts';

/** What can happen to a chain account, in the words of the journal. */
export type ChainAccountEvent = EventOf<
  | 'ChainAccountAdopted'
  | 'TransactionIntended'
  | 'TransactionSigned'
  | 'TransactionIncluded'
  | 'TransactionReverted'
  | 'TransactionReorged'
  | 'TransactionReplaced'
  | 'TransactionFinal'
  | 'AccountHalted'
>;

const TYPES: ReadonlySet<string> = new Set<ChainAccountEvent['type']>([
  'ChainAccountAdopted',
  'TransactionIntended',
  'TransactionSigned',
  'TransactionIncluded',
  'TransactionReverted',
  'TransactionReorged',
  'TransactionReplaced',
  'TransactionFinal',
  'AccountHalted',
]);

export function isChainAccountEvent(event: DomainEvent): event is ChainAccountEvent {
  return TYPES.has(event.type);
}
