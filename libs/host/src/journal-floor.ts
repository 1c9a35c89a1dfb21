import type { Health, Logger, Stalls } from '@evenkeel/telemetry';
import { JetStreamEventLog, askLedgerFloor, checkFloor } from '@evenkeel/adapter-nats';
import type { Epoch, FloorKeeper, JournalFloor } from '@evenkeel/adapter-nats';
import type { HostEnvironment } from '@evenkeel/config';
import type { NatsConnection } from '@nats-io/nats-core';
import { IntegrityFault } from '@evenkeel/kernel';
import { FloorFile } from './floor-file';

/** What a process knows from outside the journal of how far the journal has been. */
export interface HeldFloor {
  /** Absent where no folder is configured for it. */
  readonly keeper?: FloorKeeper;
  /** The process knew a place in this very epoch, and the journal reaches it. */
  readonly known: boolean;
  /** The journal does not reach what this process knew of it, and a person has accepted that (`EK_ACCEPT_GAP`). */
  readonly gap?: JournalFloor;
}

interface Opened {
  readonly connection: NatsConnection;
  readonly epoch: Epoch;
  readonly environment: Pick<HostEnvironment, 'EK_FLOOR_DIR' | 'EK_PROCESS' | 'EK_ACCEPT_GAP'>;
  readonly service: string;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
}

/** Opens the process's floor and holds the journal against it. Throws `EVENTING.LOG_BEHIND`, unless the gap is accepted. */
export async function openFloor({
  connection,
  epoch,
  environment,
  service,
  logger,
}: Opened): Promise<HeldFloor> {
  const { EK_FLOOR_DIR: folder, EK_PROCESS: process, EK_ACCEPT_GAP: accepted } = environment;
  if (folder === undefined) return { known: false };
  const keeper = FloorFile.open(folder, `${service}-${process}`, epoch.epoch, (err) =>
    logger.error({ err }, 'the floor of the journal cannot be written; orders wait for it'),
  );
  const { before } = keeper;
  if (before === undefined) return { keeper, known: false };
  const journal = new JetStreamEventLog(connection, epoch.journalStream);
  try {
    await checkFloor(journal, epoch.epoch, before, `${service} (${folder})`);
    const { gap } = before;
    if (gap !== undefined && before.epoch === epoch.epoch) return { keeper, known: true, gap };
    return { keeper, known: before.epoch === epoch.epoch && before.seq > 0 };
  } catch (error) {
    if (!(error instanceof IntegrityFault)) throw error;
    const seq = await journal.lastSeq();
    if (accepted !== `${epoch.epoch}:${seq}`) throw error;
    logger.warn({ err: error, accepted }, 'a person has accepted that the journal has lost something');
    keeper.accept(before);
    // On disk before anything is taken: without it the next life of the process would see nothing missing.
    await keeper.secure();
    return { keeper, known: true, gap: before };
  }
}

/**
 * For a process that trades and knows nothing of the journal from its own disk: the ledger's record is the floor. Waits until the ledger
 * has answered. Throws `EVENTING.LOG_BEHIND`.
 */
export async function checkLedgerFloor(
  { connection, epoch }: Pick<Opened, 'connection' | 'epoch'>,
  health: Health,
  stalls: Stalls,
): Promise<void> {
  const reason = 'waiting for the ledger to say where its record of the journal ends';
  health.wait(reason);
  let why = reason;
  const over = stalls.begin('ledger', 'floor', () => why);
  const floor = await askLedgerFloor(connection, (error) => (why = String(error))).finally(over);
  await checkFloor(new JetStreamEventLog(connection, epoch.journalStream), epoch.epoch, floor, 'the ledger');
  health.done(reason);
}
