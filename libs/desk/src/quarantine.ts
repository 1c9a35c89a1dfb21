import { COMMIT_KEYS } from '@evenkeel/engine';
import type { EventPayloads } from '@evenkeel/facts';
import { InvalidInputError } from '@evenkeel/kernel';
import { useApprovedQuarantine } from './approved-change';
import type { ApprovalDesk } from './approved-change';
import type { DeskJournal, JournalInDoubt, UnbelievedMessage } from './ports';

export interface QuarantineRequest {
  readonly sequence: number;
  readonly reason: string;
  /** On whose behalf. */
  readonly by: string;
  /** ISO 8601, the person's clock. */
  readonly at: string;
  readonly proposal?: string;
}

/** What would be quarantined. Throws `InvalidInputError` for what can be read and was said by whom it says: a fact stays a fact. */
export async function messageToQuarantine(
  journal: JournalInDoubt,
  sequence: number,
): Promise<UnbelievedMessage> {
  const found = await journal.unbelievedAt(sequence);
  if (found !== undefined) return found;
  throw new InvalidInputError('the command', [
    {
      path: 'sequence',
      message: `${sequence} can be read, and was written by whom it says: it stays (a trade is corrected with \`keel book correct\`)`,
    },
  ]);
}

/**
 * Puts on record that a message counts for nothing. Every reader that is stopped at it goes on by itself. Doing it twice is
 * once. Throws `GOVERNANCE.NOT_APPROVED`.
 */
export async function quarantineMessage(
  journal: JournalInDoubt,
  desk: ApprovalDesk,
  { sequence, reason, by, at, proposal }: QuarantineRequest,
): Promise<EventPayloads['CommitQuarantined']> {
  const message = await messageToQuarantine(journal, sequence);
  const before = await quarantineOnRecord(journal, message);
  if (before !== undefined) return before;
  const { epoch, stream, sha256, subject, code } = message;
  const approval = await useApprovedQuarantine(desk, message, proposal);
  const payload = {
    ...{ epoch, stream, sequence: message.sequence, sha256, subject, code, reason, by, at },
    ...(approval === undefined ? {} : { approval }),
  };
  const event = { type: 'CommitQuarantined', payload } as const;
  await journal.record({ aggregate: COMMIT_KEYS, book: COMMIT_KEYS.id, by, events: [event] });
  return payload;
}

async function quarantineOnRecord(
  journal: DeskJournal,
  { sequence, sha256 }: UnbelievedMessage,
): Promise<EventPayloads['CommitQuarantined'] | undefined> {
  for (const { events } of await journal.peoplesCommits())
    for (const { event } of events)
      if (
        event.type === 'CommitQuarantined' &&
        event.payload.sequence === sequence &&
        event.payload.sha256 === sha256
      )
        return event.payload;
  return undefined;
}
