import type { WaitingCommand } from '@evenkeel/adapter-nats';
import { createOrderCore } from '@evenkeel/execution';
import type { ExecutionState } from '@evenkeel/execution';
import type { CommitDraft, DomainEvent } from '@evenkeel/facts';
import { GovernanceRecord, controlContent } from '@evenkeel/governance';
import type { CommitOfPeople, ControlCommand } from '@evenkeel/governance';
import { partitionOf } from '@evenkeel/kernel';
import { opening, saidOnTime, statementsOf } from '../../../../libs/governance/src/people.test-support';
import type { Statements } from '../../../../libs/governance/src/people.test-support';
import { draftOfCommand, recordCommands } from './control-commands';
import type { Approvals } from './approvals';
import type { Host } from '../host';

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

/** The fact that a command becomes; throws where it is turned down. */
function factOf(state: ExecutionState, asked: ControlCommand): CommitDraft {
  const draft = draftOfCommand(state, asked);
  if (typeof draft === 'string') throw new Error(draft);
  return draft;
}

describe('commands of the desk', () => {
  it('become facts at event time under the name of who gave them', () => {
    expect(factOf(desk(), command({ instrument: 'X@binance' }))).toMatchObject({
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
    const draft = factOf(desk(), grant);
    expect(draft.events[0]?.payload).toMatchObject({
      overrideId: grant.id,
      upTo: '7',
      expiresAt: '2026-01-05T00:30:00Z',
    });
    expect(draftOfCommand(desk(), { ...grant, control: 'price-collar' })).toBe('NO_SOFT_CONTROL');
    const event = draft.events[0];
    if (event === undefined) throw new Error('a grant is one event');
    const revoke = command({ kind: 'override-revoke', overrideId: grant.id });
    expect(factOf(fold(desk(), event), revoke).events[0]?.type).toBe('OverrideRevoked');
    expect(draftOfCommand(desk(), revoke)).toBe('NO_SUCH_OVERRIDE');
  });

  it.each([
    ['an unknown book', 'NO_SUCH_BOOK', { book: 'other', instrument: 'X@binance' }],
    ['nobody', 'INCOMPLETE', { by: '', instrument: 'X@binance' }],
    ['no reason', 'INCOMPLETE', { reason: '', instrument: 'X@binance' }],
    ['no instrument', 'INCOMPLETE', {}],
    ['an unknown venue', 'NO_SUCH_VENUE', { kind: 'venue-resume', venue: 'elsewhere' } as const],
  ])('are turned down for %s', (_name, why, over) => {
    expect(draftOfCommand(desk(), command(over))).toBe(why);
  });

  const whoAgreed = (facts: readonly CommitDraft[]): unknown[] =>
    facts.flatMap(({ events }) =>
      events.flatMap(({ type, payload }) =>
        type === 'ControlRefused'
          ? []
          : [[type, 'approval' in payload ? payload.approval?.approvedBy : undefined]],
      ),
    );
  const refusalsIn = (facts: readonly CommitDraft[]): unknown[] =>
    facts.flatMap(({ events }) =>
      events.flatMap((event) => (event.type === 'ControlRefused' ? event.payload.reasons : [])),
    );

  /** Everything that waits is looked at once, at `now`, with what the journal says of governance. */
  async function recorded(
    commands: readonly ControlCommand[],
    {
      required = true,
      journal = [] as readonly CommitOfPeople[],
      now = '2026-07-01T10:45:00Z',
      begun = true,
      tooEarly = false,
      unreadable = undefined as { readonly problem: string } | undefined,
    } = {},
  ): Promise<{ readonly facts: CommitDraft[]; readonly waiting: number; readonly warned: string[] }> {
    const byId = new Map<string, CommitDraft>();
    const waiting = new Map<string, ControlCommand | { readonly problem: string }>(
      commands.map((one) => [one.id, one]),
    );
    if (unreadable !== undefined) waiting.set('unreadable', unreadable);
    const warned: string[] = [];
    const store = {
      readCommands: () =>
        Promise.resolve(
          [...waiting].map(([key, one]) => ({
            key,
            revision: 1,
            ...('kind' in one ? { command: one } : one),
          })),
        ),
      settleCommand: ({ key }: WaitingCommand) => Promise.resolve(void waiting.delete(key)),
    };
    const handleFact = (id: string, draft: CommitDraft) => {
      if (!tooEarly && !byId.has(id)) byId.set(id, draft);
      return Promise.resolve(!tooEarly);
    };
    const lastInstant = begun ? 1 : 0;
    const host = { partition: partitionOf('desk'), lastInstant, reactor: { state: desk() }, handleFact };
    const governance = new GovernanceRecord();
    for (const commit of [opening('2026-07-01T08:00:00Z'), ...journal]) governance.take(commit);
    const approvals: Approvals = {
      required,
      approvalOf: (change, id, at) =>
        Promise.resolve(id === undefined ? 'NOT_APPROVED' : governance.approvalFor(change, id, at)),
    };
    const logger = { warn: (_: unknown, text: string) => void warned.push(text), info: () => undefined };
    const hosts = [host as unknown as Host]; // what recordCommands uses of a host
    await recordCommands(store, hosts, logger as never, approvals, Date.parse(now));
    return { facts: [...byId.values()], waiting: waiting.size, warned };
  }

  const loosening = [
    command({ id: 'resume', kind: 'venue-resume', venue: 'binance', acceptsDifferences: true }),
    command({ id: 'grant', kind: 'override-grant', control: 'order-quantity', duration: 'PT1M' }),
    command({ id: 'reset', instrument: 'X@binance' }),
    command({ id: 'lift', kind: 'restriction-set', instrument: 'X@binance', restricted: false }),
  ];
  const tightening = command({
    id: 'set',
    kind: 'restriction-set',
    instrument: 'X@binance',
    restricted: true,
  });

  it.each([
    ['before the market has begun', { begun: false }],
    ['before the market has come to their time', { tooEarly: true }],
  ])('wait %s, although first facts have set a time already', async (_name, when) => {
    expect(await recorded([tightening], when)).toMatchObject({ facts: [], waiting: 1, warned: [] });
  });

  const statements = (asked: ControlCommand, approver = 'rita'): Statements =>
    statementsOf({
      kind: 'override',
      scope: 'desk',
      content: controlContent(asked),
      approver,
      proposedAt: '2026-07-01T10:00:00Z',
      approvedAt: '2026-07-01T10:30:00Z',
      expiresAt: '2026-07-01T11:00:00Z',
    });
  const agreed = (asked: ControlCommand, approver?: string): readonly CommitOfPeople[] =>
    saidOnTime(statements(asked, approver));
  const withProposal = (asked: ControlCommand): ControlCommand => ({
    ...asked,
    proposalId: statements(asked).proposed.proposalId,
  });

  it('do not keep others waiting when they cannot be read, or ask for what is no time', async () => {
    const [, grant] = loosening;
    if (grant === undefined) throw new Error('the second of four');
    const { facts, waiting, warned } = await recorded([{ ...grant, duration: 'soon' }, tightening], {
      required: false,
      unreadable: { problem: 'kind: is none' },
    });
    expect(whoAgreed(facts)).toEqual([['RestrictionSet', undefined]]);
    expect({ waiting, warned: warned.length }).toEqual({ waiting: 0, warned: 2 });
  });

  it('loosen nothing for one person where two are required, and still tighten', async () => {
    const { facts, waiting, warned } = await recorded([...loosening, tightening]);
    expect(whoAgreed(facts)).toEqual([['RestrictionSet', undefined]]);
    expect(facts.at(-1)?.events[0]?.payload).toMatchObject({ restricted: true });
    expect(refusalsIn(facts)).toEqual(loosening.map(() => 'NOT_APPROVED'));
    expect(waiting).toBe(0);
    expect(warned).toHaveLength(loosening.length);
    expect((await recorded(loosening, { required: false })).facts).toHaveLength(loosening.length);
  });

  it('are recorded with the two people who agreed on exactly them', async () => {
    const journal = loosening.flatMap((one) => agreed(one));
    const { facts } = await recorded(loosening.map(withProposal), { journal });
    expect(whoAgreed(facts)).toEqual([
      ['VenueResumed', 'rita'],
      ['ControlOverridden', 'rita'],
      ['ThrottleReset', 'rita'],
      ['RestrictionSet', 'rita'],
    ]);
  });

  it('are turned down with an approval of another command, of one’s own, of none, or one that has expired', async () => {
    const [, grant] = loosening;
    if (grant === undefined) throw new Error('the second of four');
    const wider = { ...withProposal(grant), upTo: '100' };
    const journal = agreed(grant);
    const late = { journal, now: '2026-07-01T11:00:00Z' };
    const others: readonly [ControlCommand, Parameters<typeof recorded>[1]][] = [
      [wider, { journal }],
      [withProposal(grant), { journal: agreed(grant, 'tess') }],
      [{ ...grant, proposalId: 'p-other' }, { journal }],
      [withProposal(grant), late],
    ];
    const why: unknown[] = [];
    for (const [asked, when] of others) {
      const { facts, waiting } = await recorded([asked], when);
      expect([whoAgreed(facts), waiting]).toEqual([[], 0]);
      why.push(...refusalsIn(facts));
    }
    expect(why).toEqual(['OTHER_CONTENT', 'SAME_PERSON', 'NOT_PROPOSED', 'EXPIRED']);
    expect((await recorded([{ ...withProposal(grant), book: 'elsewhere' }], { journal })).facts).toEqual([]);
  });

  it('leave on record who asked for what, and why it is not so', async () => {
    const asked = command({ kind: 'venue-resume', venue: 'elsewhere', acceptsDifferences: false });
    const { facts, waiting } = await recorded([asked, asked], { required: false });
    expect([facts.length, waiting]).toEqual([1, 0]);
    expect(facts[0]).toMatchObject({
      aggregate: { context: 'execution', type: 'controls', id: 'desk' },
      actor: { kind: 'algo', id: 'execution' },
      eventTime: NOW,
      events: [
        {
          type: 'ControlRefused',
          payload: {
            commandId: asked.id,
            asked: 'venue-resume',
            content: controlContent(asked),
            by: 'ann',
            reason: 'found',
            askedAt: asked.at,
            reasons: ['NO_SUCH_VENUE'],
          },
        },
      ],
    });
    expect((await recorded([asked], { required: false, tooEarly: true })).waiting).toBe(1);
  });

  it('wait for a book that is not open yet where they are meant for it', async () => {
    const elsewhere = [
      'other',
      'else',
      'next',
      'a',
      'b',
      'c',
      'd',
      'e',
      'f',
      'g',
      'h',
      'i',
      'j',
      'k',
      'l',
      'm',
      'n',
    ];
    const book = elsewhere.find((name) => partitionOf(name) === partitionOf('desk'));
    if (book === undefined) throw new Error('one of them shares the partition');
    const later = { ...tightening, book };
    expect(await recorded([{ ...later, future: true }])).toMatchObject({ facts: [], waiting: 1 });
    expect(refusalsIn((await recorded([later])).facts)).toEqual(['NO_SUCH_BOOK']);
  });

  it('use an approval up: a second command under it changes nothing', async () => {
    const [, grant] = loosening;
    if (grant === undefined) throw new Error('the second of four');
    const again = { ...withProposal(grant), id: 'again' };
    const { facts } = await recorded([withProposal(grant), again], { journal: agreed(grant) });
    expect(facts.map(({ events }) => events[0]?.payload)).toMatchObject([{ overrideId: 'grant' }]);
  });
});
