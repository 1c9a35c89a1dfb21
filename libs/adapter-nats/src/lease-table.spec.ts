import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import { Kvm } from '@nats-io/kv';
import { connectNats } from './connection';
import type { Fenced, Lease } from './lease';
import { LeaseTable, unownedAt } from './lease-table';
import type { EmbeddedNats } from './server/embedded-nats';
import { startEmbeddedNats } from './server/embedded-nats';
import { findNatsServer } from './server/nats-server-binary';
import { ensureStreams } from './streams';

const toolsDir = resolve(__dirname, '..', '..', '..', '.evenkeel', 'bin');
const binary = findNatsServer(toolsDir, (line) => process.stderr.write(`${line}\n`));
const PARTITIONS = ['00', '01', '02', '03', '04', '05'];
const LEASE_MS = 1_500;

/** A process as its lease table sees it. Frozen, nothing that it asks gets through: as when it is paused. */
class Process {
  readonly leases = new Map<string, Lease>();
  readonly fenced: Fenced[] = [];
  readonly troubles: unknown[] = [];
  readonly table: LeaseTable;
  private frozen: Promise<void> = Promise.resolve();
  private thawed: () => void = () => undefined;
  /** What becomes of a publish: it is `stored` with no answer, or `lost` on the way. */
  fate: (subject: string) => 'answered' | 'stored' | 'lost' = () => 'answered';

  constructor(
    readonly connection: NatsConnection,
    service: string,
    readonly name: string,
    leaseMs: number,
  ) {
    this.table = new LeaseTable({
      connection: this.gated(),
      service,
      process: name,
      partitions: PARTITIONS,
      leaseMs,
      onGained: (gained) => {
        for (const lease of gained) this.leases.set(lease.partition, lease);
        return Promise.resolve();
      },
      onGive: (partition) => {
        this.leases.delete(partition);
        return Promise.resolve();
      },
      onFenced: (why) => {
        this.fenced.push(why);
        this.leases.clear();
        return Promise.resolve();
      },
      onTrouble: (error) => this.troubles.push(error),
    });
  }

  get owned(): string[] {
    return [...this.leases.keys()].sort();
  }

  freeze(): void {
    this.frozen = new Promise((resolve) => (this.thawed = resolve));
  }

  thaw(): void {
    this.thawed();
  }

  private gated(): NatsConnection {
    return new Proxy(this.connection, {
      get: (target, property) => {
        const value: unknown = Reflect.get(target, property, target);
        if (property !== 'request') return typeof value === 'function' ? value.bind(target) : value;
        return async (...call: Parameters<NatsConnection['request']>) => {
          await this.frozen;
          const fate = this.fate(call[0]);
          if (fate === 'lost') throw new Error('lost on the way');
          const answer = await target.request(...call);
          if (fate === 'stored') throw new Error('no answer');
          return answer;
        };
      },
    });
  }
}

