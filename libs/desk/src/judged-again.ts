import { commandOf, decideGovernance, evolveGovernance, initialGovernance } from '@evenkeel/governance';
import type { Enrolment, GovernanceCommand, GovernanceEvent, GovernanceState } from '@evenkeel/governance';
import { EvenkeelError } from '@evenkeel/kernel';

/**
 * What statements kept outside the journal come to under a roster: every event is judged again as the command it came from.
 * Throws with the rule that forbids one of them.
 */
export function judgedAgain(
  enrolments: readonly Enrolment[],
  events: readonly GovernanceEvent[],
): GovernanceState {
  const at = events.map(timeOf)[0] ?? '1970-01-01T00:00:00Z';
  let state = take(initialGovernance(), { type: 'OpenGovernance', at, enrolments });
  for (const event of events) {
    if (event.type === 'ChangeProposed' || event.type === 'ChangeApproved')
      state = take(state, commandOf(event));
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
