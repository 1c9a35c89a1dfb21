import { levelIn } from '@evenkeel/governance';
import type { RequiredOf } from '@evenkeel/governance';
import { jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamManager, StreamInfo } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { OperationalError } from '@evenkeel/kernel';
import { ControlBucket, NO_KNOWN_BUCKET } from './control';
import type { KnownBucket } from './control';
import { GovernanceReader } from './governance-reader';
import { ReleaseJudge } from './release-judge';
import { untilAnswered } from './stream-reading';
import { configOf, differences, replicas, streamDiffers } from './stream-settings';
import { ensureStreams, loadStreamDefinitions } from './streams';

/** Where one epoch lives. */
export interface Epoch {
  readonly epoch: string;
  readonly journalStream: string;
  readonly marketStream: string;
  /** First EK_MARKET sequence that belongs to this epoch. */
  readonly marketFromSeq: number;
  /** The control bucket that it was opened with: another one in its place holds none of its latches. */
  readonly bucket: KnownBucket;
  /** What takes effect only with a second person, as it was opened. */
  readonly required: RequiredOf;
}

/** On the journal's stream, where only who may change streams can write. */
const METADATA = {
  epoch: 'evenkeel.epoch',
  marketFromSeq: 'evenkeel.marketFromSeq',
  bucket: 'evenkeel.controlBucket',
  scopes: 'evenkeel.latchedScopes',
  required: 'evenkeel.secondPersonFor',
  /** There until the first facts are all written. */
  opening: 'evenkeel.opening',
} as const;

async function journals(manager: JetStreamManager, prefix: string): Promise<StreamInfo[]> {
  const found: StreamInfo[] = [];
  for await (const info of manager.streams.list()) if (info.config.name.startsWith(prefix)) found.push(info);
  return found.sort((a, b) => numberOf(a.config.name, prefix) - numberOf(b.config.name, prefix));
}

const numberOf = (name: string, prefix: string): number => Number(name.slice(prefix.length));

/**
 * Opens a new epoch: the journal so far (if any) stops listening and keeps its messages under sealed subjects, and a
 * new `EK_JOURNAL_<epoch>` takes over. Epochs count from 1; `atLeast` lets the ledger, which may remember epochs that
 * this server never had, have its say. `required`: what takes effect only with
 * a second person; kill latches are released only by two people unless it is `nothing`.
 */
export async function openEpoch(
  connection: NatsConnection,
  atLeast = 1,
  replicaCount = replicas(),
  required: RequiredOf = 'nothing',
): Promise<Epoch> {
  const epoch = await beginEpoch(connection, atLeast, replicaCount, required);
  await finishEpoch(connection, epoch);
  return epoch;
}

/**
 * The same, for first facts that count together: until `finishEpoch` nobody takes the epoch for the one that is open. One that was
 * begun so and left without a fact is taken up again.
 */
export async function beginEpoch(
  connection: NatsConnection,
  atLeast = 1,
  replicaCount = replicas(),
  required: RequiredOf = 'nothing',
): Promise<Epoch> {
  const definitions = loadStreamDefinitions();
  await ensureStreams(connection, replicaCount);
  const begun = await openingEpoch(connection);
  if (begun?.lastSeq === 0 && Number(begun.epoch) >= atLeast) return { ...begun, required };
  const manager = await jetstreamManager(connection);
  const prefix = definitions.journal.namePrefix;
  let newest = atLeast - 1;
  const former = await journals(manager, prefix);
  const bucket = await carryLatches(connection, former.at(-1), replicaCount, required !== 'nothing');
  for (const info of former) {
    const number = numberOf(info.config.name, prefix);
    newest = Math.max(newest, number);
    if (
      info.config.subjects.some((subject) => !subject.startsWith(definitions.journal.sealedSubjectPrefix))
    ) {
      await manager.streams.update(info.config.name, {
        ...info.config,
        subjects: [`${definitions.journal.sealedSubjectPrefix}.${number}.>`],
      });
    }
  }
  const epoch = String(newest + 1);
  const market = await manager.streams.info(definitions.market.name);
  const marketFromSeq = market.state.last_seq + 1;
  await manager.streams.add({
    name: `${prefix}${epoch}`,
    subjects: definitions.journal.subjects,
    ...configOf(definitions.journal),
    num_replicas: replicaCount,
    metadata: {
      [METADATA.epoch]: epoch,
      [METADATA.marketFromSeq]: String(marketFromSeq),
      [METADATA.bucket]: bucket.createdAt ?? '',
      [METADATA.scopes]: JSON.stringify(bucket.scopes),
      [METADATA.opening]: 'true',
    },
  });
  const marketStream = definitions.market.name;
  return { epoch, journalStream: `${prefix}${epoch}`, marketStream, marketFromSeq, bucket, required };
}

/**
 * What the next epoch knows of the control bucket. Latches go over as they stand by the journal before, judged once more: what was
 * lost, and what was released without the approval that it needed, is written down as engaged. A new epoch is no release.
 */
