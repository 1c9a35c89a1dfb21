import type { Instant, Nanoseconds } from '@evenkeel/kernel';

import { unknown, type Outcome } from './order-routes';

interface Pending<T> {
  readonly askedAt: Instant;
  readonly settle: (outcome: Outcome<T>) => void;
}

/** Requests over a connection that wait for their answers by id. Silence, and the end of the connection, leave an outcome open. */
export class PendingRequests<T> {
  private readonly pending = new Map<number, Pending<T>>();

  constructor(
    private readonly clock: () => Instant,
    private readonly patienceNs: Nanoseconds,
    private nextId: number,
  ) {}

  /** Sends under a new id, and waits for how it ends. */
  ask(send: (id: number) => void): Promise<Outcome<T>> {
    const id = this.nextId;
    this.nextId += 1;
    return new Promise((settle) => {
      this.pending.set(id, { askedAt: this.clock(), settle });
      send(id);
    });
  }

  /** False where nobody waits for it. */
  settle(id: number, outcome: Outcome<T>): boolean {
    const pending = this.pending.get(id);
    if (pending === undefined) return false;
    this.pending.delete(id);
    pending.settle(outcome);
    return true;
  }

  /** To be called often. */
  expire(): void {
    const now = this.clock();
    for (const [id, { askedAt }] of this.pending)
      if (now - askedAt > this.patienceNs) this.settle(id, unknown('TIMEOUT'));
  }

  lose(reason: string): void {
    for (const id of [...this.pending.keys()]) this.settle(id, unknown(reason));
  }
}
