import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Pool } from 'pg';
import { NatsDesk, connectNats, parseBusAddress } from '@evenkeel/adapter-nats';
import {
  LedgerDesk,
  checkExternalPostgres,
  createLedgerPool,
  databasePlace,
} from '@evenkeel/adapter-postgres';
import { answered, deskAtAGlance, missing } from '@evenkeel/desk';
import type { Answer, DeskBus, DeskGlance, DeskRecord, GlancePlace, RecordedDesk } from '@evenkeel/desk';
import { busOf, runningStack } from '../stack/background';
import { latchFiles } from '../stack/engage-latch';
import { settings } from '../stack/environment';
import { homeOf } from '../stack/home';
import type { Home } from '../stack/home';
import { withLedgerUrl } from '../stack/ledger-access';

/** Services say how far they are twice a second at least. */
const LISTEN_MS = 600;
/** A server that does not answer within this is not waited for. */
const PATIENCE_MS = 3_000;

export interface Look {
  readonly glance: DeskGlance;
  readonly place: GlancePlace;
}

/** What is known of where the servers are, and whether any should be there. */
interface Whereabouts {
  readonly natsUrl: string | undefined;
  readonly databaseUrl: string | undefined;
  readonly keeper: number | undefined;
  /** Nothing runs in this home, and nothing else was named. */
  readonly down: boolean;
}

/** Looks at the desk of a home, once or again and again; what it holds open is closed by `close`. */
export class DeskLooker {
  private bus:
    { readonly url: string; readonly connection: NatsConnection; readonly desk: DeskBus } | undefined;
  private ledger: { readonly url: string; readonly pool: Pool; readonly desk: DeskRecord } | undefined;
  /** How the last epoch ended, while nothing runs that could change it. */
  private ended: RecordedDesk | undefined;
  private hasEnded = false;

  constructor(private readonly home: Home = homeOf()) {}

  async look(): Promise<Look> {
    const where = this.whereabouts();
    const files = latchFiles(this.home.kill).map(({ scope, engagement }) => ({ ...engagement, scope }));
    const request = {
      at: new Date().toISOString(),
      files,
      down: where.down,
      listenMs: LISTEN_MS,
      within,
    };
    const bus = await this.busAt(where);
    if (!where.down) this.hasEnded = false;
    const glance =
      where.down && !this.hasEnded
        ? await this.atTheEnd((record) => deskAtAGlance({ ...request, bus, record }))
        : await deskAtAGlance({ ...request, bus, record: await this.recordAt(where) });
    return { glance: withoutSecrets(glance, [where.natsUrl, where.databaseUrl]), place: this.placeOf(where) };
  }

  async close(): Promise<void> {
    await Promise.all([this.forgetBus(), this.forgetLedger()]);
  }

  private whereabouts(): Whereabouts {
    const given = settings();
    const running = runningStack(this.home);
    if (given.natsUrl !== undefined) parseBusAddress(given.natsUrl);
    const natsUrl = given.natsUrl ?? running?.natsUrl;
    const databaseUrl = given.databaseUrl ?? running?.databaseUrl;
    return {
      natsUrl,
      databaseUrl,
      keeper: running?.pid,
      down: natsUrl === undefined && given.databaseUrl === undefined,
    };
  }

  private async busAt({ natsUrl, down }: Whereabouts): Promise<Answer<DeskBus>> {
    if (natsUrl === undefined) {
      await this.forgetBus();
      return missing(down ? 'NATS does not run' : 'no NATS server is known here: set NATS_URL');
    }
    if (this.bus?.url === natsUrl && !this.bus.connection.isClosed()) return answered(this.bus.desk);
    await this.forgetBus();
    try {
      const access = await busOf(this.home, 'observer');
      if (access === undefined) return missing('no NATS server is known here');
      let refused: Error | undefined;
      const onRefused = (refusal: Error): void => void (refused ??= refusal);
      const connection = await connectedWithin(connectNats(access, 'keel-status', { onRefused }));
      const desk = new NatsDesk(
        connection,
        () => Date.now(),
        () => refused,
      );
      this.bus = { url: natsUrl, connection, desk };
      return answered(desk);
    } catch (error) {
      return missing(messageOf(error));
    }
  }

