import type { ContractLookup } from '@evenkeel/accounting';
import type { OrderRecord } from './order-record';

/** What the projector must remember between commits: orders, which later events change, and the terms of books. */
export interface ProjectorMemory {
  order(epoch: string, clientOrderId: string): OrderRecord | undefined;
  keepOrder(order: OrderRecord): void;
  terms(epoch: string, book: string): ContractLookup | undefined;
  keepTerms(epoch: string, book: string, specifications: readonly string[]): void;
  /** The specifications that a book has, as they are kept. */
  specifications(epoch: string, book: string): readonly string[];
}
