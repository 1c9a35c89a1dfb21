import { EvenkeelError } from '@evenkeel/kernel';

/** The aggregate has moved on since it was folded: fold again and decide again, or give way to the new owner. */
export class ConflictError extends EvenkeelError {
  constructor(
    message: string,
    readonly lastSeq: number,
  ) {
    super({ code: 'EVENTING.CONFLICT', message });
  }
}
