import type { CustomTransportStrategy } from '@nestjs/microservices';
import { Server } from '@nestjs/microservices';
import type { MessageHandler } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import type { ServiceRuntime } from '@evenkeel/adapter-nats';
import { AssertionFault } from '@evenkeel/kernel';

/** Patterns that controllers subscribe to with `@EventPattern`. */
export const JOURNAL_COMMIT = 'journal.commit';
export const MARKET_INSTANT = 'market.instant';

/**
 * Nest's door to JetStream. Nest's own NATS transport is core NATS only; here every message is handed to exactly one
 * handler, one at a time, and is acknowledged only after the handler's promise has settled well. A handler that throws
 * halts the service: nothing is skipped.
 */
export class JetStreamStrategy<State, Effect> extends Server implements CustomTransportStrategy {
  override readonly transportId = Symbol('jetstream');

  constructor(private readonly runtime: ServiceRuntime<State, Effect>) {
    super();
  }

  override addHandler(
    pattern: unknown,
    callback: MessageHandler,
    isEventHandler = false,
    extras: Record<string, unknown> = {},
  ): void {
    const route = this.normalizePattern(pattern as string); // we subscribe to our two string patterns only
    if (this.messageHandlers.has(route))
      throw new AssertionFault(`pattern ${route} has one handler; two would acknowledge the same message`);
    super.addHandler(pattern, callback, isEventHandler, extras);
  }

  listen(callback: (error?: unknown) => void): void {
    this.runtime
      .start({ onCommit: this.handTo(JOURNAL_COMMIT), onInstant: this.handTo(MARKET_INSTANT) })
      .then(
        () => callback(),
        (error: unknown) => callback(error),
      );
  }

  async close(): Promise<void> {
    await this.runtime.stop();
  }

  on(): never {
    throw new AssertionFault('the JetStream strategy emits no events of its own');
  }

  unwrap<T>(): T {
    throw new AssertionFault('the JetStream strategy has no underlying Nest server');
  }

  /** The handler is looked up once: doing so for each message took longer than the message did. */
  private handTo(pattern: string): (data: unknown) => Promise<void> {
    const handler = this.getHandlerByPattern(pattern);
    if (handler === null) throw new AssertionFault(`somebody handles ${pattern}`);
    return async (data) => {
      const answer = this.transformToObservable(await handler(data));
      await lastValueFrom(answer, { defaultValue: undefined });
    };
  }
}
