import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { TimeoutError } from '@nats-io/nats-core';
import { STEPS_SUBJECT, encodeSteps } from '@evenkeel/contracts';
import type { PartitionStep } from '@evenkeel/contracts';
import type { MarketEntry } from '@evenkeel/engine';
import { connectNats } from './connection';
import { MarketFollower, MarketPublisher, readMarket } from './market-log';
import type { EmbeddedNats } from './server/embedded-nats';
import { startEmbeddedNats } from './server/embedded-nats';
import { findNatsServer } from './server/nats-server-binary';
import type { UnreadableMessage } from './unreadable';
import type { Epoch } from './epochs';
import { openEpoch } from './epochs';

const toolsDir = resolve(__dirname, '..', '..', '..', '.evenkeel', 'bin');
const binary = findNatsServer(toolsDir, (line) => process.stderr.write(`${line}\n`));

const instantOf = (number: number, prices: readonly string[] = ['1', '2', '3']) => ({
  number,
  eventTime: `2026-01-01T00:0${number}:00Z`,
  marks: prices.map((price, index) => ({
    instrument: `C${index}-PERPETUAL@deribit`,
    kind: 'price' as const,
    price,
    eventTime: '2026-01-01T00:00:00Z',
    receivedTime: '2026-01-01T00:00:00Z',
    source: 'test',
    status: 'OK' as const,
    reasons: [],
  })),
  fundings: [],
  deliveries: [],
  wakes: [],
});

const GIVEN: readonly PartitionStep[] = [
  { kind: 'market', partition: '07', upTo: 2 },
  { kind: 'wake', partition: '08', after: 1, at: '2026-01-01T00:01:30Z', wakes: ['execution'] },
];
const twiceForOne = encodeSteps({ steps: [...GIVEN, ...GIVEN], traceparent: '' }, '1');

type Loss = 'message' | 'answer';

/** A connection that loses chosen messages, or the answers to them: what a network does. */
function losing(connection: NatsConnection, lose: (subject: string) => Loss | undefined): NatsConnection {
  return new Proxy(connection, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (property !== 'request') return typeof value === 'function' ? value.bind(target) : value;
      return async (...call: Parameters<NatsConnection['request']>) => {
        const loss = lose(call[0]);
        if (loss !== 'message') {
          const answer = await target.request(...call);
          if (loss === undefined) return answer;
        }
        throw new TimeoutError();
      };
    },
  });
}

