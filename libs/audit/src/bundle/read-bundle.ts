import { canonicalJson, failure, sha256, success, toHex } from '@evenkeel/kernel';
import type { Json, Result } from '@evenkeel/kernel';
import { textOf } from '../encoding/utf8-text';
import { BUNDLE_FORMAT, LINE_ORDER } from './bundle-lines';
import type {
  AttachmentLine,
  BoundaryLine,
  BundleLine,
  CheckpointLine,
  CommitLine,
  HeaderLine,
  RotationLine,
  SealLine,
  SoftwareLine,
} from './bundle-lines';

/** A bundle whose form is right; nothing in it is believed yet. */
export interface ReadBundle {
  /** Whether the bytes before the seal are those that were sealed. */
  readonly sealIntact: boolean;
  readonly header: HeaderLine;
  readonly rotations: readonly RotationLine[];
  readonly checkpoint: CheckpointLine;
  readonly software: SoftwareLine;
  readonly commits: readonly CommitLine[];
  readonly boundaries: readonly BoundaryLine[];
  readonly attachments: readonly AttachmentLine[];
}

/**
 * Reads the bytes of a bundle. Every line must be exactly the canonical JSON of a known kind, in the fixed order; the
 * seal is compared with the bytes before it, and a broken one is told so that the parts can still be judged one by
 * one. Fails with `AUDIT.BUNDLE_UNREADABLE`, naming the line.
 */
export function readBundle(bytes: Uint8Array): Result<ReadBundle> {
  const text = textOf(bytes);
  if (text === undefined) return unreadable(0, 'it is not UTF-8 text');
  const texts = text.split('\n');
  if (texts.pop() !== '') return unreadable(texts.length + 1, 'the last line does not end: the file is cut');
  const lines: BundleLine[] = [];
  for (const [at, lineText] of texts.entries()) {
    const line = readLine(lineText);
    if (typeof line === 'string') return unreadable(at + 1, line);
    const last = lines[lines.length - 1];
    if (LINE_ORDER.indexOf(line.kind) < LINE_ORDER.indexOf(last?.kind ?? 'header')) {
      return unreadable(at + 1, `a ${line.kind} line after a ${last?.kind ?? ''} line`);
    }
    lines.push(line);
  }
  const seal = lines.pop();
  if (seal?.kind !== 'seal') return unreadable(texts.length, 'there is no seal at the end: the file is cut');
  const sealText = texts[texts.length - 1] ?? '';
  const body = bytes.subarray(0, bytes.length - sealText.length - 1);
  return sortLines(lines, seal.lines === lines.length && seal.sha256 === toHex(sha256(body)));
}

const BEGINNING_BYTES = 262_144;
const MARKS = new RegExp(`"format":"evenkeel-evidence/|"kind":"(${LINE_ORDER.join('|')})"`);

/** Whether bytes that cannot be read as a bundle were one once: cut, a line short, or damaged, but recognisable. */
export function looksLikeBundle(bytes: Uint8Array): boolean {
  let beginning = '';
  for (const byte of bytes.subarray(0, BEGINNING_BYTES)) beginning += String.fromCharCode(byte);
  return MARKS.test(beginning);
}

function sortLines(lines: readonly BundleLine[], sealIntact: boolean): Result<ReadBundle> {
  const of = <K extends BundleLine['kind']>(kind: K): Extract<BundleLine, { kind: K }>[] =>
    lines.filter((line): line is Extract<BundleLine, { kind: K }> => line.kind === kind);
  const [header, ...headers] = of('header');
  const [checkpoint, ...checkpoints] = of('checkpoint');
  const [software, ...softwares] = of('software');
  if (header === undefined || headers.length > 0) return unreadable(1, 'there is not exactly one header');
  if (checkpoint === undefined || checkpoints.length > 0)
    return unreadable(2, 'there is not exactly one checkpoint');
  if (software === undefined || softwares.length > 0)
    return unreadable(3, 'there is not exactly one software line');
  const bundle = {
    sealIntact,
    header,
    checkpoint,
    software,
    rotations: of('rotation'),
    commits: of('commit'),
    boundaries: of('boundary'),
    attachments: of('attachment'),
  };
  const { counts } = header;
  if (
    of('seal').length > 0 ||
    counts.commits !== bundle.commits.length ||
    counts.boundaries !== bundle.boundaries.length ||
    counts.rotations !== bundle.rotations.length ||
    counts.attachments !== bundle.attachments.length
  ) {
    return unreadable(1, 'the counts of the header are not those of the file');
  }
  return success(bundle);
}

function unreadable(line: number, why: string): Result<never> {
  return failure('AUDIT.BUNDLE_UNREADABLE', `Line ${line} of the bundle: ${why}.`, `line ${line}`);
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isHash: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isCount: Check = (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isOne =
  (...allowed: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && allowed.includes(value);
const isList =
  (item: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(item);

/** Exactly these fields, each of its kind. */
const isRecord =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const entries = Object.entries(value);
    return (
      entries.length === Object.keys(fields).length &&
      entries.every(([name, entry]) => Object.hasOwn(fields, name) && fields[name]?.(entry) === true)
    );
  };

const isPlace = isRecord({ epoch: isText, seq: isCount });

const HEADER = {
  kind: isOne('header'),
  format: isOne(BUNDLE_FORMAT),
  origin: isText,
  subjects: isList(isPlace),
  related: isList(isPlace),
  exportedAt: isText,
  exporter: isText,
  counts: isRecord({ commits: isCount, boundaries: isCount, rotations: isCount, attachments: isCount }),
};

const SHAPES: readonly Check[] = [
  isRecord(HEADER),
  isRecord({ ...HEADER, partial: isText }),
  isRecord({ kind: isOne('rotation', 'checkpoint'), note: isText }),
  isRecord({
    kind: isOne('software'),
    kernels: isList(isText),
    policies: isList(isText),
    limits: isList(isText),
    producers: isList(isText),
  }),
  isRecord({
    kind: isOne('commit'),
    epoch: isText,
    seq: isCount,
    index: isCount,
    bytes: isText,
    proof: isList(isText),
  }),
  isRecord({
    kind: isOne('boundary'),
    what: isOne('previous'),
    epoch: isText,
    aggregate: isText,
    version: isCount,
    hash: isHash,
  }),
  isRecord({ kind: isOne('boundary'), what: isOne('cause'), epoch: isText, seq: isCount, commitId: isText }),
  isRecord({ kind: isOne('attachment'), name: isText, bytes: isText }),
  isRecord({ kind: isOne('seal'), lines: isCount, sha256: isHash }),
];

/** The line, or what is wrong with it. */
function readLine(text: string): BundleLine | SealLine | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  if (!SHAPES.some((shape) => shape(value))) return 'it is not a line of this format';
  // A shape above vouches for the fields; canonical form vouches for every byte (order, spaces, doubled keys, escapes).
  if (canonicalJson(value as Json) !== text) return 'it is not in canonical form';
  return value as BundleLine;
}
