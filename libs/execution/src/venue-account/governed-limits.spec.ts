import { takeIn } from '@evenkeel/facts';
import type { DomainEvent, EventPayloads, OrderLimits } from '@evenkeel/facts';
import { contentHashOf } from '@evenkeel/governance';
import { canonicalJson } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';
import { BOOK, Desk, OPTION, PERP, at } from '../../test/desk';

const WIDE: OrderLimits = {
  maxOrderQuantity: [{ instrument: PERP, maxQuantity: '9' }],
  maxGrossNotionalUsd: '2000000',
  priceCollarBps: '50',
  maxOrdersPerMinute: 3,
};
const written = (limits: object): string => canonicalJson(limits as Json); // plain data
const evidence = { method: 'note', note: 'n' };

function proposed(over: Partial<EventPayloads['ChangeProposed']> = {}): DomainEvent {
  const content = over.content ?? written(WIDE);
  const payload = {
    proposalId: 'p-1',
    kind: 'limits' as const,
    scope: BOOK,
    contentHash: contentHashOf(content),
    baseHash: '',
    reason: 'new mandate',
    proposedBy: 'rita',
    at: '2026-07-01T10:00:00Z',
    expiresAt: '2026-07-01T11:00:00Z',
    evidence,
  };
  return { type: 'ChangeProposed', payload: { ...payload, content, ...over } };
}

function approved(over: Partial<EventPayloads['ChangeApproved']> = {}): DomainEvent {
  const payload = {
    proposalId: 'p-1',
    kind: 'limits' as const,
    scope: BOOK,
    contentHash: contentHashOf(written(WIDE)),
    approvedBy: 'ruth',
    at: '2026-07-01T10:30:00Z',
    evidence,
  };
  return { type: 'ChangeApproved', payload: { ...payload, ...over } };
}

const AGGREGATE = { context: 'governance', type: 'changes', id: BOOK } as const;
const say = (desk: Desk, seconds: number, ...events: DomainEvent[]): void =>
  desk.commit(events, seconds, AGGREGATE);
const fate = (desk: Desk): unknown =>
  desk.types().at(-1) === 'OrderRefused' ? desk.last()['reasons'] : desk.types().at(-1);

