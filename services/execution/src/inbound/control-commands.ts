import type { WaitingCommand } from '@evenkeel/adapter-nats';
import { isSoftControl } from '@evenkeel/execution';
import type { ExecutionState } from '@evenkeel/execution';
import type { Approval, CommitDraft, DomainEvent } from '@evenkeel/facts';
import { controlContent, controlFactId, loosens } from '@evenkeel/governance';
import type { ControlCommand } from '@evenkeel/governance';
import {
  NANOS_PER_MILLISECOND,
  formatInstant,
  partitionOf,
  tryParseDuration,
  tryParseInstant,
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
 * Puts what people asked for on the journal of the book, each once; what makes no sense is turned down on record, and so is what
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
  const { state } = host.reactor;
  if (command.future === true && !state.books.has(command.book)) return;
  const found = await approvalFor(command, approvals, nowMs);
  const approval = typeof found === 'string' ? undefined : found;
  const alone = typeof found === 'string' && approvals.required ? found : undefined;
  const draft = alone ?? draftOfCommand(state, command, approval);
  if (typeof draft === 'string') {
    if (!(await host.handleFact(controlFactId(command.id), refusalOf(state, command, draft)))) return;
    logger.warn({ command, reason: draft }, 'a command was turned down');
  } else {
    if (!(await host.handleFact(controlFactId(command.id, approval?.proposalId), draft))) return;
    logger.info({ command }, 'a command is on record');
  }
  await store.settleCommand(waiting);
}

function refusalOf(state: ExecutionState, command: ControlCommand, why: string): CommitDraft {
  const { id: commandId, book, kind: asked, by, reason, at: askedAt, proposalId } = command;
  const at = formatInstant(state.now);
  const content = controlContent(command);
  const refused = { commandId, book, asked, content, by, reason, askedAt, at, reasons: [why] };
  const payload = { ...refused, ...(proposalId === undefined ? {} : { proposalId }) };
  return {
    aggregate: { context: 'execution', type: 'controls', id: book },
    book,
    eventTime: at,
    actor: { kind: 'algo', id: 'execution' },
    events: [{ type: 'ControlRefused', payload }],
  };
}

/** Why none counts, where one is needed. Throws when the journal cannot be read: the command then waits. */
async function approvalFor(
  command: ControlCommand,
  approvals: Approvals,
  nowMs: number,
): Promise<Approval | string | undefined> {
  if (!loosens(command)) return undefined;
  const change = { kind: 'override', scope: command.book, content: controlContent(command) } as const;
  const now = BigInt(nowMs) * NANOS_PER_MILLISECOND;
  const found = await approvals.approvalOf(change, command.proposalId, now);
  if (typeof found === 'string') return found;
  // Used up in time, but not taken in before it was over.
  const until = tryParseInstant(found.expiresAt);
  return until === undefined || until <= now ? 'EXPIRED' : found.approval;
}

/** The fact that a command becomes at the state's event time, or why it becomes none. */
export function draftOfCommand(
  state: ExecutionState,
  command: ControlCommand,
  approval?: Approval,
): CommitDraft | string {
  const { book, by } = command;
  const at = formatInstant(state.now);
  if (!state.books.has(book)) return 'NO_SUCH_BOOK';
  if (by === '' || command.reason === '') return 'INCOMPLETE';
  const event = eventOf(state, command, at, approval);
  if (typeof event === 'string') return event;
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
): DomainEvent | string {
  const { book, by, reason, instrument, venue, control, overrideId } = command;
  const known = state.books.get(book);
  const told = { book, by, reason, at };
  const common = { ...told, ...(approval === undefined ? {} : { approval }) };
  switch (command.kind) {
    case 'throttle-reset':
      return instrument === undefined
        ? 'INCOMPLETE'
        : { type: 'ThrottleReset', payload: { ...common, instrument } };
    case 'venue-resume': {
      if (venue === undefined || known?.accounts.has(venue) !== true) return 'NO_SUCH_VENUE';
      const acceptsDifferences = command.acceptsDifferences === true;
      return { type: 'VenueResumed', payload: { ...common, venue, acceptsDifferences } };
    }
    case 'restriction-set':
      return instrument === undefined
        ? 'INCOMPLETE'
        : {
            type: 'RestrictionSet',
            payload: { ...common, instrument, restricted: command.restricted === true },
          };
    case 'override-grant': {
      if (control === undefined || !isSoftControl(control)) return 'NO_SOFT_CONTROL';
      const lasts = tryParseDuration(command.duration ?? '');
      if (lasts === undefined) return 'INCOMPLETE';
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
      if (overrideId === undefined || grant === undefined) return 'NO_SUCH_OVERRIDE';
      return { type: 'OverrideRevoked', payload: { ...told, overrideId, control: grant.control } };
    }
  }
}
