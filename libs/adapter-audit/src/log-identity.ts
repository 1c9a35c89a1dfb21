import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  formatNote,
  formatRotation,
  formatVerifierKey,
  keyringOf,
  keysAt,
  parseVerifierKey,
  rotateKeys,
  sameKey,
  signText,
} from '@evenkeel/audit';
import { generateKeyPem } from '@evenkeel/signing-keys';
import type { Keyring, SigningPort, VerifierKey } from '@evenkeel/audit';
import {
  EvenkeelError,
  IntegrityFault,
  InvalidInputError,
  OperationalError,
  canonicalJson,
} from '@evenkeel/kernel';
import { z } from 'zod';
import { writeDurably } from './durable-file';
import { signerFromFile, signerFromPem } from './ed25519-key';
import { HeadFolder } from './head-folder';

/** What everybody may know of a log: its name and every key it ever signed with. */
export interface LogIdentity {
  readonly origin: string;
  /** Verifier keys from the start. */
  readonly keys: readonly string[];
  /** Rotation notes, oldest first. */
  readonly rotations: readonly string[];
  /** Of a log that somebody began on purpose where another one had been. */
  readonly begun?: LogBegun;
}

export interface LogBegun {
  readonly by: string;
  readonly reason: string;
  /** ISO 8601, host time. */
  readonly at: string;
  /** Logs that it takes the place of, by their newest signed heads; roots in hex. */
  readonly follows: readonly { readonly origin: string; readonly size: number; readonly root: string }[];
}

export interface LogKeyOptions {
  /** The audit folder: `log.json`, and in development `key.pem`. */
  readonly folder: string;
  /** The log's name; made up on first use in development. */
  readonly origin?: string;
  /** PKCS #8 PEM of the signing key; otherwise `keyFile`, otherwise `key.pem` in the folder, made on first use. */
  readonly keyPem?: string;
  readonly keyFile?: string;
}

export interface OpenedLog {
  readonly identity: LogIdentity;
  readonly keyring: Keyring;
  readonly signer: SigningPort;
}

const schema = z.strictObject({
  origin: z.string().min(1),
  keys: z.array(z.string()).min(1),
  rotations: z.array(z.string()).default([]),
  begun: z
    .strictObject({
      by: z.string(),
      reason: z.string(),
      at: z.string(),
      follows: z.array(z.strictObject({ origin: z.string(), size: z.number(), root: z.string() })),
    })
    .optional(),
});

const identityPath = (folder: string): string => join(folder, 'log.json');
const developmentKey = (folder: string): string => join(folder, 'key.pem');

/** The log of a folder, or `undefined` where none was begun. Throws `AUDIT.LOG_FILE_DAMAGED`. */
export function readLogIdentity(folder: string): LogIdentity | undefined {
  const path = identityPath(folder);
  if (!existsSync(path)) return undefined;
  try {
    const { begun, ...identity } = schema.parse(JSON.parse(readFileSync(path, 'utf8')));
    return begun === undefined ? identity : { ...identity, begun };
  } catch (cause) {
    throw new IntegrityFault({
      code: 'AUDIT.LOG_FILE_DAMAGED',
      message: `${path} does not name a log and its keys.`,
      cause,
    });
  }
}

/** Every key of a log with its term of office. Throws `AUDIT.LOG_FILE_DAMAGED` when a rotation does not follow. */
export function keyringOfIdentity(identity: LogIdentity): Keyring {
  const keys = identity.keys.map((text): VerifierKey => {
    const key = parseVerifierKey(text);
    if (key === undefined) throw damaged(`"${text}" is not a verifier key`);
    return key;
  });
  let keyring = keyringOf(identity.origin, keys);
  for (const note of identity.rotations) {
    const rotated = rotateKeys(keyring, note);
    if (!rotated.ok) throw damaged(rotated.failure.message);
    keyring = rotated.value;
  }
  return keyring;
}

/**
 * The log of a folder with the key it signs with now; begun on first use, where nothing was ever signed. Throws `INPUT.INVALID` when the
 * folder belongs to another log, `AUDIT.KEY_LOST` when its key is not there, and `AUDIT.KEY_NOT_IN_OFFICE` when the key is none the log
 * may sign with. Whoever signs opens it by `openLogOver`, which knows of what was signed elsewhere.
 */
export async function openLog(options: LogKeyOptions): Promise<OpenedLog> {
  const known = readLogIdentity(options.folder);
  return known === undefined ? beginLog(options) : openKnownLog(options, known);
}

/** Begins a log, and makes it a key unless one is given. */
export function beginLog(options: LogKeyOptions, begun?: LogBegun): OpenedLog {
  const { folder } = options;
  const origin = options.origin ?? `evenkeel.local/${randomBytes(4).toString('hex')}`;
  const signer = signerOf(options, origin) ?? signerFromFile(origin, developmentKey(folder), 'notes');
  const identity = {
    origin,
    keys: [formatVerifierKey(signer.key)],
    rotations: [],
    ...(begun === undefined ? {} : { begun }),
  };
  saveLogIdentity(folder, identity);
  return { identity, keyring: keyringOfIdentity(identity), signer };
}

