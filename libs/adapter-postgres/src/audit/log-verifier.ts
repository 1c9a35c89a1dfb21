import { ChainVerifier } from '@evenkeel/audit';
import type { ChainOptions, ChainPosition, Defect, EnvelopeView } from '@evenkeel/audit';
import { decodeWhole } from '@evenkeel/contracts';
import { aggregateKey } from '@evenkeel/eventing';
import type { Commit } from '@evenkeel/eventing';
import { required } from '@evenkeel/kernel';
import type { Quarantine } from '@evenkeel/engine';
import { leafOf } from '../ledger/leaf';
import { isDecodedOf } from '../ledger/ledger-commit';
import type { LedgerCommit } from '../ledger/ledger-commit';
import { passedId, passedJson } from '../ledger/passed-over';
import { sameJson } from '../ledger/same-json';
import { nativeSha256 } from '../ledger/native-hash';
import type { CommitLogRow } from '../ledger/read-log';
import type { FindingList } from '@evenkeel/verification';

const DEFECTS_KEPT = 10_000;

/** Judges the rows of `commit_log` one after the other: the chain by libs/audit, `decoded` against the bytes here. */
export class LogVerifier {
  private chain: ChainVerifier | undefined;
  private epoch: string | undefined;
  private lastSeq = 0;
  private unreadable = 0;
  private decodedCommit: Commit | undefined;
  private aggregate = '';

  constructor(
    private readonly findings: FindingList,
    from?: { readonly epoch: string; readonly seq: number; readonly chain: ChainPosition },
  ) {
    if (from === undefined) return;
    this.epoch = from.epoch;
    this.lastSeq = from.seq;
    this.chain = required(ChainVerifier.resume(this.chainOptions(), from.chain), 'a recorded position');
  }

  private chainOptions(): ChainOptions {
    return {
      decode: (bytes) => this.decode(bytes),
      journalOf: (epoch) => `EK_JOURNAL_${epoch}`,
      sha256: nativeSha256,
      leafHash: leafOf,
      withoutTree: true,
      defectsMax: DEFECTS_KEPT,
    };
  }

  /** Enough to go on later; `undefined` before the first row. */
  position(): ChainPosition | undefined {
    return this.chain?.positionRecord();
  }

  /** Rows whose hash is right and which this build cannot read. */
  get unreadableRows(): number {
    return this.unreadable;
  }

  /** Sequence of the last row of the current epoch. */
  get seq(): number {
    return this.lastSeq;
  }

  /** A row with a message that counts for nothing. */
  pushPassed(row: CommitLogRow, quarantine: Quarantine): void {
    this.judge(row, true);
    const asItShould =
      row.commitId === passedId(row) &&
      row.version === 1 &&
      row.prevHash.length === 0 &&
      sameJson(passedJson(quarantine), JSON.parse(row.decoded));
    if (asItShould) return;
    const message = `Sequence ${row.seq}: the row of a quarantined message says more than that.`;
    this.findings.add({ epoch: row.epoch, seq: row.seq, code: 'LEDGER.DECODED_DIFFERS', message });
  }

  /** The commit when the row is what it claims; `undefined` when it is not, or cannot be read. */
  push(row: CommitLogRow): LedgerCommit | undefined {
    const defects = this.judge(row, false);
    const commit: Commit | undefined = this.decodedCommit;
    const altered = defects.some(({ code }) => code === 'AUDIT.HASH_MISMATCH');
    if (commit === undefined) {
      if (!altered) this.unreadable += 1;
      return undefined;
    }
    this.compareDecoded(row, commit);
    if (altered || commit.epoch !== row.epoch) return undefined;
    const { epoch, seq, bytes, hash, leafHash } = row;
    return { epoch, seq, aggregate: this.aggregate, commit, bytes, hash, leafHash };
  }

  private judge(row: CommitLogRow, passedOver: boolean): readonly Defect[] {
    if (this.chain === undefined || row.epoch !== this.epoch) {
      this.epoch = row.epoch;
      this.chain = new ChainVerifier(this.chainOptions());
    }
    this.lastSeq = row.seq;
    this.decodedCommit = undefined;
    const defects = this.chain.push(row, passedOver);
    for (const defect of defects) {
      this.findings.add({
        epoch: row.epoch,
        seq: defect.seq ?? row.seq,
        code: defect.code,
        message: defect.message,
      });
    }
    return defects;
  }

  private decode(bytes: Uint8Array): EnvelopeView {
    const commit = decodeWhole(bytes);
    this.decodedCommit = commit;
    const { causation, config, events } = commit;
    this.aggregate = aggregateKey(commit.aggregate);
    return {
      commitId: commit.commitId,
      epoch: commit.epoch,
      aggregate: this.aggregate,
      fromVersion: commit.fromVersion,
      toVersion: commit.toVersion,
      prevHash: commit.prevHash,
      causation: { ...causation, seq: Number(causation.seq) },
      correlationId: commit.correlationId,
      producer: commit.producer,
      policyHash: config.policyHash,
      limitsVersion: config.limitsVersion,
      eventTypes: events.map(({ event }) => event.type),
    };
  }

  private compareDecoded(row: CommitLogRow, commit: Commit): void {
    if (isDecodedOf(row.decoded, commit)) return;
    const message = `Sequence ${row.seq}: the decoded column is not what the bytes say.`;
    this.findings.add({ epoch: row.epoch, seq: row.seq, code: 'LEDGER.DECODED_DIFFERS', message });
  }
}
