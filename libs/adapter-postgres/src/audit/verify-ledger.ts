import type { FrontierRecord } from '@evenkeel/audit';
import type { ClientBase, Pool } from 'pg';
import { EvenkeelError } from '@evenkeel/kernel';
import { detachedTree, readDetachedEpochs } from '../ledger/detached-epochs';
import { LedgerFault } from '../ledger/faults';
import type { LedgerCommit } from '../ledger/ledger-commit';
import { readCheckpoints, readLog } from '../ledger/read-log';
import type { EntriesOf } from '../read/projector';
import { createComparedSchema, firstDifference, tableContents } from '../read/read-schema';
import { Replay } from '../read/replay';
import { COMPARED_AS_BYTES, ComparedRows } from '../read/compared-rows';
import { READ_TABLE_LIST, READ_VERSION } from '../read/tables';
import { FindingList } from '@evenkeel/verification';
import type { Auditor, VerificationReport, VerifyRequest } from '@evenkeel/verification';
import { AuthorVerifier } from './author-verifier';
import { isPassedOver } from '../ledger/passed-over';
import { LogVerifier } from './log-verifier';
import { QuarantineVerifier } from './quarantine-verifier';
import { TreeVerifier } from './tree-verifier';

export interface VerifyOptions extends VerifyRequest {
  readonly entriesOf?: EntriesOf;
}

const POSITION_EVERY = 20_000;
const FRESH = `${READ_VERSION}_verify`;

/**
 * Verifies a ledger against itself: sequence and version contiguity, hash chain, stored hashes against bytes, `decoded`
 * against bytes, the checkpoint, re-execution of every decision, and the read models against the log. Works on one
 * consistent view while a writer goes on, and leaves nothing behind. Never throws for what it finds.
 */
