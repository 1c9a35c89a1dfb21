import type { ControlCommand } from '@evenkeel/adapter-nats';
import { isSoftControl } from '@evenkeel/execution';
import type { ExecutionState } from '@evenkeel/execution';
import type { CommitDraft, DomainEvent } from '@evenkeel/facts';
import { formatInstant, parseDuration, partitionOf, uuidV5 } from '@evenkeel/kernel';
import type { Logger } from '@evenkeel/telemetry';
import type { Host } from './gateway';

/** Where commands wait: the control bucket. */
export interface CommandStore {
  readCommands(): Promise<ControlCommand[]>;
  settleCommand(id: string): Promise<void>;
}

/**
 * Puts what people asked for on the journal of the book, each once; what makes no sense is turned down and said so. `governed`:
 * overrides need two people, and one person's command is turned down.
 */
export async function recordCommands(
  store: CommandStore,
  hosts: readonly Host[],
  logger: Pick<Logger, 'warn' | 'info'>,
  governed: boolean,
): Promise<void> {
  for (const command of await store.readCommands()) {
    const host = hosts.find(({ partition }) => partition === partitionOf(command.book));
    // Another process owns that partition, or the market has not begun and there is no event time to say it at.
    if (host === undefined || host.reactor.state.now === 0n) continue;
    const alone = governed && command.kind === 'override-grant';
    const draft = alone ? undefined : draftOfCommand(host.reactor.state, command);
    if (draft === undefined) logger.warn({ command }, 'a command was turned down');
    else {
      await host.handleFact(uuidV5(`command|${command.id}`), draft);
      logger.info({ command }, 'a command is on record');
    }
    await store.settleCommand(command.id);
  }
}

/** The fact that a command becomes at the state's event time; undefined for one that is not complete or not allowed. */
export function draftOfCommand(state: ExecutionState, command: ControlCommand): CommitDraft | undefined {
  const { book, by } = command;
  const at = formatInstant(state.now);
  const event = state.books.has(book) ? eventOf(state, command, at) : undefined;
  if (event === undefined || by === '' || command.reason === '') return undefined;
  const atVenue = event.type === 'VenueResumed';
  return {
    aggregate: {
      context: 'execution',
      type: atVenue ? 'venue-account' : 'controls',
      id: atVenue ? `${command.venue ?? ''}/${book}` : book,
    },
    book,
    eventTime: at,
    actor: { kind: 'human', id: by },
    events: [event],
  };
}

function eventOf(state: ExecutionState, command: ControlCommand, at: string): DomainEvent | undefined {
  const { book, by, reason, instrument, venue, control, overrideId } = command;
  const known = state.books.get(book);
  const common = { book, by, reason, at };
  switch (command.kind) {
    case 'throttle-reset':
      return instrument === undefined
        ? undefined
        : { type: 'ThrottleReset', payload: { ...common, instrument } };
    case 'venue-resume': {
      if (venue === undefined || known?.accounts.has(venue) !== true) return undefined;
      const acceptsDifferences = command.acceptsDifferences === true;
      return { type: 'VenueResumed', payload: { ...common, venue, acceptsDifferences } };
    }
    case 'restriction-set':
      return instrument === undefined
        ? undefined
        : {
            type: 'RestrictionSet',
            payload: { ...common, instrument, restricted: command.restricted === true },
          };
    case 'override-grant': {
      if (control === undefined || !isSoftControl(control) || command.duration === undefined)
        return undefined;
      const expiresAt = formatInstant(state.now + parseDuration(command.duration));
      const upTo = command.upTo ?? '';
      const payload = {
        ...common,
        overrideId: command.id,
        control,
        instrument: instrument ?? '',
        upTo,
        expiresAt,
      };
      return { type: 'ControlOverridden', payload };
    }
    case 'override-revoke': {
      const grant = overrideId === undefined ? undefined : known?.controls.overrides.get(overrideId)?.grant;
      if (overrideId === undefined || grant === undefined) return undefined;
      return { type: 'OverrideRevoked', payload: { ...common, overrideId, control: grant.control } };
    }
  }
}
