import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { ServiceRuntime } from '@evenkeel/adapter-nats';
import type { StoredCommit } from '@evenkeel/eventing';
import { JOURNAL_COMMIT } from './nest/jetstream-strategy';
import { RUNTIME } from './runtime-token';

@Controller()
export class JournalConsumer {
  constructor(@Inject(RUNTIME) private readonly runtime: ServiceRuntime<unknown, unknown>) {}

  @EventPattern(JOURNAL_COMMIT)
  onCommit(@Payload() stored: StoredCommit): Promise<void> {
    return this.runtime.handleCommit(stored);
  }
}
