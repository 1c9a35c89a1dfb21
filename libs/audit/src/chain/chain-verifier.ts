import { fromHex, required, sameBytes, sha256, toHex } from '@evenkeel/kernel';
import { MerkleFrontier } from '../merkle/frontier';
import type { FrontierRecord } from '../merkle/frontier';
import { createMerkleHasher } from '../merkle/hasher';
import type { Hash, MerkleHasher, Sha256 } from '../merkle/hasher';
import { leafHashOf } from '../merkle/leaf';
import type { TreeHead } from '../merkle/consistency';
import { CommitIdIndex } from './commit-id-index';
import type { Defect, DefectCode } from './defect';
import { tryDecode } from './envelope-view';
import type { DecodeEnvelope, EnvelopeView } from './envelope-view';

/** One row of `commit_log`, as stored. */
export interface ChainRow {
  readonly epoch: string;
  readonly seq: number;
  readonly commitId: string;
  /** `context/type/id`. */
  readonly aggregate: string;
  /** The aggregate's version after the commit. */
  readonly version: number;
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
  readonly prevHash: Uint8Array;
  readonly leafHash: Uint8Array;
}

export interface ChainOptions {
  readonly decode: DecodeEnvelope;
  /** Heads the rows must reproduce (from verified checkpoints), by ascending size. */
  readonly heads?: readonly TreeHead[];
  /** The journal stream of an epoch, so that causes inside it are checked; others are not. */
  readonly journalOf?: (epoch: string) => string;
  /** A native SHA-256 where there is one. */
  readonly sha256?: Sha256;
  /** The leaf of a commit, where a host makes it in one native call: what `leafHashOf` gives. */
  readonly leafHash?: (epoch: string, seq: number, commitHash: Uint8Array) => Hash;
  /** The tree over the rows is built by somebody else: two of them were a seventh of verifying a ledger. */
  readonly withoutTree?: true;
  /** Defects kept in the report; all are counted. Default 1000. */
  readonly defectsMax?: number;
}

/** Where a verification stands; enough to go on later, apart from ids seen before (a repeated id is then missed). */
export interface ChainPosition {
  readonly epoch: string | undefined;
  readonly seq: number;
  readonly frontier: FrontierRecord;
  readonly aggregates: readonly (readonly [aggregate: string, version: number, hash: string])[];
}

export interface ChainReport {
  readonly rows: number;
  readonly root: Hash;
  readonly headsAgreed: number;
  readonly defects: readonly Defect[];
  /** All found, also those beyond what is kept. */
  readonly defectCount: number;
}

interface AggregateHead {
  readonly version: number;
  readonly hash: Uint8Array;
}

/**
 * Checks a commit log row by row in ledger order: sequence contiguity, version chain, prevHash chain, every hash,
 * repeated commits, causes that come before their effects, and the tree heads on the way. It goes on after a defect,
 * taking the row at its word for what follows, so that one change is named once and a second one is not hidden.
 * In every epoch sequences, versions and hash chains start anew; the tree and the commit ids run through all of them.
 */
export class ChainVerifier {
  private readonly hash: Sha256;
  private readonly hasher: MerkleHasher;
  private readonly leafHash: Required<ChainOptions>['leafHash'];
  private readonly heads: readonly TreeHead[];
  private readonly aggregates = new Map<string, AggregateHead>();
  private readonly ids = new CommitIdIndex();
  private readonly finishedEpochs = new Set<string>();
  private readonly found: Defect[] = [];
  private foundCount = 0;
  private frontier: MerkleFrontier;
  private epoch: string | undefined;
  private seq = 0;
  /** Position of the current epoch's sequence 1 in the id index. */
  private epochStart = 0;
  private position = 0;
  private nextHead = 0;
  private agreedSize = 0;

  constructor(private readonly options: ChainOptions) {
    this.hash = options.sha256 ?? sha256;
    this.hasher = createMerkleHasher(this.hash);
    this.leafHash =
      options.leafHash ??
      ((epoch, seq, commitHash) => leafHashOf({ epoch, seq, commitHash: toHex(commitHash) }, this.hasher));
    this.frontier = new MerkleFrontier(this.hasher);
    this.heads = [...(options.heads ?? [])].filter((head) => head.size > 0).sort((a, b) => a.size - b.size);
  }

