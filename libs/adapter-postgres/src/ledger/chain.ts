import { sameBytes, toHex } from '@evenkeel/kernel';
import type { LedgerFaultCode } from './faults';
import type { LedgerCommit } from './ledger-commit';

/** Where an aggregate stands: the version and hash of its newest commit. */
export interface ChainHead {
  readonly version: number;
  readonly hash: Uint8Array;
}

export interface ChainProblem {
  readonly code: LedgerFaultCode;
  readonly message: string;
}

/**
 * Checks that commits follow one another: sequences without a gap, versions without a gap per aggregate, each
 * `prevHash` the hash of the aggregate's previous commit, no commit id twice. Pure; the writer and the verifier
 * share it.
 */
export class ChainChecker {
  private readonly heads = new Map<string, ChainHead>();

  constructor(private lastSeq: number) {}

  get seq(): number {
    return this.lastSeq;
  }

  knows(aggregate: string): boolean {
    return this.heads.has(aggregate);
  }

  /** Tells where an aggregate stood before the first commit to be checked; `undefined` for one that does not exist yet. */
  learn(aggregate: string, head: ChainHead | undefined): void {
    this.heads.set(aggregate, head ?? NOTHING_YET);
  }

  /** Version of the aggregate's newest commit; 0 for none. */
  versionOf(aggregate: string): number {
    return this.heads.get(aggregate)?.version ?? 0;
  }

  get size(): number {
    return this.heads.size;
  }

  /** A message that counts for nothing has its place all the same. */
  pass({ seq }: { readonly seq: number }): ChainProblem | undefined {
    const follows = seq === this.lastSeq + 1;
    const message = `it follows sequence ${this.lastSeq}`;
    this.lastSeq = seq;
    return follows ? undefined : { code: 'LEDGER.SEQUENCE_GAP', message };
  }

  /** Every problem of this commit against what came before; afterwards it counts as seen. */
  check(commit: LedgerCommit): readonly ChainProblem[] {
    const problems: ChainProblem[] = [];
    if (commit.seq !== this.lastSeq + 1) {
      problems.push({ code: 'LEDGER.SEQUENCE_GAP', message: `it follows sequence ${this.lastSeq}` });
    }
    const { fromVersion, toVersion, prevHash, events } = commit.commit;
    const head = this.heads.get(commit.aggregate) ?? NOTHING_YET;
    if (fromVersion !== head.version + 1 || toVersion !== head.version + events.length) {
      problems.push({
        code: 'LEDGER.VERSION_GAP',
        message: `${commit.aggregate} is at version ${head.version}, but this holds versions ${fromVersion} to ${toVersion} in ${events.length} events`,
      });
    }
    if (!sameBytes(prevHash, head.hash)) {
      problems.push({
        code: 'LEDGER.PREV_HASH_BROKEN',
        message: `it follows ${shown(prevHash)}, but the newest commit of ${commit.aggregate} is ${shown(head.hash)}`,
      });
    }
    this.lastSeq = commit.seq;
    this.heads.set(commit.aggregate, { version: toVersion, hash: commit.hash });
    return problems;
  }
}

const NOTHING_YET: ChainHead = { version: 0, hash: new Uint8Array(0) };

function shown(hash: Uint8Array): string {
  return hash.length === 0 ? 'nothing' : `${toHex(hash).slice(0, 16)}…`;
}