export async function verifyLedger(pool: Pool, options: VerifyOptions = {}): Promise<VerificationReport> {
  const findings = new FindingList();
  try {
    const client = await pool.connect();
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      return await new Verification(client, options, findings).run();
    } finally {
      // The tables for comparison were made in this transaction and go with it.
      const rolledBack = await client.query('ROLLBACK').then(
        () => true,
        () => false,
      );
      client.release(!rolledBack);
    }
  } catch (error) {
    const code = error instanceof EvenkeelError ? error.code : 'LEDGER.UNREADABLE';
    const message = `The ledger cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    findings.add({ epoch: '', seq: 0, code, message });
    return {
      status: findings.count > 1 ? 'divergent' : 'unreadable',
      commits: 0,
      findings: findings.findings,
      findingCount: findings.count,
      reexecuted: [],
      readModels: 'not-compared',
      headsAgreed: 0,
      detached: [],
      authors: [],
    };
  }
}

class Verification {
  private commits = 0;
  private reexecuted: VerificationReport['reexecuted'] = [];
  private readModels: VerificationReport['readModels'] = 'not-compared';
  private projectable = true;
  private compared: ComparedRows | undefined;
  /** Rows that did not pass: neither projected nor executed again. */
  private rejected = 0;

  constructor(
    private readonly client: ClientBase,
    private readonly options: VerifyOptions,
    private readonly findings: FindingList,
  ) {}

  async run(): Promise<VerificationReport> {
    const { resume, auditor } = this.options;
    const checkpoints = await readCheckpoints(this.client);
    const total = checkpoints.reduce((sum, { seq }) => sum + seq, 0);
    const log = new LogVerifier(this.findings, resume);
    const detached = await readDetachedEpochs(this.client);
    const tree = new TreeVerifier(this.options, this.findings, await this.treeSoFar());
    const authors = new AuthorVerifier(this.client, this.findings, this.options.deskKeys ?? []);
    const quarantines = new QuarantineVerifier(this.client, this.findings);
    const replay = await this.replay();
    const ends = new Map<string, number>();
    this.commits = resume?.commits ?? 0;
    let last = { epoch: resume?.epoch ?? '', seq: resume?.seq ?? 0 };
    const every = this.options.positionEvery ?? POSITION_EVERY;
    const from = resume === undefined ? {} : { after: { epoch: resume.epoch, seq: resume.seq } };
    for await (const row of readLog(this.client, { withDecoded: true, ...from })) {
      this.commits += 1;
      if (this.commits % 1_000 === 0) this.options.onProgress?.(this.commits, total);
      tree.push(row);
      last = row;
      ends.set(row.epoch, row.seq);
      const quarantine = isPassedOver(row) ? await quarantines.of(row) : undefined;
      if (quarantine !== undefined) {
        log.pushPassed(row, quarantine);
        continue;
      }
      const sound = log.push(row);
      if (sound === undefined) this.rejected += 1;
      else {
        await authors.push(sound);
        if (replay !== undefined) await this.project(replay, sound);
        await auditor?.push(sound);
      }
      if (this.commits % every === 0) await this.tellPosition(log, tree, last);
    }
    const isHere = !detached.some(({ epoch }) => epoch === resume?.epoch);
    if (resume !== undefined && isHere && !ends.has(resume.epoch)) ends.set(resume.epoch, resume.seq);
    await tree.finish(this.client, last);
    const verified = new Set([...ends.keys()]);
    this.checkEnds(
      ends,
      new Map(
        checkpoints
          .filter(({ epoch, seq }) => seq > 0 && (resume === undefined || verified.has(epoch)))
          .map(({ epoch, seq }) => [epoch, seq]),
      ),
    );
    if (replay !== undefined) await this.compareReadModels(replay);
    if (auditor !== undefined) await this.reexecute(auditor);
    if (this.commits > 0) await this.tellPosition(log, tree, last);
    this.options.onProgress?.(this.commits, total);
    return { ...this.report(log, tree), detached, authors: authors.finish() };
  }

  private report(log: LogVerifier, tree: TreeVerifier): Omit<VerificationReport, 'authors' | 'detached'> {
    const { count } = this.findings;
    return {
      status: count > log.unreadableRows ? 'divergent' : count > 0 ? 'unreadable' : 'clean',
      commits: this.commits,
      findings: this.findings.findings,
      findingCount: count,
      reexecuted: this.reexecuted,
      readModels: this.readModels,
      headsAgreed: tree.headsAgreed,
    };
  }

  /** What comes before the rows that are read: verified before, or detached. */
  private async treeSoFar(): Promise<FrontierRecord | undefined> {
    const [gone, resumed] = [await detachedTree(this.client), this.options.resume?.frontier];
    return gone === undefined || (resumed !== undefined && resumed.size >= gone.size) ? resumed : gone;
  }

  private async replay(): Promise<Replay | undefined> {
    if (!(this.options.readModels ?? true) || this.options.resume !== undefined) return undefined;
    await createComparedSchema(this.client, FRESH);
    this.compared = new ComparedRows(this.client, READ_VERSION);
    return new Replay(this.client, FRESH, this.options.entriesOf, this.compared);
  }

  private async tellPosition(
    log: LogVerifier,
    tree: TreeVerifier,
    { epoch, seq }: { readonly epoch: string; readonly seq: number },
  ): Promise<void> {
    const chain = log.position();
    if (chain === undefined) return;
    if (this.findings.count > 0 && this.options.evenAfterFindings !== true) return;
    await this.options.onPosition?.({ epoch, seq, commits: this.commits, chain, frontier: tree.record() });
  }

  private async project(replay: Replay, commit: LedgerCommit): Promise<void> {
    if (!this.projectable) return;
    try {
      await replay.add(commit);
    } catch (error) {
      this.notProjectable(error, commit);
    }
  }

  private notProjectable(error: unknown, commit?: LedgerCommit): void {
    this.projectable = false;
    if (!(error instanceof LedgerFault)) throw error;
    this.findings.add({
      epoch: error.epoch,
      seq: commit?.seq ?? error.seq,
      code: error.code,
      message: error.message,
    });
  }

  /** Rows and checkpoint move in one transaction: where they differ, rows were cut off or put on. */
  private checkEnds(ends: ReadonlyMap<string, number>, checkpoints: ReadonlyMap<string, number>): void {
    for (const epoch of new Set([...ends.keys(), ...checkpoints.keys()])) {
      const end = ends.get(epoch) ?? 0;
      const checkpoint = checkpoints.get(epoch) ?? 0;
      if (end === checkpoint) continue;
      const [first, last] = end < checkpoint ? [end + 1, checkpoint] : [checkpoint + 1, end];
      const message =
        end < checkpoint
          ? `Sequences ${first} to ${last} are missing at the end: the checkpoint says ${checkpoint}.`
          : `Sequences ${first} to ${last} lie beyond the checkpoint, which says ${checkpoint}.`;
      const code = end < checkpoint ? 'LEDGER.ROWS_MISSING' : 'LEDGER.ROWS_BEYOND_CHECKPOINT';
      this.findings.add({ epoch, seq: first, code, message });
    }
  }

  private async compareReadModels(replay: Replay): Promise<void> {
    if (this.projectable) await replay.flush().catch((error: unknown) => this.notProjectable(error));
    // With rows left out the comparison would only repeat what is known already.
    if (!this.projectable || this.rejected > 0) return;
    this.readModels = 'equal';
    for (const { table, expected, stored, difference } of (await this.compared?.finish()) ?? [])
      if (difference !== undefined) this.modelDiffers(table, stored, expected, difference);
    const asBytes = new Set(COMPARED_AS_BYTES.map(({ name }) => name));
    const rest = READ_TABLE_LIST.filter(({ name }) => !asBytes.has(name));
    const known = await tableContents(this.client, READ_VERSION, rest);
    for (const { table, hash, rows } of await tableContents(this.client, FRESH, rest)) {
      const stored = known.find((content) => content.table === table);
      if (stored?.hash === hash) continue;
      const where = await firstDifference(this.client, READ_VERSION, FRESH, table);
      this.modelDiffers(table, stored?.rows ?? 0, rows, where);
    }
  }

  private modelDiffers(
    table: string,
    stored: number,
    expected: number,
    where: { readonly epoch: string; readonly seq: number } | undefined,
  ): void {
    this.readModels = 'different';
    const message = `${READ_VERSION}.${table} is not what the log gives (${stored} rows, ${expected} expected); the first difference stems from sequence ${where?.seq ?? 'unknown'}. \`keel ledger rebuild\` restores it.`;
    this.findings.add({
      epoch: where?.epoch ?? '',
      seq: where?.seq ?? 0,
      code: 'LEDGER.PROJECTION_DIFFERS',
      message,
    });
  }

  private async reexecute(auditor: Auditor): Promise<void> {
    const result = await auditor.finish();
    this.reexecuted = result.counts;
    for (const finding of result.findings) this.findings.add(finding);
  }
}