describe('limits that two people agreed on', () => {
  it('decide what is refused from the very next order on, and say who they were', () => {
    const desk = new Desk();
    desk.decide('d1', 1, { quantity: '7' });
    expect(fate(desk)).toEqual(['ORDER_QUANTITY']);
    say(desk, 2, proposed());
    expect(desk.types()).toEqual(['OrderRefused']);
    say(desk, 3, approved());
    expect(desk.types()).toEqual(['OrderRefused', 'LimitsSet']);
    expect(desk.last()).toEqual({
      book: BOOK,
      venue: 'binance',
      at: at(3),
      limits: WIDE,
      limitsVersion: contentHashOf(written(WIDE)),
      approval: {
        proposalId: 'p-1',
        contentHash: contentHashOf(written(WIDE)),
        proposedBy: 'rita',
        approvedBy: 'ruth',
      },
    });
    desk.decide('d2', 4, { quantity: '7' });
    expect(fate(desk)).toBe('OrderIntended');
  });

  it('bind as soon as they are narrower', () => {
    const desk = new Desk();
    const narrow = written({ ...WIDE, maxOrderQuantity: [{ instrument: PERP, maxQuantity: '0.5' }] });
    say(desk, 1, proposed({ content: narrow }), approved({ contentHash: contentHashOf(narrow) }));
    desk.decide('d1', 2, { quantity: '1' });
    expect(fate(desk)).toEqual(['ORDER_QUANTITY']);
  });

  it('come into force at every venue of the book, on the account each, and are finished after a crash between two', () => {
    const desk = new Desk();
    desk.account('deribit', OPTION);
    say(desk, 1, proposed());
    const input = {
      kind: 'commit',
      commit: {
        commitId: 'c',
        aggregate: AGGREGATE,
        book: BOOK,
        eventTime: at(2),
        correlationId: 'why',
        events: [approved()],
      },
    } as const;
    desk.state = takeIn(desk.core, desk.state, input);
    const [first] = desk.core.decide(desk.state, input).commits;
    expect(first?.aggregate).toEqual({ context: 'execution', type: 'venue-account', id: `binance/${BOOK}` });
    expect(first?.actor).toEqual({ kind: 'human', id: 'ruth' });
    // Recovery observes the input again and folds what is on record of its consequences.
    desk.state = takeIn(desk.core, desk.state, input);
    for (const event of first?.events ?? []) desk.fold(event);
    const [second] = desk.core.decide(desk.state, input).commits;
    expect(second?.aggregate.id).toBe(`deribit/${BOOK}`);
    for (const event of second?.events ?? []) desk.fold(event);
    expect(desk.core.decide(desk.state, input).commits).toEqual([]);
  });

  it('are good for one approval', () => {
    const desk = new Desk();
    say(desk, 1, proposed(), approved());
    say(desk, 2, approved());
    expect(desk.types()).toEqual(['LimitsSet', 'LimitsRefused']);
    expect(desk.last()).toMatchObject({ reasons: ['NOT_PROPOSED'] });
  });

  const other = written({ ...WIDE, maxGrossNotionalUsd: '1' });
  const loose = written({
    ...WIDE,
    maxOrderQuantity: [{ instrument: 'ETHUSDT-PERP@binance', maxQuantity: '9' }],
  });
  const partial = '{"maxOrderQuantity":[]}';
  const strange = written({ ...WIDE, maxHope: '1' });
  const unbounded = written({ ...WIDE, maxGrossNotionalUsd: '-1' });
  const unordered = JSON.stringify(WIDE, null, 1);
  const of = (content: string): [DomainEvent, DomainEvent] => [
    proposed({ content }),
    approved({ contentHash: contentHashOf(content) }),
  ];
  it.each<[string, string, DomainEvent, DomainEvent]>([
    ['SAME_PERSON', 'one person agrees with himself', proposed(), approved({ approvedBy: 'rita' })],
    [
      'OTHER_CONTENT',
      'the hash approved is another',
      proposed(),
      approved({ contentHash: contentHashOf(other) }),
    ],
    [
      'OTHER_CONTENT',
      'the content is not what its hash says',
      proposed({ content: other, contentHash: contentHashOf(written(WIDE)) }),
      approved(),
    ],
    ['EXPIRED', 'the proposal had expired', proposed(), approved({ at: '2026-07-01T11:00:00Z' })],
    ['EXPIRED', 'nobody can read when it was approved', proposed(), approved({ at: 'soon' })],
    ['NOT_PROPOSED', 'nobody proposed it', proposed({ proposalId: 'p-2' }), approved()],
    ['NOT_TRADED', 'it names what the book does not trade', ...of(loose)],
    ['NOT_LIMITS', 'it is not the whole of the limits', ...of(partial)],
    ['NOT_LIMITS', 'it holds a limit that does not exist', ...of(strange)],
    ['NOT_LIMITS', 'a limit is negative', ...of(unbounded)],
    ['NOT_LIMITS', 'it is not canonical', ...of(unordered)],
  ])('change nothing and say %s where %s', (reason, _why, proposal, approval) => {
    const desk = new Desk();
    say(desk, 1, proposal);
    say(desk, 2, approval);
    expect(desk.types()).toEqual(['LimitsRefused']);
    expect(desk.last()).toMatchObject({ book: BOOK, proposalId: 'p-1', reasons: [reason], at: at(2) });
    desk.decide('d1', 3, { quantity: '7' });
    expect(fate(desk)).toEqual(['ORDER_QUANTITY']);
  });

  it('stay what they are when it is about another book, another kind, or was turned down', () => {
    const desk = new Desk();
    say(desk, 1, proposed({ scope: 'other' }), approved({ scope: 'other' }));
    say(desk, 1, proposed({ kind: 'policy' }), approved({ kind: 'policy' }));
    expect(desk.types()).toEqual([]);
    const closed = { proposalId: 'p-1', by: 'ruth', reason: 'no', at: '2026-07-01T10:10:00Z' };
    say(desk, 2, proposed(), { type: 'ChangeRejected', payload: closed }, approved());
    expect(desk.last()).toMatchObject({ reasons: ['NOT_PROPOSED'] });
  });

  it('may be agreed to by somebody else after a first approval did not count', () => {
    const desk = new Desk();
    say(desk, 1, proposed(), approved({ approvedBy: 'rita' }));
    say(desk, 2, approved());
    expect(desk.types()).toEqual(['LimitsRefused', 'LimitsSet']);
  });
});
