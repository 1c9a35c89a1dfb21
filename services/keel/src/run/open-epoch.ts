import type { NatsConnection } from '@nats-io/nats-core';
import { JetStreamEventLog, openEpoch } from '@evenkeel/adapter-nats';
import type { Epoch } from '@evenkeel/adapter-nats';
import { createLedgerPool } from '@evenkeel/adapter-postgres';
import { sealCommit } from '@evenkeel/contracts';
import { VERSION } from '@evenkeel/config';
import type { CommitDraft } from '@evenkeel/facts';
import { hostNanoseconds } from '@evenkeel/host';
import { formatInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { bootDrafts, sealBoot } from '@evenkeel/engine';
import { kernelHash } from '@evenkeel/pricing';
import { bootGovernance, governanceRequired } from '../governance/boot-governance';
import { Roster } from '../governance/roster';
import { homeOf } from '../stack/home';
import type { RunInputs } from './inputs';

/** Opens a fresh epoch on the journal and writes its first facts: who is enrolled, books, policies, venue accounts. */
export async function openRunEpoch(
  connection: NatsConnection,
  databaseUrl: string,
  inputs: Pick<RunInputs, 'books' | 'approvals'> & { readonly tape: { readonly from: Instant } },
  adapt: (draft: CommitDraft) => CommitDraft = (draft) => draft,
  governanceDir: string = homeOf().governance,
): Promise<Epoch> {
  const eventTime = formatInstant(inputs.tape.from);
  const governance = await bootGovernance({
    enrolments: new Roster(governanceDir).all(),
    approvals: [...(inputs.approvals ?? []), ...namedApprovals()],
    required: governanceRequired(),
    books: inputs.books,
    eventTime,
    now: new Date().toISOString(),
  });
  const epoch = await openEpoch(connection, (await newestLedgerEpoch(databaseUrl)) + 1);
  const journal = new JetStreamEventLog(connection, epoch.journalStream);
  const producer = { service: 'keel', version: VERSION, gitSha: gitSha(), kernelHash };
  const drafts = [
    ...governance.facts,
    ...inputs.books.flatMap((book) => bootDrafts(book, eventTime).map(adapt).map(governance.adapt)),
  ];
  for (const sealed of sealBoot(drafts, epoch.epoch, producer, sealCommit, hostNanoseconds()))
    await journal.append(sealed, 0);
  return epoch;
}

/** Files that `EK_APPROVALS` names, for commands without a flag of their own. */
function namedApprovals(): readonly string[] {
  return (process.env['EK_APPROVALS'] ?? '').split(',').filter((path) => path !== '');
}

/** The newest epoch that the ledger has seen; the journal's server may be younger than the ledger. */
async function newestLedgerEpoch(databaseUrl: string): Promise<number> {
  const pool = createLedgerPool({ url: databaseUrl, role: 'evenkeel_reader', max: 1 });
  try {
    const { rows } = await pool.query<{ newest: number | null }>(
      `SELECT max(epoch::int) AS newest FROM ledger.checkpoint`,
    );
    return rows[0]?.newest ?? 0;
  } finally {
    await pool.end();
  }
}

/** The build's commit where the environment says it. */
export function gitSha(): string {
  return process.env['EK_GIT_SHA'] ?? 'unknown';
}
