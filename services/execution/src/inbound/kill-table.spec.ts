import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import {
  ControlBucket,
  GovernanceReader,
  PeopleJournal,
  ReleaseJudge,
  connectNats,
  currentEpoch,
  findNatsServer,
  openEpoch,
  startEmbeddedNats,
} from '@evenkeel/adapter-nats';
import type { EmbeddedNats } from '@evenkeel/adapter-nats';
import type { Engagement } from '@evenkeel/execution';
import { FIRM, IDENTITIES, placeOfChange, releaseOf } from '@evenkeel/governance';
import { NANOS_PER_MINUTE, formatInstant, parseInstant } from '@evenkeel/kernel';
import { verifyNatively } from '@evenkeel/signing-keys';
import { DESK, statementsOf, usedAt } from '../../../../libs/governance/src/people.test-support';
import type { Statements } from '../../../../libs/governance/src/people.test-support';
import { KillLatches } from './kill-latches';

const binary = findNatsServer(resolve(__dirname, '../../../../.evenkeel/bin'), () => undefined);
const quiet = { warn: () => undefined, error: () => undefined, info: () => undefined };
const SCOPE = 'firm';

const stop = (): Engagement => ({
  engagement: randomUUID(),
  by: 'tess',
  reason: 'drill',
  at: new Date().toISOString(),
});

/** One desk: a real server, execution as far as latches go, and people who sign what they say. */
class Desk {
  private latches: KillLatches | undefined;
  private reader: GovernanceReader | undefined;

  constructor(
    readonly connection: NatsConnection,
    private readonly folder: string,
    private readonly stillRunning: boolean,
  ) {}

  /** Execution begins; where the cell is of one process, before anything happens. */
  async startEarly(): Promise<void> {
    if (this.stillRunning) await this.start();
  }

  private async start(): Promise<void> {
    const { connection, folder } = this;
    const epoch = await currentEpoch(connection);
    const reader = new GovernanceReader({
      connection,
      journalStream: epoch.journalStream,
      rosterHash: () => undefined,
    });
    this.reader = reader;
    const judge = new ReleaseJudge(reader, true);
    this.latches = new KillLatches({
      connection,
      folder,
      maxAgeMs: 60_000,
      judge,
      known: epoch.bucket,
      logger: quiet,
    });
    await this.latches.start();
  }

  async stop(): Promise<void> {
    this.latches?.stop();
    this.latches = undefined;
  }

  /** Whether an order may leave, by execution as it runs now, or by one that begins now. */
  async verdict(): Promise<string> {
    if (this.latches === undefined) await this.start();
    else await this.look();
    const permission = this.latches?.permits([SCOPE, 'latches']);
    return permission?.allowed === true ? 'ALLOWED' : (permission?.code ?? '');
  }

  /** Lets execution that runs take in what has happened so far. */
  async look(): Promise<void> {
    await this.latches?.refresh();
  }

  async people(): Promise<void> {
    const at = new Date().toISOString();
    await this.say(at, IDENTITIES, FIRM, [{ type: 'GovernanceOpened', payload: { at, enrolments: DESK } }]);
  }

  bucket(): Promise<ControlBucket> {
    return ControlBucket.open(this.connection);
  }

  async engage(): Promise<string> {
    const engagement = stop();
    await (await this.bucket()).engage(SCOPE, engagement);
    await this.look();
    return engagement.engagement;
  }

  /** A person who may write the bucket says that it is over. */
  async release(engagements: readonly string[], proposalId?: string): Promise<void> {
    const whose = proposalId === undefined ? {} : { proposalId };
    await (
      await this.bucket()
    ).release(SCOPE, {
      engagements,
      by: 'tess',
      reason: 'over',
      at: new Date().toISOString(),
      ...whose,
    });
    await this.look();
  }

