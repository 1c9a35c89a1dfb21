import type { DomainEvent, EventPayloads, GivenUp, PolicySet, ProgramCarried } from '@evenkeel/facts';
import { parseContract } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
import { memoryOf } from './state';
import type { Memory, ProgramBook } from './state';

export interface CarryProgram {
  readonly at: string;
  readonly fromEpoch: string;
  /** The fact that put the policy in force. */
  readonly policySet: PolicySet;
}

/**
 * A program as the first facts of another epoch say it: the policy in force, who agreed to it, and what it remembers. What was
 * decided and is no order yet, and parents that work, are given up; their underlyings are re-armed, so the next snapshot decides
 * again.
 */
export function carriedProgram(
  program: ProgramBook,
  { at, fromEpoch, policySet }: CarryProgram,
): DomainEvent[] {
  const { book, refusal, quiet, halted } = program;
  const payload: ProgramCarried = {
    book,
    at,
    fromEpoch,
    memory: Object.entries(rearmedMemory(program)).map(([underlying, memory]) => ({ underlying, ...memory })),
    remembered: Object.entries(program.remembered).map(([name, text]) => ({ name, text })),
    orders: Object.entries(program.orders).map(([clientOrderId, order]) => ({
      clientOrderId,
      instrument: order.instrument,
      side: order.direction === 1 ? 'buy' : 'sell',
      remaining: order.remaining,
      limitPrice: order.limitPrice,
      resting: order.resting,
      withdrawn: order.withdrawn,
    })),
    unapplied: Object.entries(program.unapplied).map(([fillId, { instrument, quantity }]) => ({
      fillId,
      instrument,
      quantity,
    })),
    halts: Object.entries(program.halts).map(([name, text]) => ({ name, text })),
    blocked: Object.keys(program.blocked),
    ...(refusal === null ? {} : { refusal: { ...refusal } }),
    ...(quiet === null ? {} : { quiet: { ...quiet } }),
    ...(halted === null ? {} : { halted: { ...halted } }),
  };
  return [
    { type: 'PolicySet', payload: policySet },
    { type: 'ProgramCarried', payload },
  ];
}

/** What a program was about to do, and what nobody has judged yet: it ends with the epoch. */
export function givenUpBy({
  book,
  decided,
  parents,
  proposals,
  requested,
  approved,
}: ProgramBook): GivenUp[] {
  const pending = approved === null ? [] : [approved.proposalId];
  return [
    ...Object.values(decided).map(({ instrument }) => ({ book, kind: 'decided-trade', name: instrument })),
    ...Object.keys(parents).map((name) => ({ book, kind: 'parent-order', name })),
    ...[...Object.keys(proposals), ...pending].map((name) => ({ book, kind: 'proposal', name })),
    ...(requested === null ? [] : [{ book, kind: 'request', name: `policy of ${book}` }]),
  ];
}

function rearmedMemory(program: ProgramBook): Record<string, Memory> {
  const memory = { ...program.memory };
  const ending = [...Object.values(program.decided), ...Object.values(program.parents)];
  for (const { instrument } of ending) {
    const text = program.policy?.specifications[instrument];
    if (text === undefined) continue;
    const { underlying } = parseContract(text);
    memory[underlying] = { ...memoryOf(program, underlying), rebalancedAt: '' };
  }
  return memory;
}

/** Folds it, behind the policy. */
export function foldCarried(program: ProgramBook, payload: EventPayloads['ProgramCarried']): void {
  for (const { underlying, ...memory } of payload.memory) program.memory[underlying] = memory;
  program.remembered = Object.fromEntries(payload.remembered.map(({ name, text }) => [name, text]));
  for (const { clientOrderId, side, ...order } of payload.orders) {
    if (!Decimal.parse(order.remaining).isPositive()) continue;
    program.orders[clientOrderId] = { ...order, direction: side === 'buy' ? 1 : -1, unresolved: true };
  }
  for (const { fillId, ...fill } of payload.unapplied) program.unapplied[fillId] = fill;
  program.halts = Object.fromEntries(payload.halts.map(({ name, text }) => [name, text]));
  for (const scope of payload.blocked) program.blocked[scope] = true;
  program.refusal = payload.refusal ?? null;
  program.quiet = payload.quiet ?? null;
  program.halted = payload.halted ?? null;
}
