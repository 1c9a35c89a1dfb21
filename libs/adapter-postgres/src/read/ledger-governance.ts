import { decodeCommit } from '@evenkeel/contracts';
import { governanceRecord } from '@evenkeel/engine';
import { IDENTITIES } from '@evenkeel/governance';
import type { GovernanceRecord } from '@evenkeel/governance';
import { aggregateKey } from '@evenkeel/eventing';
import type { Pool } from 'pg';

/** The governance of one epoch. */
export interface EpochGovernance {
  readonly epoch: number;
  readonly record: GovernanceRecord;
}

/** The governance of the newest epoch in the ledger that has a roster; `undefined` where none has. */
export async function ledgerGovernance(pool: Pool): Promise<EpochGovernance | undefined> {
  const newest = await pool.query<{ epoch: string }>(
    `SELECT epoch FROM ledger.commit_log WHERE aggregate = $1 ORDER BY epoch::int DESC LIMIT 1`,
    [aggregateKey(IDENTITIES)],
  );
  const epoch = newest.rows[0]?.epoch;
  if (epoch === undefined) return undefined;
  const record = governanceRecord();
  const { rows } = await pool.query<{ bytes: Buffer }>(
    `SELECT bytes FROM ledger.commit_log WHERE epoch = $1 AND aggregate LIKE 'governance/%' ORDER BY seq`,
    [epoch],
  );
  for (const { bytes } of rows) record.take(decodeCommit(bytes));
  return { epoch: Number(epoch), record };
}
