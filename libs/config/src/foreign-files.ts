import { createReadStream, openSync, closeSync, readSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { crc32, createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import { open as openZip } from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import { InvalidInputError } from '@evenkeel/kernel';
import { codeOf, requireOrdinaryFile } from './bounded-files';

/** A file of somebody else's, or one that lay packed in it. */
export interface ForeignPart {
  readonly name: string;
  /** Its text, unpacked, in pieces that may be cut anywhere. */
  readonly text: AsyncIterable<string>;
}

export type Packing = 'plain' | 'gzip' | 'zstd' | 'zip' | 'parquet' | 'arrow';

const MAGIC: readonly (readonly [Packing, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['parquet', [0x50, 0x41, 0x52, 0x31]],
  ['arrow', [0x41, 0x52, 0x52, 0x4f, 0x57, 0x31]],
  // An Arrow stream begins with a message of the schema.
  ['arrow', [0xff, 0xff, 0xff, 0xff]],
  // Feather version 1, to be refused by its name.
  ['arrow', [0x46, 0x45, 0x41, 0x31]],
];
const MAGIC_BYTES = 6;
const PIECE_BYTES = 1024 * 1024;

/** How a file is packed, by its first bytes; names lie. Throws `InvalidInputError` naming the file. */
export function packingOf(path: string): Packing {
  requireOrdinaryFile(path);
  const bytes = Buffer.alloc(MAGIC_BYTES);
  const file = openSync(path, 'r');
  try {
    readSync(file, bytes, 0, MAGIC_BYTES, 0);
  } finally {
    closeSync(file);
  }
  return MAGIC.find(([, magic]) => magic.every((byte, at) => bytes[at] === byte))?.[0] ?? 'plain';
}

/** The text in a file, gzip, zstd, zip or plain, never whole in memory. */
export async function* foreignParts(path: string): AsyncGenerator<ForeignPart> {
  const packing = packingOf(path);
  if (packing === 'zip') yield* zipParts(path);
  else yield { name: path, text: textOf(path, unpacked(path, packing)) };
}

function unpacked(path: string, packing: Packing): AsyncIterable<Uint8Array> {
  const bytes = createReadStream(path, { highWaterMark: PIECE_BYTES });
  if (packing === 'zstd') return zstd(bytes);
  if (packing !== 'gzip') return bytes;
  const gunzip = createGunzip({ chunkSize: PIECE_BYTES });
  bytes.on('error', (error) => gunzip.destroy(error));
  gunzip.on('close', () => bytes.destroy());
  return bytes.pipe(gunzip);
}

async function* zstd(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  const decompress = new Decompress((piece) => pieces.push(piece));
  for await (const piece of bytes) {
    decompress.push(piece);
    yield* pieces;
    pieces = [];
  }
  decompress.push(new Uint8Array(0), true);
  yield* pieces;
}

async function* textOf(name: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  try {
    for await (const piece of bytes) {
      decoder ??= new TextDecoder(piece[0] === 0xff && piece[1] === 0xfe ? 'utf-16le' : 'utf-8', {
        fatal: true,
        ignoreBOM: true,
      });
      yield decoder.decode(piece, { stream: true });
    }
    yield decoder?.decode() ?? '';
  } catch (error) {
    throw new InvalidInputError(name, [{ path: name, message: brokenBecause(error) }]);
  }
}

function brokenBecause(error: unknown): string {
  if (error instanceof InvalidInputError) throw error;
  const text = error instanceof Error ? error.message : String(error);
  if (codeOf(error) === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'is not UTF-8';
  return `cannot be unpacked, or was cut off: ${text}`;
}

async function* zipParts(path: string): AsyncGenerator<ForeignPart> {
  const zip = await zipOf(path);
  try {
    for await (const entry of entriesOf(zip)) {
      const isData = !/(?:\/|\.CHECKSUM|\.md|\.txt\.sha256)$/.test(entry.fileName);
      if (!isData) continue;
      const name = `${path}/${entry.fileName}`;
      const stream = await new Promise<Readable>((done, fail) =>
        zip.openReadStream(entry, (error, found) => (error === null ? done(found) : fail(error))),
      );
      yield { name, text: textOf(name, checked(stream, entry)) };
    }
  } finally {
    zip.close();
  }
}

function zipOf(path: string): Promise<ZipFile> {
  return new Promise((done, fail) =>
    openZip(path, { lazyEntries: true, autoClose: false }, (error, zip) => {
      if (error === null) done(zip);
      else fail(new InvalidInputError(path, [{ path, message: `is not an intact zip: ${error.message}` }]));
    }),
  );
}

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  for (;;) {
    const entry = await new Promise<Entry | undefined>((done, fail) => {
      zip.once('entry', done);
      zip.once('end', () => done(undefined));
      zip.once('error', fail);
      zip.readEntry();
    });
    zip.removeAllListeners();
    if (entry === undefined) return;
    yield entry;
  }
}

/** The library compares sizes; whether the bytes are those that were packed says their checksum. */
async function* checked(stream: Readable, entry: Entry): AsyncGenerator<Uint8Array> {
  let sum = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    sum = crc32(piece, sum);
    yield piece;
  }
  if (sum >>> 0 !== entry.crc32 >>> 0) throw new Error('its checksum is another');
}
