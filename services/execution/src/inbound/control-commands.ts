import type { WaitingCommand } from '@evenkeel/adapter-nats';
import { isSoftControl } from '@evenkeel/execution';
import type { ExecutionState } from '@evenkeel/execution';
import type { Approval, CommitDraft, DomainEvent } from '@evenkeel/facts';
import { controlContent, loosens } from '@evenkeel/governance';
import type { ControlCommand } from '@evenkeel/governance';
import {
  NANOS_PER_MILLISECOND,
  formatInstant,
  partitionOf,
  tryParseDuration,
  tryParseInstant,
  uuidV5,
} from '@evenkeel/kernel';
import type { Logger } from '@evenkeel/telemetry';
import type { Host } from '../host';
import type { Approvals } from './approvals';

/** Where commands wait: the control bucket. */
export interface CommandStore {
  readCommands(): Promise<readonly WaitingCommand[]>;
  settleCommand(waiting: WaitingCommand): Promise<void>;
}

/**
 * Puts what people asked for on the journal of the book, each once; what makes no sense is turned down and said so, and so is what
 * loosens without the approval of a second person where one is required. An approval is good for one command: the fact is
 * named by it. `nowMs`: wall clock; a command that comes up after its approval expired is turned down.
 */
export async function recordCommands(
  store: CommandStore,
  hosts: readonly Host[],
  logger: Pick<Logger, 'warn' | 'info'>,
  approvals: Approvals,
  nowMs = Date.now(),
): Promise<void> {
  for (const waiting of await store.readCommands()) {
    try {
      await recordCommand(waiting, store, hosts, logger, approvals, nowMs);
    } catch (error) {
      // It waits. What comes after it does not: a restriction must not queue behind what cannot be done.
      logger.warn({ err: error, key: waiting.key }, 'a command could not be put on record yet');
    }
  }
}

async function recordCommand(
  waiting: WaitingCommand,
  store: CommandStore,
  hosts: readonly Host[],
  logger: Pick<Logger, 'warn' | 'info'>,
  approvals: Approvals,
  nowMs: number,
): Promise<void> {
  const { key, command, problem } = waiting;
  if (command === undefined) {
    logger.warn({ key, problem }, 'a command that cannot be read was turned down');
    return store.settleCommand(waiting);
  }
  const host = hosts.find(({ partition }) => partition === partitionOf(command.book));
  // Another process owns that partition, or the market has not begun here and there is no event time to say it at.
  if (host === undefined || host.lastInstant === 0) return;
  const approval = await approvalFor(command, approvals, nowMs);
  const alone = approval === undefined && approvals.required && loosens(command);
  const draft = alone ? undefined : draftOfCommand(host.reactor.state, command, approval);
  if (draft === undefined)
    logger.warn(
      { command },
      alone ? 'a command without a second person was turned down' : 'a command was turned down',
    );
  else {
    const name = approval === undefined ? command.id : `approved|${approval.proposalId}`;
    if (!(await host.handleFact(uuidV5(`command|${name}`), draft))) return;
    logger.info({ command }, 'a command is on record');
  }
  await store.settleCommand(waiting);
}

/** Throws when the journal cannot be read: the command then waits. */
async function approvalFor(
  command: ControlCommand,
  approvals: Approvals,
  nowMs: number,
): Promise<Approval | undefined> {
  if (!loosens(command)) return undefined;
  const change = { kind: 'override', scope: command.book, content: controlContent(command) } as const;
  const now = BigInt(nowMs) * NANOS_PER_MILLISECOND;
  const found = await approvals.approvalOf(change, command.proposalId, now);
  if (typeof found === 'string') return undefined;
  // Used up in time, but not taken in before it was over.
  const until = tryParseInstant(found.expiresAt);
  return until === undefined || until <= now ? undefined : found.approval;
}

/** The fact that a command becomes at the state's event time; undefined for one that is not complete or not allowed. */
export function draftOfCommand(
  state: ExecutionState,
  command: ControlCommand,
  approval?: Approval,
): CommitDraft | undefined {
  const { book, by } = command;
  const at = formatInstant(state.now);
  const event = state.books.has(book) ? eventOf(state, command, at, approval) : undefined;
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

function eventOf(
  state: ExecutionState,
  command: ControlCommand,
  at: string,
  approval: Approval | undefined,
): DomainEvent | undefined {
  const { book, by, reason, instrument, venue, control, overrideId } = command;
  const known = state.books.get(book);
  const told = { book, by, reason, at };
  const common = { ...told, ...(approval === undefined ? {} : { approval }) };
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
      const lasts = tryParseDuration(command.duration);
      if (lasts === undefined) return undefined;
      const expiresAt = formatInstant(state.now + lasts);
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
      return { type: 'OverrideRevoked', payload: { ...told, overrideId, control: grant.control } };
    }
  }
}
