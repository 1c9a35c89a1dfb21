import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '@evenkeel/config';
import { writeDurably } from '@evenkeel/adapter-audit';
import { judgedAgain } from '@evenkeel/desk';
import type { GovernanceStore, ProposalRecord } from '@evenkeel/desk';
import type { Enrolment, GovernanceEvent, GovernanceState } from '@evenkeel/governance';
import { InvalidInputError } from '@evenkeel/kernel';

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
    return Promise.resolve(judgedAgain(this.enrolments, this.events()));
  }

  append(events: readonly GovernanceEvent[]): Promise<void> {
    const content = { format: FORMAT, events: [...this.events(), ...events] };
    makeFolder(dirname(this.path));
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
