import type { NatsConnection } from '@nats-io/nats-core';
import { GovernanceReader, journalStreams } from '@evenkeel/adapter-nats';
import { ledgerGovernance } from '@evenkeel/adapter-postgres';
import type { EpochGovernance } from '@evenkeel/adapter-postgres';
import { rosterHash } from '@evenkeel/governance';
import type { Enrolment, GovernanceRecord, GovernanceOpened, RequiredOf } from '@evenkeel/governance';
import { EvenkeelError, canonicalJson } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';
import type { Pool } from 'pg';
import type { Roster } from '../governance/roster';

/** The governance that the newest epoch with a roster ended with: the journal's word, or the ledger's where that is newer. */
export async function lastGovernance(
  connection: NatsConnection,
  ledger: Pool,
): Promise<EpochGovernance | undefined> {
  const [kept, running] = await Promise.all([ledgerGovernance(ledger), journalGovernance(connection)]);
  if (running?.record.roster === undefined) return kept;
  return kept !== undefined && kept.epoch > running.epoch ? kept : running;
}

/** Of the epoch that the server holds last: older journals are sealed. */
async function journalGovernance(connection: NatsConnection): Promise<EpochGovernance | undefined> {
  const newest = (await journalStreams(connection)).at(-1);
  if (newest === undefined) return undefined;
  const { stream, epoch } = newest;
  const reader = new GovernanceReader({ connection, journalStream: stream, rosterHash: () => undefined });
  return { epoch: Number(epoch), record: await reader.current() };
}

/**
 * How a new epoch opens: with the roster that the last one ended with, so that who was removed stays removed; with the file of
 * this installation where no roster is on record. Throws `GOVERNANCE.ROSTER_CONTRADICTED` where file, pin and record do not go
 * together.
 */
export function openingOf(
  last: EpochGovernance | undefined,
  roster: Roster,
  required: RequiredOf,
): GovernanceOpened | undefined {
  const pin = roster.pin();
  const known = last?.record.roster;
  if (last === undefined || known === undefined) {
    const opening = roster.opening(required);
    if (opening !== undefined && pin !== undefined && rosterHash(opening.enrolments) !== pin)
      throw contradicted(`${roster.path} is not the roster ${pin} that is pinned, and no other is on record`);
    return opening;
  }
  if (pin !== undefined && !known.heads.includes(pin))
    throw contradicted(`the roster of epoch ${last.epoch} does not descend from ${pin}, which is pinned`);
  const strange = roster.all().find((one) => !wasEnrolled(last.record, one));
  if (strange !== undefined)
    throw contradicted(
      `${roster.path} enrols ${strange.identity} otherwise than epoch ${last.epoch} has it on record: put that epoch’s file back from the backup, or take this one away; the roster on record goes on, and \`keel propose roles\` changes it`,
    );
  const carried = last.record.carried(new Date().toISOString(), required);
  return { type: 'GovernanceOpened', ...carried, enrolments: known.genesis, required };
}

/** As the record has this person, or had before it changed: then the file is only old. */
function wasEnrolled({ roster, state }: GovernanceRecord, one: Enrolment): boolean {
  const same = (other: Enrolment | undefined): boolean =>
    other !== undefined && textOf(other) === textOf(one);
  return same(state.identities.get(one.identity)) || (roster?.genesis.some(same) ?? false);
}

function textOf(enrolment: Enrolment): string {
  return canonicalJson(enrolment as unknown as Json); // names, roles and credentials
}

function contradicted(message: string): EvenkeelError {
  return new EvenkeelError({ code: 'GOVERNANCE.ROSTER_CONTRADICTED', message });
}
