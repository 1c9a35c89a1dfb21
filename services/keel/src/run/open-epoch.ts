import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import { JetStreamEventLog, beginEpoch, finishEpoch } from '@evenkeel/adapter-nats';
import type { Epoch } from '@evenkeel/adapter-nats';
import { createLedgerPool } from '@evenkeel/adapter-postgres';
import type { EpochGovernance } from '@evenkeel/adapter-postgres';
import type { Pool } from 'pg';
import { VERSION } from '@evenkeel/config';
import { sealWith } from '@evenkeel/contracts';
import { bootGovernance } from '@evenkeel/desk';
import type { CommitDraft } from '@evenkeel/facts';
import { requiredOf } from '@evenkeel/governance';
import { wallNanoseconds, readFloorFile } from '@evenkeel/host';
import { formatInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { bootDrafts, enrolmentDraft, inRealTime, sealBoot } from '@evenkeel/engine';
import type { BookUnderManagement } from '@evenkeel/engine';
import { kernelHash } from '@evenkeel/pricing';
import { keysForOpening } from '../identity/opening-keys';
import type { OpeningKeys } from '../identity/opening-keys';
import { ProposalFile } from '../governance/proposal-file';
import { Roster } from '../governance/roster';
import { settings } from '../stack/environment';
import { homeOf } from '../stack/home';
import type { Home } from '../stack/home';
import { lastGovernance, openingOf } from './epoch-roster';
import type { RunInputs } from './inputs';

export interface OpenedEpoch extends Epoch {
  /** What a person should hear of the keys that it enrols. */
  readonly notes: readonly string[];
}

/**
 * Opens a fresh epoch on the journal and writes its first facts: the keys that commits are signed with, who is enrolled,
 * books, policies, venue accounts.
 */
export async function openRunEpoch(
  connection: NatsConnection,
  databaseUrl: string,
  inputs: Pick<RunInputs, 'books' | 'approvals'> & { readonly tape: { readonly from: Instant } },
  pace: 'tape' | 'real time' = 'tape',
  home: Pick<Home, 'governance' | 'identity' | 'floors'> = homeOf(),
  realVenues: readonly string[] = [],
): Promise<OpenedEpoch> {
  const eventTime = formatInstant(inputs.tape.from);
  const { approvals, gitSha, governance: asked } = settings();
  const roster = new Roster(home.governance);
  if (realVenues.length > 0) roster.requireApart(realVenues);
  const required = requiredOf(asked, realVenues);
  const ledger = await stateOfHistory(connection, databaseUrl, home);
  const governance = bootGovernance({
    opening: openingOf(ledger.governance, roster, required),
    approvals: [...(inputs.approvals ?? []), ...approvals].map((path) => new ProposalFile(path, [])),
    required: required === 'everything',
    books: inputs.books,
    eventTime,
    now: new Date().toISOString(),
  });
  const repinned = rosterNote(roster, ledger.governance, governance.rosterHead);
  if (governance.rosterHead !== undefined) roster.keepPin(governance.rosterHead);
  const newest = Math.max(ledger.epoch, newestFloorEpoch(home.floors));
  const epoch = await beginEpoch(connection, newest + 1, undefined, required);
  const journal = new JetStreamEventLog(connection, epoch.journalStream);
  const producer = { service: 'keel', version: VERSION, gitSha, kernelHash };
  const { keyring, enrolled, notes } = ledger.keys;
  const drafts = [
    enrolmentDraft(enrolled, eventTime),
    ...governance.facts,
    ...firstFactsOf(inputs.books, pace, eventTime).map(governance.adapt),
  ];
  for (const sealed of sealBoot(
    drafts,
    epoch.epoch,
    producer,
    sealWith({ signer: keyring.desk }),
    wallNanoseconds(),
  ))
    await journal.append(sealed, 0);
  await finishEpoch(connection, epoch);
  ledger.keys.opened();
  return { ...epoch, notes: [...notes, ...repinned] };
}

/** In real time every epoch numbers its books' snapshots by chance, so that no order has the id of another epoch's. */
export function firstFactsOf(
  books: readonly BookUnderManagement[],
  pace: 'tape' | 'real time',
  eventTime: string,
): CommitDraft[] {
  if (pace === 'tape') return books.flatMap((book) => bootDrafts(book, eventTime));
  const lineage = randomUUID();
  return books.flatMap((book) => bootDrafts({ ...book, lineage }, eventTime).map(inRealTime));
}

/** Where the record alone says who is enrolled, because what this installation wrote down is lost. */
function rosterNote(roster: Roster, last: EpochGovernance | undefined, head: string | undefined): string[] {
  if (head === undefined || last?.record.roster === undefined || roster.pin() !== undefined) return [];
  return [
    `no roster was pinned here (${roster.pinPath}): the one that epoch ${last.epoch} ended with is from now on, ${head}; compare it with what the auditors have`,
  ];
}

interface History {
  readonly epoch: number;
  readonly governance: EpochGovernance | undefined;
  readonly keys: OpeningKeys;
}

/**
 * The newest epoch that the ledger has seen (the journal's server may be younger), the roster that was last in force, and the keys
 * to go on with.
 */
async function stateOfHistory(
  connection: NatsConnection,
  databaseUrl: string,
  home: Pick<Home, 'identity'>,
): Promise<History> {
  const pool = createLedgerPool({ url: databaseUrl, role: 'evenkeel_reader', max: 1 });
  try {
    return {
      epoch: await newestInLedger(pool),
      governance: await lastGovernance(connection, pool),
      keys: await keysForOpening(connection, pool, home),
    };
  } finally {
    await pool.end();
  }
}

/** The newest epoch that the ledger or a process of this home has seen. */
export async function newestEpoch(pool: Pool, floors: string): Promise<number> {
  return Math.max(await newestInLedger(pool), newestFloorEpoch(floors));
}

async function newestInLedger(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ newest: number | null }>(
    `SELECT max(epoch::int) AS newest FROM ledger.checkpoint`,
  );
  return rows[0]?.newest ?? 0;
}

/** The newest epoch that a process of this home has worked in: both servers may have been made anew since. */
function newestFloorEpoch(folder: string): number {
  if (!existsSync(folder)) return 0;
  const floors = readdirSync(folder).map((name) => readFloorFile(join(folder, name)));
  return Math.max(0, ...floors.map((floor) => Number(floor?.epoch ?? 0)));
}