describe('the leases of a service', () => {
  let dir: string;
  let server: EmbeddedNats;
  let connection: NatsConnection;
  const started: Process[] = [];
  let services = 0;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'evenkeel-leases-'));
    server = await startEmbeddedNats({ binary, dir });
    connection = await connectNats(server.url, 'test');
    await ensureStreams(connection);
  });

  beforeEach(() => {
    services += 1;
  });

  afterEach(async () => {
    await Promise.all(started.splice(0).map(({ table }) => table.stop()));
  });

  afterAll(async () => {
    await connection.close();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  async function start(name: string, leaseMs = LEASE_MS): Promise<Process> {
    const process = new Process(connection, `svc${services}`, name, leaseMs);
    await process.table.start();
    started.push(process);
    return process;
  }

  async function until(holds: () => boolean): Promise<void> {
    const deadline = performance.now() + 10 * LEASE_MS;
    while (!holds() && performance.now() < deadline) await delay(20);
    expect(holds()).toBe(true);
  }

  const divided = (...processes: Process[]): string[] => processes.flatMap(({ owned }) => owned).sort();

  it('are divided all the same where a heartbeat and a lease cannot be read', async () => {
    const bucket = await new Kvm(connection).open('EK_CONTROL');
    await bucket.put(`member.svc${services}.ghost`, 'x');
    await bucket.put(`lease.svc${services}.03`, '{"token":-1}');
    const a = await start('a');
    const others = PARTITIONS.filter((partition) => partition !== '03');
    // What cannot be read may live; declared dead, it has no share. The lease is left to whoever may have it.
    await until(() => a.owned.length === others.length);
    expect(a.owned).toEqual(others);
    expect(a.troubles).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: 'NATS.UNREADABLE_MESSAGE', kind: 'member' }),
        expect.objectContaining({ code: 'NATS.UNREADABLE_MESSAGE', kind: 'lease' }),
      ]),
    );
    await bucket.put(`member.svc${services}.a`, 'x');
    await until(() => a.fenced.length === 1 && a.owned.length === others.length);
  });

  it('are divided over the living processes, and move when one comes and when one goes', async () => {
    const a = await start('a');
    expect(a.owned).toEqual(PARTITIONS);
    const both = [`svc${services}`, 'nobody'];
    expect(await unownedAt(connection, '03', both)).toEqual(['nobody']);
    expect(await unownedAt(connection, '15', both)).toEqual(both);
    const b = await start('b');
    await until(() => a.owned.length === 3 && b.owned.length === 3);
    expect(divided(a, b)).toEqual(PARTITIONS);
    const before = new Map([...a.leases, ...b.leases]);
    await b.table.stop();
    started.splice(started.indexOf(b), 1);
    await until(() => a.owned.length === PARTITIONS.length);
    for (const [partition, lease] of a.leases)
      expect(lease.token >= (before.get(partition)?.token ?? 0n)).toBe(true);
  });

  it('are left to a process that goes on, and to none that ends as well', async () => {
    const [a, b, c] = [await start('a'), await start('b'), await start('c')];
    await until(() => a.table.hasPeers && b.table.hasPeers && c.table.hasPeers);
    // Two are told to end within a moment, and the third goes on.
    await Promise.all([a.table.announceEnd(), delay(50).then(() => b.table.announceEnd())]);
    expect([a.table.hasPeers, b.table.hasPeers]).toEqual([true, true]);
    await until(() => !c.table.hasPeers);
    await c.table.announceEnd();
    expect([a.table.hasPeers, b.table.hasPeers, c.table.hasPeers]).toEqual([true, true, false]);
  });

  it('are left to nobody by processes that all end together, or that hear nothing of the others', async () => {
    const [a, b] = [await start('a'), await start('b')];
    await until(() => a.table.hasPeers && b.table.hasPeers);
    await Promise.all([a.table.announceEnd(), delay(50).then(() => b.table.announceEnd())]);
    expect([a.table.hasPeers, b.table.hasPeers]).toEqual([false, false]);
    const deaf = await start('c');
    deaf.freeze();
    await deaf.table.announceEnd();
    expect(deaf.table.hasPeers).toBe(false);
    deaf.thaw();
  });

  it('of a process that is silent go to the others; when it wakes up it is fenced before it can act, and joins anew', async () => {
    const a = await start('a');
    const old = [...a.leases.values()];
    a.freeze();
    const b = await start('b');
    expect(b.owned).toEqual([]);
    await until(() => b.owned.length === PARTITIONS.length);
    for (const lease of old) expect((b.leases.get(lease.partition)?.token ?? 0n) > lease.token).toBe(true);
    const asked = Promise.all(
      old.map((lease) => expect(lease.assertHeld()).rejects.toMatchObject({ code: 'NATS.FENCED' })),
    );
    a.thaw();
    await asked;
    await until(() => a.fenced.length > 0);
    await until(() => a.owned.length === 3 && b.owned.length === 3);
    expect(divided(a, b)).toEqual(PARTITIONS);
    await Promise.all([...a.leases.values(), ...b.leases.values()].map((lease) => lease.assertHeld()));
  }, 30_000);

  it('pass at once to a successor under the same name; the predecessor says so and stays out', async () => {
    const first = await start('a');
    const held = [...first.leases.values()];
    const second = await start('a');
    expect(second.owned).toEqual(PARTITIONS);
    await until(() => first.fenced.length > 0);
    expect(first.owned).toEqual([]);
    for (const lease of held) await expect(lease.assertHeld()).rejects.toMatchObject({ code: 'NATS.FENCED' });
    await delay(LEASE_MS);
    expect(first.owned).toEqual([]);
    expect(second.owned).toEqual(PARTITIONS);
  }, 30_000);

  it('never have two valid owners, whoever comes, goes and freezes', async () => {
    const processes = await Promise.all(['a', 'b', 'c'].map((name) => start(name)));
    const tokens = new Map<string, bigint>();
    for (let round = 0; round < 6; round += 1) {
      const victim = processes[round % 3];
      if (round % 2 === 0) victim?.freeze();
      else for (const process of processes) process.thaw();
      for (let look = 0; look < 15; look += 1) {
        const valid = await Promise.all(
          processes.flatMap((process) =>
            [...process.leases.values()].map(async (lease) => {
              const held = await Promise.race([
                lease.assertHeld().then(
                  () => true,
                  () => false,
                ),
                delay(10, false),
              ]);
              return held ? lease : undefined;
            }),
          ),
        );
        const owners = new Map<string, bigint>();
        for (const lease of valid) {
          if (lease === undefined) continue;
          expect(owners.has(lease.partition)).toBe(false);
          owners.set(lease.partition, lease.token);
          expect(lease.token >= (tokens.get(lease.partition) ?? 0n)).toBe(true);
          tokens.set(lease.partition, lease.token);
        }
        await delay(60);
      }
    }
    for (const process of processes) process.thaw();
    await until(() => divided(...processes).length === PARTITIONS.length);
  }, 60_000);

  /** The second of the next changes to leases meets its fate, once. */
  const secondOf = (fate: 'stored' | 'lost') => {
    let changes = 0;
    return (subject: string) => (/\.lease\./.test(subject) && (changes += 1) === 2 ? fate : 'answered');
  };

  it.each(['stored', 'lost'] as const)(
    'are opened by whoever takes them although the server goes away meanwhile (%s)',
    async (fate) => {
      const a = await start('a');
      const b = await start('b');
      await until(() => a.owned.length === 3 && b.owned.length === 3);
      a.fate = secondOf(fate);
      await b.table.stop();
      started.splice(started.indexOf(b), 1);
      await until(() => a.troubles.length > 0);
      await until(() => a.owned.length === PARTITIONS.length);
    },
    30_000,
  );

  it.each(['stored', 'lost'] as const)(
    'are free once they are given back although the server goes away meanwhile (%s)',
    async (fate) => {
      const a = await start('a');
      a.fate = secondOf(fate);
      const b = await start('b');
      await until(() => a.owned.length === 3 && b.owned.length === 3);
      expect(a.troubles).toHaveLength(1);
    },
    30_000,
  );

  it('of a process with a longer lease are left to it for as long as it trusts itself', async () => {
    const slow = await start('slow', 3 * LEASE_MS);
    const quick = await start('quick');
    await until(() => slow.owned.length === 3 && quick.owned.length === 3);
    slow.freeze();
    await delay(1.5 * LEASE_MS);
    expect(quick.owned).toHaveLength(3);
    await Promise.all([...slow.leases.values()].map((lease) => lease.assertHeld()));
    slow.thaw();
    await delay(LEASE_MS);
    expect([slow.fenced, slow.owned.length]).toEqual([[], 3]);
  }, 30_000);

  it('leave no consumer behind', async () => {
    const a = await start('a');
    await delay(LEASE_MS);
    expect(a.troubles).toEqual([]);
    const { consumersByStream } = await import('./consumer-count');
    expect((await consumersByStream(connection)).get('KV_EK_CONTROL')).toBe(0);
  });
});
