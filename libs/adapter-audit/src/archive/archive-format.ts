import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { canonicalJson } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';
import { z } from 'zod';

/** A commit as it is archived: its place and the published bytes. */
export interface ArchivedCommit {
  readonly epoch: string;
  readonly seq: number;
  readonly bytes: Uint8Array;
}

const fileSchema = z.strictObject({
  name: z.string(),
  /** SHA-256 of the file as it lies there, hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number().int().min(0),
});

const segmentSchema = fileSchema.extend({
  /** Leaf of the first commit. */
  firstIndex: z.number().int().min(0),
  commits: z.number().int().min(1),
});

export const manifestSchema = z.strictObject({
  format: z.literal('evenkeel archive/v1'),
  /** From 1 without gaps. */
  number: z.number().int().min(1),
  /** SHA-256 of the manifest before it, hex; empty for the first. */
  previous: z.string(),
  origin: z.string(),
  keys: z.array(z.string()),
  rotations: z.array(z.string()),
  /** Leaves `from` … `to − 1` are in the segments. */
  from: z.number().int().min(0),
  to: z.number().int().min(1),
  segments: z.array(segmentSchema),
  /** Checkpoint records and cosigned checkpoints that the manifests before did not have. */
  checkpoints: fileSchema,
  /** The signed checkpoint of size `to`, with the cosignatures there are. */
  checkpoint: z.string(),
});

export type ArchiveManifest = z.infer<typeof manifestSchema>;
export type ArchiveSegment = z.infer<typeof segmentSchema>;

export const sha256Hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const pad = (value: number, width: number): string => String(value).padStart(width, '0');
export const manifestName = (number: number): string => `manifests/${pad(number, 8)}.json`;
export const segmentName = (firstIndex: number, commits: number): string =>
  `segments/${pad(firstIndex, 12)}-${pad(firstIndex + commits - 1, 12)}.jsonl.gz`;
export const checkpointsName = (number: number): string => `checkpoints/${pad(number, 8)}.json.gz`;

/** Commits as lines of canonical JSON, compressed. */
export function encodeSegment(commits: readonly ArchivedCommit[]): Uint8Array {
  const lines = commits.map(
    ({ epoch, seq, bytes }) =>
      `${canonicalJson({ epoch, seq, bytes: Buffer.from(bytes).toString('base64') })}\n`,
  );
  return gzipSync(lines.join(''), { level: 6 });
}

/** No manifest is larger, and no file of one that we wrote unpacks to more, or to more than so many times its size. */
export const MANIFEST_MAX_BYTES = 64 * 1024 * 1024;
const UNPACKED_MAX_BYTES = 512 * 1024 * 1024 - 1024;
const UNPACKED_MAX_RATIO = 200;

/** Unpacks a file of an archive. Throws a `RangeError` beyond what one of ours could hold. */
export function unpacked(bytes: Uint8Array): Buffer {
  const most = Math.min(UNPACKED_MAX_BYTES, Math.max(1024 * 1024, bytes.length * UNPACKED_MAX_RATIO));
  return gunzipSync(bytes, { maxOutputLength: most });
}

const lineSchema = z.strictObject({ epoch: z.string(), seq: z.number().int().min(1), bytes: z.string() });

/** The commits of a segment; `undefined` for bytes that are none. */
export function decodeSegment(bytes: Uint8Array): readonly ArchivedCommit[] | undefined {
  try {
    const lines = unpacked(bytes).toString('utf8').split('\n');
    if (lines.pop() !== '') return undefined;
    return lines.map((line) => {
      const { epoch, seq, bytes: text } = lineSchema.parse(JSON.parse(line));
      return { epoch, seq, bytes: Buffer.from(text, 'base64') };
    });
  } catch {
    return undefined;
  }
}

export const encodeJson = (value: Json): Uint8Array => Buffer.from(`${canonicalJson(value)}\n`, 'utf8');
