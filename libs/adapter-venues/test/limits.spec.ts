import { createRandom } from '@evenkeel/kernel';
import fc from 'fast-check';

import {
  ConnectionCore,
  DEFAULT_BACKOFF,
  backoffDelay,
  blockBucket,
  fullBucket,
  takeTokens,
} from '@evenkeel/venue-wire';
import type { ConnectionEffect } from '@evenkeel/venue-wire';
import { DERIBIT_PROTOCOL } from '@evenkeel/adapter-venue-deribit';
import { HYPERLIQUID_PROTOCOL } from '@evenkeel/adapter-venue-hyperliquid';

const SECOND = 1_000_000_000n;

describe('the token bucket', () => {
  const rule = { capacity: 5, refillNs: 100n };

  it('never lets more through than the capacity plus what has been refilled', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 200 }), (gaps) => {
        let bucket = fullBucket(rule, 0n);
        let now = 0n;
        let granted = 0;
        for (const gap of gaps) {
          now += BigInt(gap);
          const grant = takeTokens(rule, bucket, now);
          bucket = grant.bucket;
          if (grant.granted) granted += 1;
          else expect(takeTokens(rule, bucket, grant.readyAt).granted).toBe(true);
          expect(granted).toBeLessThanOrEqual(rule.capacity + Number(now / rule.refillNs));
        }
      }),
      { seed: 1 },
    );
  });

  it('gives nothing while blocked, and time that goes back refills nothing', () => {
    const blocked = blockBucket(fullBucket(rule, 0n), 1000n);
    expect(takeTokens(rule, blocked, 999n)).toMatchObject({ granted: false, readyAt: 1000n });
    expect(takeTokens(rule, blocked, 1000n).granted).toBe(true);
    const empty = { tokens: 0, at: 5000n, blockedUntil: 0n };
    expect(takeTokens(rule, empty, 100n).granted).toBe(false);
  });
});

describe('backoff', () => {
  it('doubles up to its maximum, and jitter takes away at most half', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.double({ min: 0, max: 0.999999, noNaN: true }), (attempt, jitter) => {
        const delay = backoffDelay(DEFAULT_BACKOFF, attempt, jitter);
        const full = backoffDelay(DEFAULT_BACKOFF, attempt, 0) * 2n;
        expect(delay >= full / 2n && delay <= full && full <= DEFAULT_BACKOFF.maxNs).toBe(true);
      }),
      { seed: 2 },
    );
    expect(backoffDelay(DEFAULT_BACKOFF, 3, 0)).toBe(2n * SECOND);
  });
});

describe('the connection core', () => {
  const sent = (effects: readonly ConnectionEffect[]): string[] =>
    effects.flatMap((effect) => (effect.effect === 'send' ? [effect.text] : []));

  function openCore(): ConnectionCore {
    const core = new ConnectionCore({
      protocol: { ...DERIBIT_PROTOCOL, sendLimit: { capacity: 2, refillNs: SECOND } },
      subscriptions: [{ channel: 'book', symbol: 'BTC-PERPETUAL' }],
      random: createRandom('core'),
    });
    expect(core.react({ input: 'start', now: 0n })).toEqual([
      { effect: 'connect', url: DERIBIT_PROTOCOL.url },
    ]);
    expect(sent(core.react({ input: 'opened', now: 0n }))).toHaveLength(2);
    return core;
  }

  it('holds back what the rate limit does not allow and sends it when it does', () => {
    const core = openCore();
    const request = '{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"test_request"}}';
    expect(sent(core.react({ input: 'received', now: 1n, text: request }))).toEqual([]);
    expect(sent(core.react({ input: 'time', now: SECOND - 1n }))).toEqual([]);
    expect(sent(core.react({ input: 'time', now: SECOND }))).toEqual([
      expect.stringContaining('public/test'),
    ]);
  });

  it('sends nothing while the venue says that it is too much', () => {
    const core = openCore();
    const refusal = '{"jsonrpc":"2.0","id":1,"error":{"message":"too_many_requests","code":10028}}';
    const effects = core.react({ input: 'received', now: 5n * SECOND, text: refusal });
    expect(effects).toContainEqual({
      effect: 'fact',
      fact: { fact: 'throttled', at: 5n * SECOND, forNs: SECOND },
    });
    const request = '{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"test_request"}}';
    expect(sent(core.react({ input: 'received', now: 5n * SECOND, text: request }))).toEqual([]);
    expect(sent(core.react({ input: 'time', now: 6n * SECOND }))).toHaveLength(1);
  });

  it('lets an order or a cancel go before the subscriptions that wait', () => {
    const symbols = Array.from({ length: 30 }, (_, index) => `C${index}`);
    const core = new ConnectionCore({
      protocol: { ...HYPERLIQUID_PROTOCOL, sendLimit: { capacity: 2, refillNs: SECOND } },
      subscriptions: symbols.map((symbol) => ({ channel: 'quote', symbol })),
      random: createRandom('core'),
    });
    core.react({ input: 'start', now: 0n });
    expect(sent(core.react({ input: 'opened', now: 0n }))).toHaveLength(2);
    expect(sent(core.react({ input: 'send', now: 1n, text: 'cancel' }))).toEqual([]);
    expect(sent(core.react({ input: 'time', now: SECOND }))).toEqual(['cancel']);
    expect(sent(core.react({ input: 'time', now: 2n * SECOND }))).toEqual([expect.stringContaining('C2')]);
  });

  it('loses no message in silence: all of many subscriptions go out, and what does not fit ends the connection', () => {
    const protocol = { ...HYPERLIQUID_PROTOCOL, sendLimit: { capacity: 5_000, refillNs: SECOND } };
    const open = (count: number): { core: ConnectionCore; effects: ConnectionEffect[] } => {
      const symbols = Array.from({ length: count }, (_, index) => `C${index}`);
      const subscriptions = symbols.map((symbol) => ({ channel: 'quote', symbol }) as const);
      const core = new ConnectionCore({ protocol, subscriptions, random: createRandom('core') });
      core.react({ input: 'start', now: 0n });
      return { core, effects: core.react({ input: 'opened', now: 0n }) };
    };
    expect(new Set(sent(open(3_000).effects)).size).toBe(3_000);
    const { core, effects } = open(10_001);
    expect(effects).toContainEqual({
      effect: 'fact',
      fact: expect.objectContaining({ fact: 'venue-error', code: 'OUTBOX_FULL' }),
    });
    expect(effects).toContainEqual({ effect: 'disconnect', reason: 'outbox full' });
    expect(core.phase).toBe('waiting');
  });

  it('reports a flood of nonsense once a second, with its count', () => {
    const core = openCore();
    const facts = Array.from({ length: 500 }, (_, index) =>
      core.react({ input: 'received', now: BigInt(index) * 10_000_000n, text: '{' }),
    ).flat();
    expect(facts).toHaveLength(5);
    expect(facts[4]).toMatchObject({ fact: { fact: 'message-refused', count: 401 } });
  });

  it('does the same for the same inputs', () => {
    const run = (): string => {
      const core = openCore();
      const effects: ConnectionEffect[] = [];
      for (let index = 0n; index < 400n; index += 1n) {
        effects.push(...core.react({ input: 'time', now: index * SECOND }));
        if (index % 97n === 0n)
          effects.push(...core.react({ input: 'closed', now: index * SECOND, code: 1006, reason: '' }));
        if (core.phase === 'connecting')
          effects.push(...core.react({ input: 'opened', now: index * SECOND }));
      }
      return JSON.stringify(effects, (_, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      );
    };
    expect(run()).toBe(run());
  });
});
