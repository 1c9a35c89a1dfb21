import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

const FOLDER = join(__dirname, '..', '..', 'contracts', 'golden');

/** What a golden journal is on record to hold. */
export interface GoldenDescription {
  readonly schemaVersion: number;
  /** Name of the journal's stream. */
  readonly stream: string;
  readonly commits: number;
  /** SHA-256 of all commits' bytes, one after the other. */
  readonly sha256: string;
  readonly decisionDigest: string;
  /** Pricing kernel of that release. */
  readonly kernelHash: string;
  /** The ledger's tree over the commits, and its signed checkpoint; absent where the release had no ledger at it. */
  readonly tree?: { readonly size: number; readonly root: string };
  readonly checkpoint?: { readonly origin: string; readonly keys: readonly string[]; readonly note: string };
  /** Events by type. */
  readonly types: Readonly<Record<string, number>>;
}

export interface GoldenJournal extends GoldenDescription {
  readonly name: string;
  /** The published bytes, sequence 1 first. */
  readonly bytes: readonly Uint8Array[];
}

/** Names of the golden journals, one per released schema version. */
export function goldenJournals(): readonly string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.journal.br'))
    .map((name) => name.slice(0, -'.journal.br'.length))
    .sort();
}

/** A journal as an earlier release wrote it. */
export function readGoldenJournal(name: string): GoldenJournal {
  const described = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as GoldenDescription; // written by the recorders beside it
  const whole = brotliDecompressSync(readFileSync(join(FOLDER, `${name}.journal.br`)));
  const bytes: Uint8Array[] = [];
  for (let at = 0; at < whole.length;) {
    const length = whole.readUInt32BE(at);
    bytes.push(Uint8Array.from(whole.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return { ...described, name, bytes };
}
