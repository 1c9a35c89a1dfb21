import type { ControlCommand } from '@evenkeel/adapter-nats';
import { createOrderCore } from '@evenkeel/execution';
import type { ExecutionState } from '@evenkeel/execution';
import type { CommitDraft, DomainEvent } from '@evenkeel/facts';
import { draftOfCommand, recordCommands } from './control-commands';
import type { Host } from './gateway';

const core = createOrderCore();
const NOW = '2026-01-05T00:00:00Z';
const limits = {
  maxOrderQuantity: [],
  maxGrossNotionalUsd: '1000',
  priceCollarBps: '50',
  maxOrdersPerMinute: 10,
};

function fold(state: ExecutionState, event: DomainEvent): ExecutionState {
  const aggregate = { context: 'execution', type: 'controls', id: 'desk' } as const;
  return core.evolve(state, {
    commitId: 'c',
    aggregate,
    book: 'desk',
    eventTime: NOW,
    correlationId: 'x',
    events: [event],
  });
}

function desk(): ExecutionState {
  const payload = { book: 'desk', venue: 'binance', at: NOW, specifications: [], limits, limitsVersion: 'v' };
  return fold(core.initial(), { type: 'VenueAccountOpened', payload });
}

const command = (over: Partial<ControlCommand>): ControlCommand => ({
  id: '6f0c1f0e-0000-4000-8000-000000000001',
  kind: 'throttle-reset',
  book: 'desk',
  by: 'ann',
  reason: 'found',
  at: '2026-07-01T00:00:00Z',
  ...over,
});

describe('commands of the desk', () => {
  it('become facts at event time under the name of who gave them', () => {
    const draft = draftOfCommand(desk(), command({ instrument: 'X@binance' }));
    expect(draft).toMatchObject({
      aggregate: { type: 'controls', id: 'desk' },
      eventTime: NOW,
      actor: { kind: 'human', id: 'ann' },
      events: [{ type: 'ThrottleReset', payload: { instrument: 'X@binance', by: 'ann', reason: 'found' } }],
    });
  });

  it('grant an override of a soft control until its time is over, and of no hard one', () => {
    const grant = command({
      kind: 'override-grant',
      control: 'order-quantity',
      upTo: '7',
      duration: 'PT30M',
    });
    const draft = draftOfCommand(desk(), grant);
    expect(draft?.events[0]?.payload).toMatchObject({
      overrideId: grant.id,
      upTo: '7',
      expiresAt: '2026-01-05T00:30:00Z',
    });
    expect(draftOfCommand(desk(), { ...grant, control: 'price-collar' })).toBeUndefined();
    const event = draft?.events[0];
    if (event === undefined) throw new Error('a grant is one event');
    const revoke = command({ kind: 'override-revoke', overrideId: grant.id });
    expect(draftOfCommand(fold(desk(), event), revoke)?.events[0]?.type).toBe('OverrideRevoked');
    expect(draftOfCommand(desk(), revoke)).toBeUndefined();
  });

  it.each([
    ['an unknown book', { book: 'other', instrument: 'X@binance' }],
    ['nobody', { by: '', instrument: 'X@binance' }],
    ['no reason', { reason: '', instrument: 'X@binance' }],
    ['no instrument', {}],
    ['an unknown venue', { kind: 'venue-resume', venue: 'elsewhere' } as const],
  ])('are turned down for %s', (_name, over) => {
    expect(draftOfCommand(desk(), command(over))).toBeUndefined();
  });

  it('are recorded once, settled, and overrides are left to two people where governance is required', async () => {
    const facts: CommitDraft[] = [];
    const waiting = new Map([
      ['resume', command({ id: 'resume', kind: 'venue-resume', venue: 'binance' })],
      [
        'grant',
        command({ id: 'grant', kind: 'override-grant', control: 'order-quantity', duration: 'PT1M' }),
      ],
    ]);
    const store = {
      readCommands: () => Promise.resolve([...waiting.values()]),
      settleCommand: (id: string) => Promise.resolve(void waiting.delete(id)),
    };
    const host = {
      partition: '',
      reactor: { state: desk() },
      handleFact: (_id: string, draft: CommitDraft) => Promise.resolve(void facts.push(draft)),
    };
    const { partitionOf } = await import('@evenkeel/kernel');
    const hosts = [{ ...host, partition: partitionOf('desk') } as unknown as Host]; // what recordCommands uses of a host
    const logger = { warn: () => undefined, info: () => undefined };
    await recordCommands(store, hosts, logger, true);
    expect(facts.map(({ events }) => events[0]?.type)).toEqual(['VenueResumed']);
    expect(waiting.size).toBe(0);
  });
});
