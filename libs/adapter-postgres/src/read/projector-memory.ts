import type { ContractLookup, ExplainedBook } from '@evenkeel/accounting';
import type { OrderRecord } from './order-record';

/** What the projector must remember between commits: orders, which later events change, terms of books, and their P&L so far. */
export interface ProjectorMemory {
  order(epoch: string, clientOrderId: string): OrderRecord | undefined;
  keepOrder(order: OrderRecord): void;
  terms(epoch: string, book: string): ContractLookup | undefined;
  keepTerms(epoch: string, book: string, specifications: readonly string[]): void;
  /** The specifications that a book has, as they are kept. */
  specifications(epoch: string, book: string): readonly string[];
  /** What explains the P&L of a book; undefined before it was opened. */
  explained(epoch: string, book: string): ExplainedBook | undefined;
  /** A book begins with its terms, which are kept. */
  explainFrom(epoch: string, book: string, numeraire: string): void;
}
