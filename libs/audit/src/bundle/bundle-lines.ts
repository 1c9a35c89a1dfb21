/** The lines of an evidence bundle, as FORMAT.md describes them. Each is one line of canonical JSON. */
export const BUNDLE_FORMAT = 'evenkeel-evidence/v1';

/** Where a commit stands in the journal. */
export interface JournalPlace {
  readonly epoch: string;
  readonly seq: number;
}

export interface HeaderLine {
  readonly kind: 'header';
  readonly format: typeof BUNDLE_FORMAT;
  /** Origin of the log, as in its checkpoints. */
  readonly origin: string;
  /** The decisions this bundle is about. */
  readonly subjects: readonly JournalPlace[];
  /** What else was asked for: inputs of a re-execution, orders and fills that followed. */
  readonly related: readonly JournalPlace[];
  /** What was asked for against what was held, in words, where more was asked; descriptive like the next two. */
  readonly partial?: string;
  /** ISO 8601, and the software that wrote the file; descriptive, vouched for by nobody. */
  readonly exportedAt: string;
  readonly exporter: string;
  readonly counts: {
    readonly commits: number;
    readonly boundaries: number;
    readonly rotations: number;
    readonly attachments: number;
  };
}

/** A key-rotation note; in order, they lead from the log's first keys to those of the checkpoint. */
export interface RotationLine {
  readonly kind: 'rotation';
  readonly note: string;
}

/** The checkpoint every inclusion proof leads to, with its cosignatures. */
export interface CheckpointLine {
  readonly kind: 'checkpoint';
  readonly note: string;
}

/** Which software and rules the commits of this bundle name. Derived from them, and checked against them. */
export interface SoftwareLine {
  readonly kind: 'software';
  readonly kernels: readonly string[];
  readonly policies: readonly string[];
  readonly limits: readonly string[];
  /** `service version gitSha`. */
  readonly producers: readonly string[];
}

export interface CommitLine extends JournalPlace {
  readonly kind: 'commit';
  /** Leaf index in the tree. */
  readonly index: number;
  /** The published bytes, base64. */
  readonly bytes: string;
  /** Inclusion proof, base64, the leaf's sibling first. */
  readonly proof: readonly string[];
}

/** Something a commit of the bundle refers to that was left out on purpose. */
export type BoundaryLine =
  | {
      readonly kind: 'boundary';
      readonly what: 'previous';
      readonly epoch: string;
      readonly aggregate: string;
      readonly version: number;
      readonly hash: string;
    }
  | {
      readonly kind: 'boundary';
      readonly what: 'cause';
      readonly epoch: string;
      readonly seq: number;
      readonly commitId: string;
    };

/** Bytes that a commit names by their SHA-256, such as the pricing kernel. */
export interface AttachmentLine {
  readonly kind: 'attachment';
  readonly name: string;
  readonly bytes: string;
}

/** SHA-256 of every byte before this line, and how many lines those are. */
export interface SealLine {
  readonly kind: 'seal';
  readonly lines: number;
  readonly sha256: string;
}

export type BundleLine =
  | HeaderLine
  | RotationLine
  | CheckpointLine
  | SoftwareLine
  | CommitLine
  | BoundaryLine
  | AttachmentLine
  | SealLine;

/** The order in which the kinds stand in the file. */
export const LINE_ORDER: readonly BundleLine['kind'][] = [
  'header',
  'rotation',
  'checkpoint',
  'software',
  'commit',
  'boundary',
  'attachment',
  'seal',
];
