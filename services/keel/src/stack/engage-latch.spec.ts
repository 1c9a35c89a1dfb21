import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream } from '@nats-io/jetstream';
import { connectNats, findNatsServer, openEpoch, startEmbeddedNats } from '@evenkeel/adapter-nats';
import type { EmbeddedNats } from '@evenkeel/adapter-nats';
import { subjectOf } from '@evenkeel/eventing';
import { stopsNothing } from './engage-latch';
import { homeOf } from './home';

describe('a stop', () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-stops-'));
  let server: EmbeddedNats;

  beforeAll(async () => {
    server = await startEmbeddedNats({ binary: findNatsServer(homeOf().tools, () => undefined), dir });
    const connection = await connectNats(server.url, 'test');
    await openEpoch(connection);
    for (const id of ['deribit/long-straddle', 'binance/btc.50% *'])
      await jetstream(connection).publish(
        subjectOf('03', { context: 'execution', type: 'venue-account', id }),
        'what it says does not matter',
      );
    await connection.close();
  });
  afterAll(async () => {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it.each([
    ['firm', undefined],
    ['book:long-straddle', undefined],
    ['book:btc.50% *', undefined],
    ['venue:deribit', undefined],
    ['instrument:BTC-PERPETUAL@deribit', undefined],
    ['strategy:gamma-scalping', undefined],
    ['book:long-stradle', /^no book "long-stradle" is on record .*are "btc.50% \*", "long-straddle"$/],
    ['book:l\u043eng-straddle', /^no book "l\\u\{43e\}ng-straddle"/],
    ['venue:DERIBIT', /^no venue "DERIBIT" .*"binance", "deribit"$/],
    ['instrument:BTC-PERPETUAL@derbit', /^no venue "derbit"/],
    ['strategy:gamma', /^no policy "gamma"/],
  ])('of %s says whether it stops anything', async (scope, expected) => {
    const found = await stopsNothing(scope, { url: server.url });
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(expected);
  });
});
