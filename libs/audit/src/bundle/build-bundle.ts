import { canonicalJson, sha256, toHex, utf8 } from '@evenkeel/kernel';
import { toBase64 } from '../encoding/base64';
import type { Hash } from '../merkle/hasher';
import { BUNDLE_FORMAT } from './bundle-lines';
import type { BundleLine, JournalPlace } from './bundle-lines';
import { boundariesOf, softwareOf } from './references';
import type { BundleCommit } from './references';

export interface BundleContents {
  readonly origin: string;
  readonly subjects: readonly JournalPlace[];
  readonly related?: readonly JournalPlace[];
  /** The closure, in leaf order. */
  readonly commits: readonly BundleCommit[];
  /** Inclusion proof of a leaf in the tree of the checkpoint. */
  readonly proofOf: (index: number) => readonly Hash[];
  /** Signed checkpoint note, with cosignatures. */
  readonly checkpoint: string;
  readonly rotations?: readonly string[];
  readonly attachments?: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  /** What was asked for against what was held, where more was asked. */
  readonly partial?: string;
  /** ISO 8601. */
  readonly exportedAt: string;
  /** Name and version of the exporting software. */
  readonly exporter: string;
}

/** The bytes of an evidence bundle: the same contents give the same bytes. */
export function buildBundle(contents: BundleContents): Uint8Array {
  const { commits, origin } = contents;
  const boundaries = boundariesOf(commits);
  const rotations = contents.rotations ?? [];
  const attachments = contents.attachments ?? [];
  const places = (list: readonly JournalPlace[]): readonly JournalPlace[] =>
    list.map(({ epoch, seq }) => ({ epoch, seq }));
  const lines: BundleLine[] = [
    {
      kind: 'header',
      format: BUNDLE_FORMAT,
      origin,
      subjects: places(contents.subjects),
      related: places(contents.related ?? []),
      ...(contents.partial === undefined ? {} : { partial: contents.partial }),
      exportedAt: contents.exportedAt,
      exporter: contents.exporter,
      counts: {
        commits: commits.length,
        boundaries: boundaries.length,
        rotations: rotations.length,
        attachments: attachments.length,
      },
    },
    ...rotations.map((note) => ({ kind: 'rotation', note }) as const),
    { kind: 'checkpoint', note: contents.checkpoint },
    softwareOf(commits),
    ...commits.map(
      (commit) =>
        ({
          kind: 'commit',
          epoch: commit.epoch,
          seq: commit.seq,
          index: commit.index,
          bytes: toBase64(commit.bytes),
          proof: contents.proofOf(commit.index).map(toBase64),
        }) as const,
    ),
    ...boundaries,
    ...attachments.map(({ name, bytes }) => ({ kind: 'attachment', name, bytes: toBase64(bytes) }) as const),
  ];
  return sealLines(lines);
}

/** Writes lines and closes them with their seal. */
export function sealLines(lines: readonly BundleLine[]): Uint8Array {
  const body = utf8(lines.map((line) => `${lineText(line)}\n`).join(''));
  const seal = utf8(`${lineText({ kind: 'seal', lines: lines.length, sha256: toHex(sha256(body)) })}\n`);
  const bytes = new Uint8Array(body.length + seal.length);
  bytes.set(body);
  bytes.set(seal, body.length);
  return bytes;
}

function lineText(line: BundleLine): string {
  return canonicalJson({ ...line });
}