/** The same for a log that is there. `signedSize`: of the newest head that is known elsewhere. */
export async function openKnownLog(
  options: LogKeyOptions,
  identity: LogIdentity,
  signedSize = 0,
): Promise<OpenedLog> {
  const { folder } = options;
  const { origin } = identity;
  if (options.origin !== undefined && options.origin !== origin)
    throw new InvalidInputError('the audit log', [
      { path: 'EK_AUDIT_ORIGIN', message: `${folder} holds the log ${origin}, not ${options.origin}` },
    ]);
  const signer = signerOf(options, origin);
  if (signer === undefined)
    throw new IntegrityFault({
      code: 'AUDIT.KEY_LOST',
      message: `${folder} holds the log ${origin} and not its signing key: put ${developmentKey(folder)} back, or name the key with EK_AUDIT_KEY_FILE. No other key is made in its place`,
    });
  const keyring = keyringOfIdentity(identity);
  const signed = await new HeadFolder(join(folder, 'heads')).load(origin);
  const next = Math.max(signed?.size ?? 0, signedSize) + 1;
  if (!keysAt(keyring, next).some((key) => sameKey(key, signer.key)))
    throw new IntegrityFault({
      code: 'AUDIT.KEY_NOT_IN_OFFICE',
      message: `${formatVerifierKey(signer.key)} is not a key that ${origin} signs with now; \`keel audit rotate-key\` puts a new key in office.`,
    });
  return { identity, keyring, signer };
}

/** The key that is given, or that lies in the folder; undefined where there is none. */
export function signerOf(options: LogKeyOptions, origin: string): SigningPort | undefined {
  if (options.keyPem !== undefined) return signerFromPem(origin, options.keyPem, 'notes');
  const { keyFile } = options;
  // A secret that was not mounted must not become a key of our own making, beside the tree that it would sign.
  if (keyFile !== undefined && !existsSync(keyFile))
    throw new InvalidInputError('the audit log', [
      { path: 'EK_AUDIT_KEY_FILE', message: `${keyFile} does not exist: mount the key, or name no file` },
    ]);
  const path = keyFile ?? developmentKey(options.folder);
  return existsSync(path) ? signerFromFile(origin, path, 'notes') : undefined;
}

export interface KeyRotationResult {
  /** The note, signed by the old key. */
  readonly note: string;
  readonly added: string;
  readonly retired: string;
  /** The first tree size that the new key signs. */
  readonly fromSize: number;
}

/**
 * Puts a new key in office from the next checkpoint on and retires the present one; the present key signs that. In
 * development the old `key.pem` is kept as `key-until-<size>.pem`. No ledger may be signing meanwhile.
 */
export async function rotateLogKey(
  options: LogKeyOptions,
  newKeyPem: string = generateKeyPem(),
): Promise<KeyRotationResult> {
  const { folder } = options;
  const known = readLogIdentity(folder);
  if (known === undefined) throw noLog(folder);
  const { identity, keyring, signer } = await openKnownLog(options, known);
  const signed = await new HeadFolder(join(folder, 'heads')).load(identity.origin);
  const fromSize = (signed?.size ?? 0) + 1;
  const next = signerFromPem(identity.origin, newKeyPem, 'notes');
  const text = formatRotation({ origin: identity.origin, fromSize, add: next.key, retire: signer.key });
  const note = formatNote({ text, signatures: [await signText(text, signer)] });
  const rotated = rotateKeys(keyring, note);
  if (!rotated.ok) throw new EvenkeelError(rotated.failure);
  if (options.keyPem === undefined && options.keyFile === undefined) {
    const path = developmentKey(folder);
    writeDurably(join(folder, `key-until-${fromSize}.pem`), readFileSync(path));
    saveLogIdentity(folder, { ...identity, rotations: [...identity.rotations, note] });
    writeDurably(path, newKeyPem);
  } else saveLogIdentity(folder, { ...identity, rotations: [...identity.rotations, note] });
  return {
    note,
    added: formatVerifierKey(next.key),
    retired: formatVerifierKey(signer.key),
    fromSize,
  };
}

/** Writes the public file of a log. */
export function saveLogIdentity(folder: string, identity: LogIdentity): void {
  const { origin, keys, rotations, begun } = identity;
  const said = begun === undefined ? {} : { begun: { ...begun, follows: [...begun.follows] } };
  writeDurably(
    identityPath(folder),
    `${canonicalJson({ origin, keys: [...keys], rotations: [...rotations], ...said })}\n`,
  );
}

/** Nobody has begun a log there. */
export function noLog(folder: string): OperationalError {
  return new OperationalError({
    code: 'AUDIT.NO_LOG',
    message: `${folder} holds no audit log: the ledger begins one with the first commits it takes over.`,
  });
}

function damaged(why: string): IntegrityFault {
  return new IntegrityFault({ code: 'AUDIT.LOG_FILE_DAMAGED', message: `The log's keys: ${why}.` });
}
