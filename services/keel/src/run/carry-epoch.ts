import { setTimeout as delay } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import { trailEvidence } from '@evenkeel/adapter-audit';
import {
  ControlBucket,
  JetStreamEventLog,
  beginEpoch,
  currentEpoch,
  finishEpoch,
  followProgress,
  journalStreams,
  openingEpoch,
} from '@evenkeel/adapter-nats';
import type { Epoch } from '@evenkeel/adapter-nats';
import { LedgerToVerify, createLedgerPool, readTreeEpochs } from '@evenkeel/adapter-postgres';
import { VERSION } from '@evenkeel/config';
import { sealWith } from '@evenkeel/contracts';
import { carriedFacts, planCarry } from '@evenkeel/desk';
import type { CarryPlan, JournalsToCarry, LedgerToCarry, ProposalRecord } from '@evenkeel/desk';
import { enrolmentDraft, sealBoot } from '@evenkeel/engine';
import type { Commit } from '@evenkeel/eventing';
import { engagementOf } from '@evenkeel/execution';
import type { CommitDraft, EpochCarried } from '@evenkeel/facts';
import { requiredOf } from '@evenkeel/governance';
import { wallNanoseconds } from '@evenkeel/host';
import { EvenkeelError, OperationalError, formatInstant } from '@evenkeel/kernel';
import { kernelHash } from '@evenkeel/pricing';
import { runVerification } from '@evenkeel/verification';
import type { Pool } from 'pg';
import { keysForOpening } from '../identity/opening-keys';
import { ProposalFile } from '../governance/proposal-file';
import { settings } from '../stack/environment';
import { signedEnd } from '../stack/sign-ledger';
import type { Home } from '../stack/home';
import { newestEpoch } from './open-epoch';

export interface CarryCommand {
  readonly epoch?: string;
  readonly dropAfter?: number;
  readonly by: string;
  readonly reason: string;
  readonly approvals: readonly string[];
  readonly home: Pick<Home, 'audit' | 'identity' | 'floors'>;
  /** Threads that run decisions again; 0 does it here. */
  readonly threads: number;
}

/** What was carried, or would be. */
export interface CarriedEpoch {
  /** Absent where nothing was opened yet. */
  readonly epoch?: string;
  readonly fromEpoch: string;
  readonly lastSequence: number;
  readonly lastHash: string;
  readonly treeSize: number;
  readonly factsHash: string;
  readonly facts: readonly CommitDraft[];
  readonly givenUp: EpochCarried['givenUp'];
  /** True where an earlier run of the command had opened it already. */
  readonly again: boolean;
  /** What a person should hear of the keys that it enrols. */
  readonly notes?: readonly string[];
}

export interface Places {
  readonly connection: NatsConnection;
  readonly databaseUrl: string;
}

const LISTEN_MS = 1_200;
const SERVICES = ['price-ingest', 'risk', 'strategy', 'execution', 'ledger'] as const;

/** Works out what a new epoch would take over, and changes nothing but, where it is missing, the signature over the ledger's end. */
export async function planCarryOn(places: Places, command: CarryCommand): Promise<CarriedEpoch> {
  return withPlan(places, command, new Date().toISOString(), (plan) =>
    Promise.resolve(summaryOf(plan, false)),
  );
}

/**
 * Opens the epoch. Killed on the way, it goes on where it was when it is run again: the first fact says when and by whom it was
 * begun, so every fact comes out to the same bytes. Run once more after that it changes nothing.
 */
export async function carryOn(places: Places, command: CarryCommand): Promise<CarriedEpoch> {
  const { connection } = places;
  const done = await carriedAlready(connection, command);
  if (done !== undefined) return done;
  const begun = await openingEpoch(connection);
  const first = begun === undefined ? undefined : await beginningOf(connection, begun);
  const begunAs = first?.carried;
  const now = begunAs?.at ?? new Date().toISOString();
  return withPlan(places, command, now, async (plan, pool) => {
    if (begunAs !== undefined && begunAs.fromEpoch !== plan.fromEpoch)
      throw new OperationalError({
        code: 'NATS.EPOCH_OPENING',
        message: `an epoch is being opened from epoch ${begunAs.fromEpoch}: finish that with --epoch ${begunAs.fromEpoch}`,
      });
    // Keys are enrolled before anything is taken over: an epoch that has only them, at this very time, is this command's too.
    const ours = begunAs !== undefined || first?.eventTime === plan.at ? first : undefined;
    const people = [...plan.fold.governance.state.identities.values()];
    const approvals: ProposalRecord[] = command.approvals.map((path) => new ProposalFile(path, people));
    const { gitSha, governance } = settings();
    const level = requiredOf(governance, []);
    const required = level === 'everything';
    const order = {
      by: begunAs?.carriedBy ?? command.by,
      reason: begunAs?.reason ?? command.reason,
      now,
      code: ours?.code ?? gitSha,
      approvals,
      required,
    };
    const { keyring, enrolled, notes, opened } = await keysForOpening(connection, pool, command.home);
    // Refused, if it is, before anything is opened; and the epoch remembers the latches that it was opened with.
    await engageAgain(connection, carriedFacts(plan, begun?.epoch ?? '', order));
    const epoch =
      ours !== undefined && begun !== undefined
        ? { ...begun, required: level }
        : await beginEpoch(connection, (await newestEpoch(pool, command.home.floors)) + 1, undefined, level);
    const drafts = [enrolmentDraft(enrolled, plan.at), ...carriedFacts(plan, epoch.epoch, order)];
    const producer = { service: 'keel', version: VERSION, gitSha: order.code, kernelHash };
    const hostTime = ours?.hostTime ?? wallNanoseconds();
    const journal = new JetStreamEventLog(connection, epoch.journalStream);
    for (const sealed of sealBoot(
      drafts,
      epoch.epoch,
      producer,
      sealWith({ signer: keyring.desk }),
      hostTime,
    ))
      await journal.append(sealed, 0);
    await finishEpoch(connection, epoch);
    opened();
    return { ...summaryOf(plan, false), epoch: epoch.epoch, notes };
  });
}