async function carryLatches(
  connection: NatsConnection,
  former: StreamInfo | undefined,
  replicaCount: number,
  governed: boolean,
): Promise<KnownBucket> {
  const bucket = await ControlBucket.create(connection, replicaCount);
  const latches = await bucket.readLatches(knownBy(former));
  const judge = former === undefined ? undefined : judgeOf(connection, former.config.name, governed);
  for (const latch of latches) {
    const { engagements } = judge === undefined ? latch : await judge.judge(latch);
    await bucket.rewrite(latch.scope, engagements);
  }
  return { createdAt: await bucket.createdAt(), scopes: latches.map(({ scope }) => scope).sort() };
}

function judgeOf(connection: NatsConnection, journalStream: string, governed: boolean): ReleaseJudge {
  const reader = new GovernanceReader({ connection, journalStream, rosterHash: () => undefined });
  return new ReleaseJudge(reader, governed);
}

function knownBy(journal: StreamInfo | undefined): KnownBucket {
  const metadata = journal?.config.metadata ?? {};
  const createdAt = metadata[METADATA.bucket];
  if (createdAt === undefined || createdAt === '') return NO_KNOWN_BUCKET;
  const scopes = JSON.parse(metadata[METADATA.scopes] ?? '[]') as string[]; // as openEpoch wrote it
  return { createdAt, scopes };
}

/** Its first facts are written: from now on it is the epoch that is open. */
export async function finishEpoch(
  connection: NatsConnection,
  { journalStream, required }: Epoch,
): Promise<void> {
  const manager = await jetstreamManager(connection);
  const { config } = await manager.streams.info(journalStream);
  const { [METADATA.opening]: _, ...begun } = config.metadata ?? {};
  const metadata = { ...begun, [METADATA.required]: required };
  await manager.streams.update(journalStream, { ...config, metadata });
}

/** The newest epoch where its first facts are not all written yet; undefined where it is open, or there is none. */
export async function openingEpoch(
  connection: NatsConnection,
): Promise<(Epoch & { readonly lastSeq: number }) | undefined> {
  const definitions = loadStreamDefinitions();
  const manager = await jetstreamManager(connection);
  const newest = (await journals(manager, definitions.journal.namePrefix)).at(-1);
  if (newest?.config.metadata?.[METADATA.opening] === undefined) return undefined;
  return { ...epochOf(newest, definitions), lastSeq: newest.state.last_seq };
}

/** One that does not say so was not opened for one person alone. */
function requiredBy({ config }: StreamInfo): RequiredOf {
  const said = config.metadata?.[METADATA.required];
  return said === undefined ? 'loosening' : levelIn(said);
}

function epochOf(newest: StreamInfo, { journal, market }: ReturnType<typeof loadStreamDefinitions>): Epoch {
  return {
    epoch: String(numberOf(newest.config.name, journal.namePrefix)),
    journalStream: newest.config.name,
    marketStream: market.name,
    marketFromSeq: Number(newest.config.metadata?.[METADATA.marketFromSeq] ?? '1'),
    bucket: knownBy(newest),
    required: requiredBy(newest),
  };
}

/** The epoch that is open now. Throws `NATS.NO_EPOCH` before the first `openEpoch`, `NATS.EPOCH_OPENING` before `finishEpoch`. */
export async function currentEpoch(connection: NatsConnection): Promise<Epoch> {
  const definitions = loadStreamDefinitions();
  const manager = await jetstreamManager(connection);
  const prefix = definitions.journal.namePrefix;
  const newest = (await journals(manager, prefix)).at(-1);
  if (newest === undefined)
    throw new OperationalError({
      code: 'NATS.NO_EPOCH',
      message:
        'no journal has been opened on this NATS server yet: `keel epoch open` opens one for services that others run, `keel run` for its own',
    });
  if (newest.config.metadata?.[METADATA.opening] !== undefined)
    throw new OperationalError({
      code: 'NATS.EPOCH_OPENING',
      message: `the first facts of ${newest.config.name} are not all written: run again the command that was opening it`,
    });
  const found = differences(newest.config, definitions.journal, replicas());
  if (found.length > 0) throw streamDiffers(newest.config.name, found);
  const epoch = epochOf(newest, definitions);
  return { ...epoch, marketFromSeq: await marketFrom(manager, epoch, newest.created) };
}

/** Where an open epoch's market begins now, its stream having been put in another's place. */
export async function marketFromNow(connection: NatsConnection, epoch: Epoch): Promise<number> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const { created } = await untilAnswered(() => manager.streams.info(epoch.journalStream));
  return marketFrom(manager, epoch, created);
}

/** Where the epoch's market begins: at the beginning of a stream that was made anew since. */
async function marketFrom(
  manager: JetStreamManager,
  { marketStream, marketFromSeq }: Epoch,
  openedAt: string,
): Promise<number> {
  const { created } = await untilAnswered(() => manager.streams.info(marketStream));
  return Date.parse(created) > Date.parse(openedAt) ? 1 : marketFromSeq;
}