  /** Two people agree, as the journal has it; what they say and when it is stored may be made to differ. */
  async agree(
    engagements: readonly string[],
    { signer = 'rita', ageMinutes = 0, uses = true, lastsMinutes = 60, readBeforeUse = false } = {},
  ): Promise<string> {
    const now = parseInstant(new Date().toISOString());
    const proposedAt = formatInstant(now - BigInt(ageMinutes) * NANOS_PER_MINUTE);
    const expiresAt = formatInstant(parseInstant(proposedAt) + BigInt(lastsMinutes) * NANOS_PER_MINUTE);
    const change = {
      ...releaseOf(SCOPE, engagements),
      proposedAt,
      approvedAt: proposedAt,
      expiresAt,
      signer,
    };
    const said = statementsOf(change);
    await this.put(said, proposedAt);
    if (readBeforeUse) await this.reader?.current();
    if (uses) await this.use(said);
    return said.proposed.proposalId;
  }

  private async put(said: Statements, at: string): Promise<void> {
    const { aggregate, book } = placeOfChange('kill-release', SCOPE);
    await this.say(at, aggregate, book, [{ type: 'ChangeProposed', payload: said.proposed }]);
    await this.say(at, aggregate, book, [{ type: 'ChangeApproved', payload: said.approved }]);
  }

  private async use(said: Statements): Promise<void> {
    const { aggregate, book } = placeOfChange('kill-release', SCOPE);
    const used = usedAt(new Date().toISOString(), said).events.map(({ event }) => event);
    await this.say(undefined, aggregate, book, used);
  }

  private async say(
    at: string | undefined,
    aggregate: Parameters<PeopleJournal['record']>[0]['aggregate'],
    book: string,
    events: Parameters<PeopleJournal['record']>[0]['events'],
  ): Promise<void> {
    const nowNs = at === undefined ? () => BigInt(Date.now()) * 1_000_000n : () => parseInstant(at);
    const producer = { service: 'keel', version: 'test', gitSha: 'test', kernelHash: '' };
    const trust = { required: false, verify: verifyNatively };
    const journal = await PeopleJournal.open({ connection: this.connection, producer, nowNs, trust });
    await journal.record({ aggregate, book, by: 'tess', events });
  }
}

type Story = (desk: Desk) => Promise<void>;

async function released(desk: Desk): Promise<string> {
  const first = await desk.engage();
  const proposalId = await desk.agree([first]);
  await desk.release([first], proposalId);
  return proposalId;
}

/** What has happened to the latch of the firm, and what must follow in each life of execution. */
const STORIES: readonly (readonly [string, 'ALLOWED' | 'KILL_ENGAGED', Story])[] = [
  ['was never set', 'ALLOWED', () => Promise.resolve()],
  ['is engaged', 'KILL_ENGAGED', async (desk) => void (await desk.engage())],
  ['was released by two people', 'ALLOWED', async (desk) => void (await released(desk))],
  [
    'was released by two people, whose agreement was known before it was used',
    'ALLOWED',
    async (desk) => {
      const first = await desk.engage();
      await desk.release([first], await desk.agree([first], { readBeforeUse: true }));
    },
  ],
  ['was released by one person', 'KILL_ENGAGED', async (desk) => desk.release([await desk.engage()])],
  [
    'was engaged anew, and released with the approval that was used for the time before',
    'KILL_ENGAGED',
    async (desk) => {
      const used = await released(desk);
      await desk.release([await desk.engage()], used);
    },
  ],
  [
    'was engaged anew, and released with an approval older than that, which nobody had used',
    'KILL_ENGAGED',
    async (desk) => {
      const first = await desk.engage();
      const old = await desk.agree([first], { uses: false });
      await desk.release([first, await desk.engage()], old);
    },
  ],
  [
    'was released with an approval that had expired before it was used',
    'KILL_ENGAGED',
    async (desk) => {
      const first = await desk.engage();
      await desk.release([first], await desk.agree([first], { ageMinutes: 120 }));
    },
  ],
  [
    'was released with an approval that the second person did not sign',
    'KILL_ENGAGED',
    async (desk) => {
      const first = await desk.engage();
      await desk.release([first], await desk.agree([first], { signer: 'tess' }));
    },
  ],
  [
    'was released with an approval that nobody put on record as used',
    'KILL_ENGAGED',
    async (desk) => {
      const first = await desk.engage();
      await desk.release([first], await desk.agree([first], { uses: false }));
    },
  ],
  [
    'was released with an approval that was meant for another engagement',
    'KILL_ENGAGED',
    async (desk) => desk.release([await desk.engage()], await desk.agree([randomUUID()])),
  ],
  [
    'was engaged, and its key deleted',
    'KILL_ENGAGED',
    async (desk) => {
      await desk.engage();
      await deleteKey(desk);
    },
  ],
  [
    'was released, and its key deleted',
    'KILL_ENGAGED',
    async (desk) => {
      await released(desk);
      await deleteKey(desk);
    },
  ],
  [
    'had its key deleted, and two people released that',
    'ALLOWED',
    async (desk) => {
      await desk.engage();
      await deleteKey(desk);
      await desk.look();
      const standing = await inForce(desk, SCOPE);
      await desk.release(standing, await desk.agree(standing));
    },
  ],
  [
    'stood in a bucket that was lost',
    'KILL_ENGAGED',
    async (desk) => {
      await desk.engage();
      await loseBucket(desk);
      await ControlBucket.create(desk.connection);
    },
  ],
  [
    'was never set in a bucket that was lost',
    'KILL_ENGAGED',
    async (desk) => {
      await loseBucket(desk);
      await ControlBucket.create(desk.connection);
    },
  ],
  [
    'has another scope in its value than in its key',
    'KILL_ENGAGED',
    (desk) => put(desk, { scope: 'book:other', engagements: [], releases: [] }),
  ],
  [
    'has the value of an earlier release of the software',
    'KILL_ENGAGED',
    (desk) => put(desk, { engaged: false }),
  ],
  ['cannot be read', 'KILL_ENGAGED', (desk) => put(desk, 'released')],
];