async function withPlan(
  { connection, databaseUrl }: Places,
  command: CarryCommand,
  now: string,
  then: (plan: CarryPlan, pool: Pool) => Promise<CarriedEpoch>,
): Promise<CarriedEpoch> {
  // Comparing what was signed with the rows needs reading alone; signing the end of the ledger is its own role's.
  const pool = createLedgerPool({ url: databaseUrl, role: 'evenkeel_ledger', max: 2 });
  try {
    const { epoch, dropAfter, home, threads } = command;
    const plan = await planCarry(ledgerOf(pool, home.audit, threads), journalsOf(connection), {
      now,
      ...(epoch === undefined ? {} : { epoch }),
      ...(dropAfter === undefined ? {} : { dropAfter }),
    });
    return await then(plan, pool);
  } finally {
    await pool.end();
  }
}

function ledgerOf(pool: Pool, auditDir: string, threads: number): LedgerToCarry {
  const ledger = new LedgerToVerify(pool);
  return {
    epochs: () => readTreeEpochs(pool),
    async problems() {
      const trail = () => trailEvidence(ledger.checkpoints, { folder: auditDir, witnesses: [], outside: [] });
      const report = await runVerification(ledger, { threads, trail, readModels: false });
      if (report.status === 'clean') return [];
      const found = report.findings.map(
        ({ epoch, seq, code, message }) => `${code} at ${epoch}/${seq}: ${message}`,
      );
      return found.length > 0 ? found : [`it is ${report.status}`];
    },
    signedHead: () => signedEnd(pool, auditDir),
    commits: (epoch, last) => ledger.commitsBetween(epoch, 1, last),
  };
}

function journalsOf(connection: NatsConnection): JournalsToCarry {
  return {
    lastSeq: async (wanted) =>
      (await journalStreams(connection)).find(({ epoch }) => epoch === wanted)?.lastSeq,
    async speaking() {
      const heard = new Set<string>();
      const unfollow = followProgress(connection, SERVICES, ({ service }) => void heard.add(service));
      await delay(LISTEN_MS);
      unfollow();
      return [...heard].sort();
    },
  };
}

/** The epoch that is open, where it was opened by this very command and nobody has written to it since. */
async function carriedAlready(
  connection: NatsConnection,
  { epoch: wanted }: CarryCommand,
): Promise<CarriedEpoch | undefined> {
  const open = await currentEpoch(connection).catch((error: unknown) => {
    const code = error instanceof EvenkeelError ? error.code : '';
    if (code === 'NATS.NO_EPOCH' || code === 'NATS.EPOCH_OPENING') return undefined;
    throw error;
  });
  if (open === undefined) return undefined;
  const commits: Commit[] = [];
  for await (const { commit } of new JetStreamEventLog(connection, open.journalStream).read({})) {
    if (commit.causation.stream !== 'boot') return undefined;
    commits.push(commit);
  }
  const carried = commits.flatMap(carriedIn)[0];
  if (carried === undefined || (wanted !== undefined && wanted !== carried.fromEpoch)) return undefined;
  return {
    epoch: open.epoch,
    fromEpoch: carried.fromEpoch,
    lastSequence: Number(carried.lastSequence),
    lastHash: carried.lastHash,
    treeSize: Number(carried.treeSize),
    factsHash: carried.factsHash,
    facts: commits.map((commit) => ({
      aggregate: commit.aggregate,
      book: commit.book,
      eventTime: '',
      actor: commit.actor,
      events: commit.events.map(({ event }) => event),
    })),
    givenUp: carried.givenUp,
    again: true,
  };
}

/** How an epoch that is not open yet was begun. */
interface Beginning {
  readonly eventTime: string;
  readonly hostTime: bigint;
  readonly code: string;
  /** Absent while it does not say so yet. */
  readonly carried?: EpochCarried;
}

/** Undefined where nothing is on its journal. */
async function beginningOf(
  connection: NatsConnection,
  { journalStream }: Epoch,
): Promise<Beginning | undefined> {
  let begun: Beginning | undefined;
  for await (const { commit } of new JetStreamEventLog(connection, journalStream).read({})) {
    const { eventTime, receivedTime: hostTime } = commit.clock;
    begun ??= { eventTime: formatInstant(eventTime), hostTime, code: commit.producer.gitSha };
    const [carried] = carriedIn(commit);
    if (carried !== undefined) return { ...begun, carried };
  }
  return begun;
}

function carriedIn({ events }: Commit): readonly EpochCarried[] {
  return events.flatMap(({ event }) => (event.type === 'EpochCarried' ? [event.payload] : []));
}

function summaryOf(plan: CarryPlan, again: boolean): CarriedEpoch {
  const { fromEpoch, lastSequence, lastHash, desk, signed } = plan;
  return {
    fromEpoch,
    lastSequence,
    lastHash,
    treeSize: signed.head.size,
    factsHash: desk.hash,
    facts: desk.drafts,
    givenUp: desk.givenUp,
    again,
  };
}

/** What stops a book on record stops it at the door too: a bucket that was lost does not know it. */
async function engageAgain(connection: NatsConnection, drafts: readonly CommitDraft[]): Promise<void> {
  const kills = drafts.flatMap(({ events }) =>
    events.flatMap((event) => (event.type === 'KillEngaged' ? [event.payload] : [])),
  );
  const bucket = await ControlBucket.create(connection);
  for (const kill of kills) await bucket.engage(kill.scope, engagementOf(kill));
}