  /**
   * Judges the next row; the defects it brought to light. `passedOver`: it holds a message that counts for nothing, and has its
   * place, its hash and its leaf like every other.
   */
  push(row: ChainRow, passedOver = false): readonly Defect[] {
    const before = this.found.length;
    this.checkSequence(row);
    const hash = this.hash(row.bytes);
    if (!sameBytes(hash, row.hash))
      this.defect('AUDIT.HASH_MISMATCH', row, 'the bytes do not have the hash the row says');
    const leafHash = this.leafHash(row.epoch, row.seq, hash);
    if (!sameBytes(leafHash, row.leafHash)) {
      this.defect(
        'AUDIT.LEAF_HASH_MISMATCH',
        row,
        'the leaf hash is not that of this epoch, sequence and commit',
      );
    }
    if (passedOver) {
      this.endRow(row, leafHash);
      return this.found.slice(before);
    }
    const envelope = tryDecode(this.options.decode, row.bytes);
    if (typeof envelope === 'string') {
      this.defect('AUDIT.COMMIT_UNDECODABLE', row, envelope);
      this.aggregates.set(row.aggregate, { version: row.version, hash: row.hash });
    } else this.checkEnvelope(row, envelope);
    this.endRow(row, leafHash);
    return this.found.slice(before);
  }

  private endRow(row: ChainRow, leafHash: Hash): void {
    const earlier = this.ids.add(row.commitId);
    if (earlier !== undefined) {
      this.defect(
        'AUDIT.COMMIT_REPEATED',
        row,
        `commit ${row.commitId} stands already at position ${earlier + 1}`,
      );
    }
    this.position += 1;
    if (this.options.withoutTree === true) return;
    this.frontier.append(leafHash);
    this.checkHeads(row);
  }

  private checkSequence(row: ChainRow): void {
    if (row.epoch !== this.epoch) {
      if (this.finishedEpochs.has(row.epoch)) {
        this.defect('AUDIT.EPOCH_RETURNED', row, `epoch ${row.epoch} had ended before`);
      }
      if (this.epoch !== undefined) this.finishedEpochs.add(this.epoch);
      this.epoch = row.epoch;
      this.seq = 0;
      this.aggregates.clear();
      this.epochStart = this.position;
    }
    const expected = this.seq + 1;
    if (row.seq > expected) {
      const missing = row.seq - 1 === expected ? `${expected} is` : `${expected} to ${row.seq - 1} are`;
      this.defect(
        'AUDIT.SEQUENCE_GAP',
        { ...row, seq: expected },
        `sequence ${missing} missing`,
        row.seq - 1,
      );
    } else if (row.seq === this.seq) {
      this.defect('AUDIT.SEQUENCE_REPEATED', row, 'the sequence stands there twice');
    } else if (row.seq < this.seq) {
      this.defect('AUDIT.SEQUENCE_BACKWARDS', row, `the sequence comes after ${this.seq}`);
    }
    this.seq = row.seq;
  }

  private checkEnvelope(row: ChainRow, envelope: EnvelopeView): void {
    const wrong = (code: DefectCode, message: string): void => this.defect(code, row, message);
    if (envelope.epoch !== row.epoch)
      wrong('AUDIT.EPOCH_MISMATCH', `the commit is of epoch ${envelope.epoch}`);
    if (envelope.commitId !== row.commitId)
      wrong('AUDIT.COMMIT_ID_MISMATCH', `the commit is ${envelope.commitId}`);
    if (envelope.aggregate !== row.aggregate) {
      wrong(
        'AUDIT.AGGREGATE_MISMATCH',
        `the commit is of ${envelope.aggregate}, the row of ${row.aggregate}`,
      );
    }
    if (envelope.toVersion !== row.version) {
      wrong(
        'AUDIT.VERSION_MISMATCH',
        `the commit ends at version ${envelope.toVersion}, the row says ${row.version}`,
      );
    }
    if (!sameBytes(envelope.prevHash, row.prevHash)) {
      wrong('AUDIT.PREV_HASH_MISMATCH', 'the row and the commit name different predecessors');
    }
    const last = this.aggregates.get(envelope.aggregate);
    const expected = (last?.version ?? 0) + 1;
    if (envelope.fromVersion !== expected || envelope.toVersion < envelope.fromVersion) {
      wrong(
        'AUDIT.VERSION_BROKEN',
        `${envelope.aggregate} continues at version ${envelope.fromVersion}; ${expected} was next`,
      );
    }
    if (!sameBytes(envelope.prevHash, last?.hash ?? new Uint8Array(0))) {
      wrong('AUDIT.PREV_HASH_BROKEN', `the commit does not follow the last commit of ${envelope.aggregate}`);
    }
    // The stored hash: if the bytes do not have it, that is named above and need not be named again at the successor.
    this.aggregates.set(envelope.aggregate, { version: envelope.toVersion, hash: row.hash });
    this.checkCause(row, envelope);
  }