async function put(desk: Desk, value: unknown): Promise<void> {
  await jetstream(desk.connection).publish('$KV.EK_CONTROL.kill.firm', JSON.stringify(value));
}

async function deleteKey(desk: Desk): Promise<void> {
  const { Kvm } = await import('@nats-io/kv');
  await (await new Kvm(desk.connection).open('EK_CONTROL')).delete('kill.firm');
}

async function loseBucket(desk: Desk): Promise<void> {
  await (await jetstreamManager(desk.connection)).streams.delete('KV_EK_CONTROL');
}

async function inForce(desk: Desk, scope: string): Promise<readonly string[]> {
  const { bucket } = await currentEpoch(desk.connection);
  const latch = (await (await desk.bucket()).readLatches(bucket)).find((one) => one.scope === scope);
  return latch?.engagements.map(({ engagement }) => engagement) ?? [];
}

describe('a kill latch that', () => {
  let dir: string;
  let server: EmbeddedNats;
  let connection: NatsConnection;
  let desk: Desk | undefined;
  let desks = 0;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'evenkeel-kill-table-'));
    server = await startEmbeddedNats({ binary, dir });
    connection = await connectNats(server.url, 'test');
  });

  afterEach(async () => {
    await desk?.stop();
    const { streams } = await jetstreamManager(connection);
    for await (const { config } of streams.list()) await streams.delete(config.name);
  });

  afterAll(async () => {
    await connection.close();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const begin = async (stillRunning: boolean): Promise<Desk> => {
    desks += 1;
    const folder = join(dir, `kill-${desks}`);
    mkdirSync(folder);
    await openEpoch(connection, 1, 1, 'loosening');
    desk = new Desk(connection, folder, stillRunning);
    await desk.people();
    await desk.startEarly();
    return desk;
  };

  describe.each(STORIES)('%s: %s', (_, expected, story) => {
    it('in the same process', async () => {
      const running = await begin(true);
      await story(running);
      expect(await running.verdict()).toBe(expected);
    });

    it('after a restart', async () => {
      const restarted = await begin(false);
      await story(restarted);
      expect(await restarted.verdict()).toBe(expected);
    });

    it('in a new epoch', async () => {
      const before = await begin(false);
      await story(before);
      await openEpoch(connection, 1, 1, 'loosening');
      expect(await before.verdict()).toBe(expected);
    });
  });
});
