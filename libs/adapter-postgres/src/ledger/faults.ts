import type { AuthorFaultCode } from '@evenkeel/engine';
import { IntegrityFault, OperationalError } from '@evenkeel/kernel';
import type { EvenkeelError } from '@evenkeel/kernel';

export type LedgerFaultCode =
  | AuthorFaultCode
  | 'LEDGER.SEQUENCE_GAP'
  | 'LEDGER.VERSION_GAP'
  | 'LEDGER.PREV_HASH_BROKEN'
  | 'LEDGER.HASH_MISMATCH'
  | 'LEDGER.UNDECODABLE'
  | 'LEDGER.UNKNOWN_VERSION'
  | 'LEDGER.DUPLICATE_COMMIT'
  | 'LEDGER.WRONG_SUBJECT'
  | 'LEDGER.WRONG_EPOCH'
  | 'LEDGER.TREE_CONTRADICTS'
  | 'LEDGER.UNPROJECTABLE';

/** The journal contradicts itself at `seq`: nothing after it is taken over until a person has looked. */
export class LedgerFault extends IntegrityFault {
  constructor(
    code: LedgerFaultCode,
    readonly epoch: string,
    readonly seq: number,
    message: string,
    cause?: unknown,
  ) {
    super({ code, message: `commit ${seq} of epoch ${epoch}: ${message}`, cause });
  }
}

/** Another process writes this ledger. */
export function anotherWriter(): OperationalError {
  return new OperationalError({
    code: 'LEDGER.ANOTHER_WRITER',
    message:
      'Another ledger service is writing to this database; there is one writer at a time, so stop that one or wait for it to end.',
  });
}

/** Somebody who holds no writer's lock changed the checkpoint while this writer was at work. */
export function checkpointMoved(epoch: string, from: number, to: number | undefined): OperationalError {
  return new OperationalError({
    code: 'LEDGER.CHECKPOINT_MOVED',
    message: `The checkpoint of epoch ${epoch} was at ${from} and is at ${to ?? 'no sequence'} although nobody else writes; nothing of the batch is written.`,
  });
}

/** Somebody who holds no writer's lock changed the tree while this writer was at work. */
export function treeMoved(from: number, to: number): OperationalError {
  return new OperationalError({
    code: 'LEDGER.CHECKPOINT_MOVED',
    message: `The tree was at ${from} commits and is another one of ${to} although nobody else writes; nothing of the batch is written.`,
  });
}

/** The database did not do its part; nothing of the batch is known to be written. Read the checkpoint and go on from there. */
export function ledgerUnavailable(cause: unknown): EvenkeelError {
  return new OperationalError({
    code: 'LEDGER.UNAVAILABLE',
    message: `The ledger's database failed: ${cause instanceof Error ? cause.message : String(cause)}`,
    cause,
  });
}