  private checkCause(row: ChainRow, envelope: EnvelopeView): void {
    const { stream, seq, commitId } = envelope.causation;
    if (seq === 0 || this.options.journalOf === undefined || stream !== this.options.journalOf(row.epoch))
      return;
    if (seq >= row.seq) {
      this.defect('AUDIT.CAUSE_NOT_BEFORE', row, `its cause is sequence ${seq}, which is not before it`);
    } else if (!this.ids.isAt(this.epochStart + seq - 1, commitId) && !this.resumedBefore(seq)) {
      this.defect(
        'AUDIT.CAUSE_MISMATCH',
        row,
        `sequence ${seq} is not the commit ${commitId} it names as its cause`,
      );
    }
  }

  /** After a resume the ids of earlier rows are not known. */
  private resumedBefore(seq: number): boolean {
    return this.epochStart + seq - 1 < 0;
  }

  private checkHeads(row: ChainRow): void {
    for (
      let head = this.heads[this.nextHead];
      head?.size === this.frontier.size;
      head = this.heads[this.nextHead]
    ) {
      this.nextHead += 1;
      if (sameBytes(head.root, this.frontier.root())) {
        this.agreedSize = head.size;
        continue;
      }
      const from = Math.max(1, row.seq - (head.size - this.agreedSize) + 1);
      this.defect(
        'AUDIT.ROOT_MISMATCH',
        { ...row, seq: from },
        `the rows up to ${row.seq} do not give the signed root of size ${head.size}; size ${this.agreedSize} agreed`,
        row.seq,
      );
    }
  }

  private defect(
    code: DefectCode,
    row: { epoch: string; seq: number },
    message: string,
    untilSeq?: number,
  ): void {
    this.foundCount += 1;
    if (this.found.length >= (this.options.defectsMax ?? 1000)) return;
    const until = untilSeq === undefined || untilSeq === row.seq ? {} : { untilSeq };
    this.found.push({
      code,
      epoch: row.epoch,
      seq: row.seq,
      ...until,
      message: `Sequence ${row.seq}: ${message}.`,
    });
  }

  /** The result so far; heads beyond the last row are rows that are missing. */
  finish(): ChainReport {
    const beyond = this.heads.filter((head) => head.size > this.frontier.size).pop();
    const defects = [...this.found];
    if (beyond !== undefined) {
      defects.push({
        code: 'AUDIT.ROWS_MISSING',
        ...(this.epoch === undefined ? {} : { epoch: this.epoch }),
        seq: this.seq + 1,
        untilSeq: this.seq + beyond.size - this.frontier.size,
        message: `Sequence ${this.seq + 1}: ${beyond.size} commits are signed for and ${this.frontier.size} are there.`,
      });
    }
    return {
      rows: this.frontier.size,
      root: this.frontier.root(),
      headsAgreed: this.heads.filter((head) => head.size <= this.agreedSize).length,
      defects,
      defectCount: this.foundCount + (beyond === undefined ? 0 : 1),
    };
  }

  positionRecord(): ChainPosition {
    const aggregates = [...this.aggregates].map(
      ([aggregate, head]) => [aggregate, head.version, toHex(head.hash)] as const,
    );
    return { epoch: this.epoch, seq: this.seq, frontier: this.frontier.record(), aggregates };
  }

  /** Goes on from a recorded position; `undefined` when the record is not one. */
  static resume(options: ChainOptions, from: ChainPosition): ChainVerifier | undefined {
    const verifier = new ChainVerifier(options);
    const frontier = MerkleFrontier.restore(from.frontier, verifier.hasher);
    if (frontier === undefined) return undefined;
    verifier.frontier = frontier;
    verifier.epoch = from.epoch;
    verifier.seq = from.seq;
    verifier.epochStart = -from.seq;
    verifier.agreedSize = from.frontier.size;
    verifier.nextHead = verifier.heads.findIndex((head) => head.size > frontier.size);
    if (verifier.nextHead < 0) verifier.nextHead = verifier.heads.length;
    for (const [aggregate, version, hash] of from.aggregates) {
      verifier.aggregates.set(aggregate, {
        version,
        hash: required(fromHex(hash), 'a hash in a recorded position'),
      });
    }
    return verifier;
  }
}