describe('the market stream', () => {
  let dir: string;
  let server: EmbeddedNats;
  let connection: NatsConnection;
  let epoch: Epoch;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'evenkeel-market-'));
    server = await startEmbeddedNats({ binary, dir });
    connection = await connectNats(server.url, 'test');
  });

  beforeEach(async () => {
    epoch = await openEpoch(connection);
  });

  afterAll(async () => {
    await connection.close();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  async function instants(): Promise<unknown[]> {
    const back = [];
    for await (const { entry } of readMarket(connection, epoch))
      if (entry.kind === 'instant') back.push(entry.given.instant);
    return back;
  }

  it.each(['message', 'answer'] as const)('an instant that loses its %s is stored once', async (loss) => {
    let toLose = 1;
    const publisher = new MarketPublisher(
      losing(connection, (subject) => (subject.includes('.clock.') && toLose-- > 0 ? loss : undefined)),
      epoch,
    );
    await publisher.publish(instantOf(1));
    await publisher.publish(instantOf(2, []));
    expect(await instants()).toEqual([instantOf(1), instantOf(2, [])]);
  });

  it('an instant that an earlier life could not publish is published anew with what is true then', async () => {
    const dying = new MarketPublisher(
      losing(connection, (subject) => (subject.includes('.clock.') ? 'message' : undefined)),
      epoch,
      { deadlineMs: 0 },
    );
    await expect(dying.publish(instantOf(1, ['1', '2', '3']))).rejects.toMatchObject({
      code: 'EVENTING.APPEND_UNRESOLVED',
    });
    await new MarketPublisher(connection, epoch).publish(instantOf(1, ['1', '20', '3']));
    expect(await instants()).toEqual([instantOf(1, ['1', '20', '3'])]);
  });

  it('a second publisher is refused, whichever comes first', async () => {
    const one = new MarketPublisher(connection, epoch);
    const two = new MarketPublisher(connection, epoch);
    await one.publish(instantOf(1));
    await two.publish(instantOf(2));
    await expect(one.publish(instantOf(2, ['9']))).rejects.toMatchObject({ code: 'EVENTING.CONFLICT' });
    await expect(new MarketPublisher(connection, epoch).publish(instantOf(2))).rejects.toMatchObject({
      code: 'EVENTING.CONFLICT',
    });
    expect(await instants()).toEqual([instantOf(1), instantOf(2)]);
  });

  async function steps(): Promise<PartitionStep[]> {
    const back = [];
    for await (const { entry } of readMarket(connection, epoch))
      if (entry.kind === 'step') back.push(entry.step);
    return back;
  }

  it.each(['message', 'answer'] as const)(
    'what partitions are given at one moment is one message, and stored once when it loses its %s',
    async (loss) => {
      let toLose = 1;
      const publisher = new MarketPublisher(
        losing(connection, (subject) => (subject === STEPS_SUBJECT && toLose-- > 0 ? loss : undefined)),
        epoch,
      );
      await publisher.publish(instantOf(1));
      await publisher.give(GIVEN);
      expect(await steps()).toEqual(GIVEN);
      const { streams } = await jetstreamManager(connection);
      const { state } = await streams.info(epoch.marketStream);
      expect(state.last_seq).toBe(epoch.marketFromSeq + 1);
    },
  );

  it('a life that goes on reads what the one before gave last, and the one before is refused', async () => {
    const dying = new MarketPublisher(
      losing(connection, (subject) => (subject === STEPS_SUBJECT ? 'answer' : undefined)),
      epoch,
      { deadlineMs: 0 },
    );
    await dying.publish(instantOf(1));
    await dying.give(GIVEN).catch(() => undefined);
    expect(await steps()).toEqual(GIVEN);
    const next = new MarketPublisher(connection, epoch);
    const after: PartitionStep[] = [{ kind: 'market', partition: '08', upTo: 2 }];
    await next.give(after);
    const late = dying.give([{ kind: 'market', partition: '07', upTo: 3 }]);
    await expect(late).rejects.toMatchObject({ code: 'EVENTING.CONFLICT' });
    expect(await steps()).toEqual([...GIVEN, ...after]);
  });

  it('an instant that is missing stops its readers', async () => {
    const publisher = new MarketPublisher(connection, epoch);
    for (const number of [1, 2, 3]) await publisher.publish(instantOf(number));
    const { streams } = await jetstreamManager(connection);
    await streams.deleteMessage(epoch.marketStream, epoch.marketFromSeq + 1);
    await expect(instants()).rejects.toMatchObject({ code: 'CONTRACTS.INSTANT_GAP' });
    const follower = new MarketFollower(connection, epoch, 'risk', () => undefined);
    await expect(follower.follow(undefined)).rejects.toMatchObject({ code: 'CONTRACTS.INSTANT_GAP' });
  });

  it('a reader that comes after the beginning has aged out starts with the first there is', async () => {
    const publisher = new MarketPublisher(connection, epoch);
    for (const number of [1, 2, 3]) await publisher.publish(instantOf(number));
    const { streams } = await jetstreamManager(connection);
    await streams.purge(epoch.marketStream, { seq: epoch.marketFromSeq + 1 });
    expect(await instants()).toEqual([instantOf(2), instantOf(3)]);
  });

  it.each([
    ['nobody', 'ek.mkt.v1.deribit.X.price', 'nonsense', 'market'],
    ['a clock', 'ek.mkt.v1.evenkeel.clock.instant', 'nonsense', 'market'],
    ['steps', STEPS_SUBJECT, 'nonsense', 'step'],
    ['steps, two of them for one partition', STEPS_SUBJECT, twiceForOne, 'step'],
  ])(
    'bytes that are none on the subject of %s stop nobody, and a pointer says where',
    async (_, subject, bytes, kind) => {
      await new MarketPublisher(connection, epoch).publish(instantOf(1));
      await connection.request(subject, bytes);
      const publisher = new MarketPublisher(connection, epoch);
      await publisher.publish(instantOf(2));
      await publisher.give([{ kind: 'market', partition: '07', upTo: 2 }]);
      const unreadable: UnreadableMessage[] = [];
      const seen: MarketEntry[] = [];
      const follower: MarketFollower = new MarketFollower(
        connection,
        epoch,
        'risk',
        (entry) => {
          seen.push(entry);
          if (entry.kind === 'step') void follower.stop();
        },
        (found) => unreadable.push(found),
      );
      await follower.follow(undefined);
      expect(seen.map((entry) => entry.kind)).toEqual(['instant', 'instant', 'step']);
      expect(unreadable).toMatchObject([{ code: 'NATS.UNREADABLE_MESSAGE', kind, subject }]);
      expect(await instants()).toEqual([instantOf(1), instantOf(2)]);
      const { streams } = await jetstreamManager(connection);
      const letter = await streams.getMessage('EK_DLQ', { last_by_subj: 'ek.dlq.v1.risk.market' });
      const seq = epoch.marketFromSeq + 1;
      const place = { stream: epoch.marketStream, seq, subject, code: 'CONTRACTS.UNDECODABLE' };
      expect(letter?.json()).toMatchObject(place);
    },
  );
});
