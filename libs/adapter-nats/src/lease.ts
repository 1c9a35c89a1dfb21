import { ConflictError } from '@evenkeel/eventing';
import { OperationalError } from '@evenkeel/kernel';

/** The right to speak and to act for one partition of a service, for as long as it is held. */
export interface Lease {
  readonly partition: string;
  /** Rises with every change of owner; stands in every commit. */
  readonly token: bigint;
  /** Resolves while the lease is valid; throws `NATS.FENCED` once it is not. Asked before anything leaves the house. */
  assertHeld(): Promise<void>;
}

/** Somebody else owns the partition now, or may. */
export class Fenced extends OperationalError {
  constructor(why: string) {
    super({ code: 'NATS.FENCED', message: `fenced: ${why}` });
  }
}

/** The journal knows a newer owner than the lease says: the control bucket has lost its memory. */
export class StaleToken extends OperationalError {
  constructor(
    partition: string,
    readonly seen: bigint,
  ) {
    super({
      code: 'NATS.STALE_TOKEN',
      message: `the journal of partition ${partition} has an owner under token ${seen}, newer than this lease`,
    });
  }
}

/** Somebody else owns the partition, has spoken for it, or did so under a newer token. */
export function isSupersession(error: unknown): boolean {
  return error instanceof ConflictError || error instanceof Fenced || error instanceof StaleToken;
}