  private async recordAt({ databaseUrl, down }: Whereabouts): Promise<Answer<DeskRecord>> {
    if (down) return answered({ newest: () => Promise.resolve(this.ended) });
    if (databaseUrl === undefined) return missing('no PostgreSQL server is known here: set DATABASE_URL');
    if (this.ledger?.url === databaseUrl) return answered(this.ledger.desk);
    await this.forgetLedger();
    try {
      if (settings().databaseUrl !== undefined) await within(checkExternalPostgres(databaseUrl));
      return answered(this.ledgerAt(databaseUrl));
    } catch (error) {
      return missing(messageOf(error));
    }
  }

  private ledgerAt(url: string): DeskRecord {
    const pool = createLedgerPool({ url, role: 'evenkeel_reader', max: 2 });
    this.ledger = { url, pool, desk: new LedgerDesk(pool) };
    return this.ledger.desk;
  }

  /** Nothing runs: the ledger is started for the look, where there is one, and what it says is kept while that stays so. */
  private async atTheEnd(look: (record: Answer<DeskRecord>) => Promise<DeskGlance>): Promise<DeskGlance> {
    if (!existsSync(join(this.home.postgres, 'data'))) {
      this.hasEnded = true;
      return look(answered({ newest: () => Promise.resolve(undefined) }));
    }
    try {
      return await withLedgerUrl(async (url) => {
        const desk = this.ledgerAt(url);
        try {
          return await look(answered({ newest: async () => this.keep(await desk.newest()) }));
        } finally {
          await this.forgetLedger();
        }
      });
    } catch (error) {
      return look(missing(messageOf(error)));
    }
  }

  private keep(desk: RecordedDesk | undefined): RecordedDesk | undefined {
    this.hasEnded = true;
    this.ended = desk;
    return desk;
  }

  private placeOf({ natsUrl, databaseUrl, keeper }: Whereabouts): GlancePlace {
    return {
      home: this.home.dir,
      ...(natsUrl === undefined ? {} : { nats: busPlace(natsUrl) }),
      ...(databaseUrl === undefined ? {} : { postgres: databasePlace(databaseUrl) }),
      ...(keeper === undefined ? {} : { keeper }),
    };
  }

  private async forgetBus(): Promise<void> {
    const { bus } = this;
    this.bus = undefined;
    await bus?.connection.close();
  }

  private async forgetLedger(): Promise<void> {
    const { ledger } = this;
    this.ledger = undefined;
    await ledger?.pool.end();
  }
}

/** Servers by host and port, whatever credentials the address holds. */
export function busPlace(url: string): string {
  try {
    return parseBusAddress(url).servers.join(', ');
  } catch {
    return 'NATS_URL (which is not an address)';
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function within<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS / 1_000} s`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
    // Nobody waits for it any more, and it may still fail.
    answer.catch(() => undefined);
  }
}

/** A connection that comes too late is closed again. */
async function connectedWithin(connecting: Promise<NatsConnection>): Promise<NatsConnection> {
  try {
    return await within(connecting);
  } catch (error) {
    connecting.then(
      (late) => late.close(),
      () => undefined,
    );
    throw error;
  }
}

/** Whatever a server or a library has put into its message: no password of ours is in what is said to be missing. */
export function withoutSecrets(glance: DeskGlance, urls: readonly (string | undefined)[]): DeskGlance {
  const secrets = urls.flatMap((url) => (url === undefined ? [] : passwordsIn(url)));
  if (secrets.length === 0 || glance.missing.length === 0) return glance;
  const hidden = (name: string, value: unknown): unknown =>
    typeof value === 'string' && (name === 'missing' || name === 'why')
      ? secrets.reduce((text, secret) => text.replaceAll(secret, '…'), value)
      : value;
  return JSON.parse(JSON.stringify(glance, hidden)) as DeskGlance; // the same, text by text
}

function passwordsIn(urls: string): string[] {
  return urls.split(',').flatMap((part) => {
    try {
      const { username, password, searchParams } = new URL(part.trim());
      // A NATS user without a password is a token.
      const token = password === '' && !part.includes('postgres') ? username : '';
      const named = ['password', 'sslpassword'].flatMap((name) => searchParams.getAll(name));
      return [password, decodeURIComponent(password), token, ...named].filter((secret) => secret !== '');
    } catch {
      return [];
    }
  });
}
