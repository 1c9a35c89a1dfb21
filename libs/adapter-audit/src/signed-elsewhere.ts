import { parseCheckpoint, parseNote, verifyCheckpoint } from '@evenkeel/audit';
import type { CheckpointRecord, Keyring } from '@evenkeel/audit';
import { EvenkeelError, IntegrityFault, toHex } from '@evenkeel/kernel';
import { AuditFolder } from './audit-folder';
import {
  beginLog,
  keyringOfIdentity,
  openKnownLog,
  readLogIdentity,
  saveLogIdentity,
  signerOf,
} from './log-identity';
import type { LogBegun, LogIdentity, LogKeyOptions, OpenedLog } from './log-identity';
import { formatVerifierKey } from '@evenkeel/audit';
import { mergeCheckpointRecords } from './merge-records';

/** What was signed, as it is kept outside of the audit folder. */
export interface SignedElsewhere {
  /** In Postgres, oldest first: one history. */
  readonly ledger: readonly CheckpointRecord[];
  /** On EK_AUDIT: one for each log that ever published there. */
  readonly stream: readonly {
    readonly newest: CheckpointRecord;
    all(): Promise<readonly CheckpointRecord[]>;
  }[];
}

export const NOTHING_SIGNED: SignedElsewhere = { ledger: [], stream: [] };

/**
 * Opens the log that a ledger is to go on with, in the face of what was signed before: a history is gone on with under its own name and
 * its own keys, or not at all. A log is begun only where nothing was signed. A folder that was lost comes back where its key is given
 * and signed all of the history. Throws `AUDIT.LOG_LOST`, `AUDIT.LOG_FOREIGN`, and what `openLog` throws; writes nothing then.
 */
export async function openLogOver(options: LogKeyOptions, elsewhere: SignedElsewhere): Promise<OpenedLog> {
  const known = await judgeLog(options, elsewhere);
  if (known === undefined) return beginLog(options);
  if (readLogIdentity(options.folder) === undefined) saveLogIdentity(options.folder, known.identity);
  return known;
}

/** The same question, and nothing written: undefined where a log would be begun. */
export async function judgeLog(
  options: LogKeyOptions,
  elsewhere: SignedElsewhere,
): Promise<OpenedLog | undefined> {
  const known = readLogIdentity(options.folder);
  const isSigned = elsewhere.ledger.length > 0 || elsewhere.stream.length > 0;
  if (known === undefined) return isSigned ? recovered(options, elsewhere) : undefined;
  const newest = requireSameLog(options.folder, known, elsewhere);
  const opened = await openKnownLog(options, known, newest?.size);
  if (newest !== undefined && !isSignedBy(newest.record, opened.keyring))
    throw foreign(
      `${options.folder} names keys of ${known.origin} of which none signed ${newest.place}’s newest checkpoint, over ${newest.size} commits: the folder is older than a rotation of its keys, or somebody began the log anew under the same name. Put the newest copy of log.json back`,
    );
  return opened;
}

interface Newest {
  readonly record: CheckpointRecord;
  readonly size: number;
  readonly place: string;
}

/** The newest checkpoint of this log elsewhere. Throws where what is elsewhere is another log's. */
function requireSameLog(
  folder: string,
  { origin, begun }: LogIdentity,
  { ledger, stream }: SignedElsewhere,
): Newest | undefined {
  const inLedger = ledger.at(-1);
  const last = inLedger === undefined ? [] : [{ place: 'Postgres', ...summaryOf(inLedger) }];
  const published = stream.map(({ newest }) => ({ place: 'EK_AUDIT', ...summaryOf(newest) }));
  const strange = last.find((one) => one.origin !== origin);
  const own = [...last, ...published].filter((one) => one.origin === origin);
  const followed = new Set(begun?.follows.map((one) => one.origin));
  const unnamed = own.length > 0 ? undefined : published.find((one) => !followed.has(one.origin));
  const other = strange ?? unnamed;
  if (other !== undefined)
    throw foreign(
      `${folder} holds the log ${origin}, and ${other.place} holds ${other.number} checkpoints of ${other.origin}, the newest over ${other.size} commits: ${WAYS_BACK}`,
    );
  return own.sort((a, b) => b.size - a.size)[0];
}

