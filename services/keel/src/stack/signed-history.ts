import type { NatsConnection } from '@nats-io/nats-core';
import { judgeLog } from '@evenkeel/adapter-audit';
import type { LogKeyOptions, SignedElsewhere } from '@evenkeel/adapter-audit';
import { CheckpointStream } from '@evenkeel/adapter-nats';
import { createLedgerPool, readSignedCheckpoints } from '@evenkeel/adapter-postgres';

type Environment = Readonly<Record<string, string | undefined>>;

/** The log of a folder as the ledger service of this environment opens it. */
export function logOf(folder: string, environment: Environment = process.env): LogKeyOptions {
  const [origin, keyPem, keyFile] = ['EK_AUDIT_ORIGIN', 'EK_AUDIT_KEY', 'EK_AUDIT_KEY_FILE'].map((name) =>
    environment[name] === '' ? undefined : environment[name],
  );
  return {
    folder,
    ...(origin === undefined ? {} : { origin }),
    ...(keyPem === undefined ? {} : { keyPem }),
    ...(keyFile === undefined ? {} : { keyFile }),
  };
}

/** What was signed, as this database and this server keep it. */
export async function signedElsewhere(
  connection: NatsConnection,
  databaseUrl: string,
): Promise<SignedElsewhere> {
  const pool = createLedgerPool({ url: databaseUrl, role: 'evenkeel_reader', max: 1 });
  try {
    const ledger = await readSignedCheckpoints(pool);
    // What is no checkpoint counts for nothing; the ledger service says so when it meets it.
    return { ledger, stream: await CheckpointStream.all(connection, () => undefined) };
  } finally {
    await pool.end();
  }
}

/**
 * Before an epoch is opened whose ledger is to sign here: throws what that ledger would refuse to begin with, `AUDIT.LOG_LOST` and its
 * like.
 */
export async function requireOwnLog(
  connection: NatsConnection,
  databaseUrl: string,
  folder: string,
): Promise<void> {
  await judgeLog(logOf(folder), await signedElsewhere(connection, databaseUrl));
}
