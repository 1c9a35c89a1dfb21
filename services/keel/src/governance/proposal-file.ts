import { existsSync, readFileSync } from 'node:fs';
import { writeDurably } from '@evenkeel/adapter-audit';
import { decideGovernance, evolveGovernance, initialGovernance } from '@evenkeel/governance';
import type { Enrolment, GovernanceCommand, GovernanceEvent, GovernanceState } from '@evenkeel/governance';
import { EvenkeelError, InvalidInputError } from '@evenkeel/kernel';
import type { GovernanceStore, ProposalRecord } from '@evenkeel/desk';

const FORMAT = 'evenkeel-proposals/v1';

/**
 * Proposals and approvals in a file, for what must be agreed on before there is a journal to write to: the books of an
 * epoch that is yet to open. Nothing in the file is believed: every statement is judged again by the roster at hand.
 */
export class ProposalFile implements GovernanceStore, ProposalRecord {
  constructor(
    private readonly path: string,
    private readonly enrolments: readonly Enrolment[],
  ) {}

  load(): Promise<GovernanceState> {
    return Promise.resolve(replay(this.enrolments, this.events()));
  }

  append(events: readonly GovernanceEvent[]): Promise<void> {
    const content = { format: FORMAT, events: [...this.events(), ...events] };
    writeDurably(this.path, `${JSON.stringify(content, null, 2)}\n`);
    return Promise.resolve();
  }

  /** What the file says, oldest first. */
  events(): readonly GovernanceEvent[] {
    if (!existsSync(this.path)) return [];
    try {
      const value = JSON.parse(readFileSync(this.path, 'utf8')) as {
        format?: string;
        events?: GovernanceEvent[];
      }; // judged again below
      if (value.format === FORMAT && Array.isArray(value.events)) return value.events;
    } catch {
      // Said below, like any other file that holds no proposals.
    }
    throw new InvalidInputError(this.path, [{ path: '(file)', message: `is not a file of ${FORMAT}` }]);
  }
}

/** True for a path at which proposals are kept, rather than the id of one. */
export function isProposalFile(text: string): boolean {
  return existsSync(text);
}

/** Judges every event again as the command it came from. Throws with the rule that forbids one of them. */
export function replay(
  enrolments: readonly Enrolment[],
  events: readonly GovernanceEvent[],
): GovernanceState {
  const at = events.map(timeOf)[0] ?? '1970-01-01T00:00:00Z';
  let state = take(initialGovernance(), { type: 'OpenGovernance', at, enrolments });
  for (const event of events) {
    const command = commandOf(event);
    if (command !== undefined) state = take(state, command);
    // A refusal needs no proof to be respected: whoever wrote it there, the proposal is closed.
    else if (event.type === 'ChangeRejected' || event.type === 'ChangeWithdrawn')
      state = evolveGovernance(state, event);
  }
  return state;
}

function take(state: GovernanceState, command: GovernanceCommand): GovernanceState {
  const decided = decideGovernance(state, command);
  if (!decided.ok) throw new EvenkeelError(decided.failure);
  return decided.value.reduce(evolveGovernance, state);
}

function timeOf(event: GovernanceEvent): string {
  return event.at;
}

function commandOf(event: GovernanceEvent): GovernanceCommand | undefined {
  switch (event.type) {
    case 'ChangeProposed': {
      const { kind, scope, content, reason, proposedBy, at, expiresAt, evidence } = event;
      return { type: 'ProposeChange', kind, scope, content, reason, by: proposedBy, at, expiresAt, evidence };
    }
    case 'ChangeApproved': {
      const { proposalId, contentHash, approvedBy, at, evidence } = event;
      return { type: 'ApproveChange', proposalId, contentHash, by: approvedBy, at, reason: '', evidence };
    }
    default:
      return undefined;
  }
}