/** The folder holds no log, and somewhere else something was signed. */
async function recovered(options: LogKeyOptions, { ledger, stream }: SignedElsewhere): Promise<OpenedLog> {
  const { folder } = options;
  const first = ledger.at(-1) ?? stream[0]?.newest;
  if (first === undefined) throw lost(folder, 'nothing');
  const { origin } = summaryOf(first);
  const published = stream.find(({ newest }) => summaryOf(newest).origin === origin);
  const copies = [{ place: 'Postgres', records: ledger }];
  if (published !== undefined) copies.push({ place: 'EK_AUDIT', records: await published.all() });
  const records = mergeCheckpointRecords(copies);
  const what = heldIn(ledger.length > 0 ? 'Postgres' : 'EK_AUDIT', records.at(-1) ?? first);
  if (options.origin !== undefined && options.origin !== origin)
    throw foreign(`EK_AUDIT_ORIGIN names ${options.origin}, and ${what}: ${WAYS_BACK}`);
  const others = stream.filter(({ newest }) => summaryOf(newest).origin !== origin);
  const signer = signerOf(options, origin);
  // With nothing in Postgres, several logs on the stream leave open which of them this ledger had.
  if (signer === undefined || (ledger.length === 0 && others.length > 0)) throw lost(folder, what);
  const identity: LogIdentity = { origin, keys: [formatVerifierKey(signer.key)], rotations: [] };
  const keyring = keyringOfIdentity(identity);
  if (!records.every((record) => isSignedBy(record, keyring)))
    throw lost(folder, `${what}, not all signed by the key that is given`);
  return { identity, keyring, signer };
}

/**
 * The folder of a log for who only reads it. Throws `AUDIT.NO_LOG` where nothing was signed, and `AUDIT.LOG_LOST` where the database
 * holds what was.
 */
export async function openSignedFolder(
  folder: string,
  signed: () => Promise<readonly CheckpointRecord[]>,
): Promise<AuditFolder> {
  try {
    return AuditFolder.open(folder);
  } catch (error) {
    if (!(error instanceof EvenkeelError && error.code === 'AUDIT.NO_LOG')) throw error;
    const newest = (await signed()).at(-1);
    throw newest === undefined ? error : lost(folder, heldIn('Postgres', newest));
  }
}

function heldIn(place: string, newest: CheckpointRecord): string {
  const { number, origin, size } = summaryOf(newest);
  return `${place} holds ${number} checkpoints of ${origin}, the newest over ${size} commits`;
}

const WAYS_BACK =
  'put the folder of that log back (EK_AUDIT_DIR, from a backup), or use the database that belongs to this one. ' +
  'docs/runbooks/audit-folder-lost.md says how, and how a new log is begun on purpose';

function lost(folder: string, what: string): IntegrityFault {
  return new IntegrityFault({
    code: 'AUDIT.LOG_LOST',
    message: `${folder} holds no audit log, and ${what}: no other log is begun over it. ${capital(WAYS_BACK)}`,
  });
}

function foreign(message: string): IntegrityFault {
  return new IntegrityFault({ code: 'AUDIT.LOG_FOREIGN', message });
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

function isSignedBy({ note }: CheckpointRecord, log: Keyring): boolean {
  return verifyCheckpoint(note, { log, witnesses: [], witnessQuorum: 0 }).ok;
}

/** What a record says of itself, whoever signed it; one that is no checkpoint is nobody’s. */
function summaryOf(record: CheckpointRecord) {
  const note = parseNote(record.note);
  const checkpoint = note.ok ? parseCheckpoint(note.value.text) : undefined;
  const { origin, size, root } = checkpoint?.ok === true ? checkpoint.value : UNREADABLE;
  return { record, number: record.number, origin, size, root };
}

const UNREADABLE = { origin: 'a log that nobody can read', size: 0, root: new Uint8Array() };

/**
 * Begins a log on purpose, where another one was lost or is to end: a person says so in `log.json`, which names every log that EK_AUDIT
 * holds. Throws `AUDIT.LOG_FOREIGN` where the folder holds a log, or Postgres holds one that was signed.
 */
export function beginLogOver(
  options: LogKeyOptions,
  { ledger, stream }: SignedElsewhere,
  who: Pick<LogBegun, 'by' | 'reason' | 'at'>,
): OpenedLog {
  const known = readLogIdentity(options.folder);
  const signed = ledger.at(-1);
  if (known !== undefined) throw foreign(`${options.folder} holds the log ${known.origin}: it goes on`);
  if (signed !== undefined)
    throw foreign(
      `Postgres holds ${signed.number} checkpoints of ${summaryOf(signed).origin}: a new log begins beside an empty database (docs/runbooks/audit-folder-lost.md)`,
    );
  const follows = stream.map(({ newest }) => {
    const { origin, size, root } = summaryOf(newest);
    return { origin, size, root: toHex(root) };
  });
  return beginLog(options, { ...who, follows });
}
