import fc from 'fast-check';

import { MatchingBook, type MatchOutcome, type NewOrder, type Side } from './matching-book';

let serial = 0;

function order(side: Side, ticks: number | undefined, lots: number, more: Partial<NewOrder> = {}): NewOrder {
  serial += 1;
  return {
    id: `o${serial}`,
    owner: `w${serial}`,
    side,
    ticks,
    lots,
    timeInForce: 'good_til_cancelled',
    selfTrading: 'reject_taker',
    ...more,
  };
}

function fillsOf(outcome: MatchOutcome): [string, number, number][] {
  return outcome.outcome === 'accepted'
    ? outcome.fills.map((fill) => [fill.makerId, fill.ticks, fill.lots])
    : [];
}

describe('matching', () => {
  it('serves the best price first, and at one price who came first', () => {
    const book = new MatchingBook();
    book.submit(order('sell', 101, 5, { id: 'late' }));
    book.submit(order('sell', 100, 2, { id: 'first' }));
    book.submit(order('sell', 100, 3, { id: 'second' }));
    expect(book.queueAhead('second')).toBe(2);
    expect(fillsOf(book.submit(order('buy', 101, 6)))).toEqual([
      ['first', 100, 2],
      ['second', 100, 3],
      ['late', 101, 1],
    ]);
    expect(book.depth('sell', 5)).toEqual([[101, 4]]);
  });

  it('rests what is left of an order that may rest and ends what may not', () => {
    const book = new MatchingBook();
    book.submit(order('sell', 100, 2));
    expect(book.submit(order('buy', 100, 5, { timeInForce: 'immediate_or_cancel' }))).toMatchObject({
      restingLots: 0,
      expiredLots: 3,
    });
    book.submit(order('sell', 100, 2));
    expect(book.submit(order('buy', 100, 5))).toMatchObject({ restingLots: 3, expiredLots: 0 });
    expect(book.submit(order('sell', undefined, 9))).toMatchObject({ expiredLots: 6 });
  });

  it('fills or kills as a whole', () => {
    const book = new MatchingBook();
    book.submit(order('sell', 100, 2));
    expect(book.submit(order('buy', 100, 3, { timeInForce: 'fill_or_kill' }))).toEqual({
      outcome: 'rejected',
      reason: 'FILL_OR_KILL',
    });
    expect(book.depth('sell', 1)).toEqual([[100, 2]]);
    expect(fillsOf(book.submit(order('buy', 100, 2, { timeInForce: 'fill_or_kill' })))).toHaveLength(1);
  });

  it('a post-only order never takes: it is refused, or moved behind the touch', () => {
    const book = new MatchingBook();
    book.submit(order('sell', 100, 2));
    expect(book.submit(order('buy', 105, 1, { postOnly: 'reject' }))).toEqual({
      outcome: 'rejected',
      reason: 'POST_ONLY',
    });
    expect(book.submit(order('buy', 105, 1, { postOnly: 'adjust' }))).toMatchObject({
      fills: [],
      ticks: 99,
      restingLots: 1,
    });
  });

  it('prevents trades with oneself: the taker is refused, or the own maker gives way', () => {
    const book = new MatchingBook();
    book.submit(order('sell', 100, 2, { owner: 'me', id: 'mine' }));
    book.submit(order('sell', 101, 2, { owner: 'them', id: 'theirs' }));
    expect(book.submit(order('buy', 101, 1, { owner: 'me' }))).toEqual({
      outcome: 'rejected',
      reason: 'SELF_TRADE',
    });
    const gone = book.submit(order('buy', 101, 1, { owner: 'me', selfTrading: 'cancel_maker' }));
    expect(gone).toMatchObject({ cancelledMakers: [{ id: 'mine' }] });
    expect(fillsOf(gone)).toEqual([['theirs', 101, 1]]);
  });

  it('keeps the place in the queue when an order shrinks', () => {
    const book = new MatchingBook();
    book.submit(order('buy', 99, 5, { id: 'a' }));
    book.submit(order('buy', 99, 5, { id: 'b' }));
    expect(book.reduce('a', 2)).toBe(true);
    expect(book.queueAhead('b')).toBe(2);
    expect(book.reduce('a', 3)).toBe(false);
  });

  it('never crosses, conserves lots, and its changes rebuild its depth, for any orders', () => {
    const anyOrder = fc.record({
      side: fc.constantFrom<Side>('buy', 'sell'),
      ticks: fc.option(fc.integer({ min: 90, max: 110 }), { nil: undefined }),
      lots: fc.integer({ min: 1, max: 9 }),
      owner: fc.constantFrom('a', 'b', 'c'),
      timeInForce: fc.constantFrom<NewOrder['timeInForce']>(
        'good_til_cancelled',
        'immediate_or_cancel',
        'fill_or_kill',
      ),
      selfTrading: fc.constantFrom<NewOrder['selfTrading']>('reject_taker', 'cancel_maker'),
      cancel: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(anyOrder, { maxLength: 80 }), (steps) => {
        const book = new MatchingBook();
        const seen = { buy: new Map<number, number>(), sell: new Map<number, number>() };
        let expected = 0;
        steps.forEach((step, index) => {
          const outcome = book.submit({ ...step, id: `x${index}` });
          if (outcome.outcome === 'accepted') {
            const filled = outcome.fills.reduce((total, fill) => total + fill.lots, 0);
            const given = outcome.cancelledMakers.reduce((total, maker) => total + maker.lots, 0);
            expect(filled + outcome.restingLots + outcome.expiredLots).toBe(step.lots);
            expect(outcome.fills.every((fill) => fill.makerOwner !== step.owner)).toBe(true);
            expected += outcome.restingLots - filled - given;
          }
          if (step.cancel) expected -= book.cancel(`x${Math.floor(index / 2)}`)?.lots ?? 0;
          for (const change of book.takeChanges()) {
            if (change.lots === 0) seen[change.side].delete(change.ticks);
            else seen[change.side].set(change.ticks, change.lots);
          }
          const bid = book.bestTicks('buy');
          const ask = book.bestTicks('sell');
          expect(bid === undefined || ask === undefined || bid < ask).toBe(true);
        });
        const total = (side: Side): number => book.depth(side, 100).reduce((sum, [, lots]) => sum + lots, 0);
        expect(total('buy') + total('sell')).toBe(expected);
        for (const side of ['buy', 'sell'] as const)
          expect(new Map(book.depth(side, 100))).toEqual(seen[side]);
      }),
      { seed: 9, numRuns: 300 },
    );
  });
});
