import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Command } from 'commander';
import { InvalidInputError } from '@evenkeel/kernel';
import type { CheckInput, PackFiles } from '@evenkeel/reconstruction';
import { publicKeysOf } from '../identity/public-keys';

/** What an auditor brings along: no file can stand in for it. */
export interface TrustFlags {
  readonly key: readonly string[];
  readonly witnessKey: readonly string[];
  readonly quorum: string;
  readonly origin?: string;
  readonly deskKey: readonly string[];
  readonly rosterHash?: string;
}

const collect = (value: string, all: readonly string[]): readonly string[] => [...all, value];

export function addTrustOptions(command: Command): Command {
  return command
    .option('--key <key|file>', 'the log’s verifier key; repeat for several', collect, [])
    .option('--witness-key <key|file>', 'a witness’s verifier key; repeat for several', collect, [])
    .option('--quorum <n>', 'cosignatures without which it fails', '0')
    .option('--origin <name>', 'the log it must be of; otherwise the one it names is taken')
    .option(
      '--desk-key <hex|file>',
      'the desk’s key, under which the services’ keys must have been enrolled; repeat for several',
      collect,
      [],
    )
    .option(
      '--roster-hash <sha256>',
      'what the roster of the people must descend from; otherwise it is only named',
    );
}

export function trustOf(flags: TrustFlags): Omit<CheckInput, 'bytes'> {
  const quorum = Number(flags.quorum);
  if (!Number.isInteger(quorum) || quorum < 0) throw invalid('--quorum', 'must be a whole number from 0');
  return {
    keys: flags.key.map(textOrFile),
    witnessKeys: flags.witnessKey.map(textOrFile),
    quorum,
    deskKeys: publicKeysOf(flags.deskKey),
    ...(flags.origin === undefined ? {} : { origin: flags.origin }),
    ...(flags.rosterHash === undefined ? {} : { rosterHash: flags.rosterHash }),
  };
}

export type Evidence =
  | { readonly kind: 'bundle'; readonly bytes: Uint8Array }
  | { readonly kind: 'pack'; readonly files: PackFiles };

/** A bundle, plain or gzipped, or the folder of a regulator's pack. */
export function readEvidence(path: string): Evidence {
  const place = resolve(path);
  try {
    if (statSync(place).isDirectory()) return { kind: 'pack', files: readFolder(path, place) };
    if (existsSync(join(dirname(place), MANIFEST)) && isPack(join(dirname(place), MANIFEST)))
      throw invalid('file', `${path} is one file of a pack: check the folder it lies in, ${dirname(place)}`);
    const bytes = readFileSync(place);
    return { kind: 'bundle', bytes: isGzip(bytes) ? gunzipSync(bytes) : bytes };
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    throw invalid(
      'file',
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

const MANIFEST = 'manifest.json';

function readFolder(path: string, place: string): PackFiles {
  if (!existsSync(join(place, MANIFEST)))
    throw invalid('file', `${path} is a folder without the ${MANIFEST} of a pack`);
  // What lies deeper, or is no file, is no part of a pack: it is named too, so that the check says so.
  const entries = readdirSync(place, { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return [relative(place, path), entry.isFile() ? readFileSync(path) : new Uint8Array()];
      }),
  );
}

function isPack(manifest: string): boolean {
  return readFileSync(manifest, 'utf8').includes('"evenkeel-pack/');
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** A key as it is given, or the lines of the file that is named. */
function textOrFile(given: string): string {
  return existsSync(given) ? readFileSync(given, 'utf8') : given;
}

function invalid(path: string, message: string): InvalidInputError {
  return new InvalidInputError('the command', [{ path, message }]);
}
