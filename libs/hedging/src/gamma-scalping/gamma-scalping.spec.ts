import fc from 'fast-check';
import type { DomainEvent } from '@evenkeel/facts';
import {
  BTC_PERP,
  createProgram,
  exposureOfLegs,
  intended,
  markOf,
  only,
  straddleLegs,
} from '../../test/scenario';
import { changeOf, ladderOf } from './ladder';

const at = (minute: number, hour = 10): string => `2026-01-01T${hour}:${String(minute).padStart(2, '0')}:00Z`;
const SCALP = { kind: 'gamma-scalping', rungSize: '0.05', rungs: 2, reach: '0.02' };

describe('a ladder', () => {
  it('stands where the book’s delta will have grown by a rung each', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-5, max: 0.01, noNaN: true }),
        fc.double({ min: -0.9, max: 0.9, noNaN: true }),
        fc.integer({ min: 1, max: 6 }),
        (gamma, share, rungs) => {
          const size = 0.1;
          const exposure = share * size;
          const ladder = ladderOf({ spotUsd: 90_000, gamma, exposure, size, rungs, reach: 10 });
          const sells = ladder.filter(({ delta }) => delta < 0);
          const buys = ladder.filter(({ delta }) => delta > 0);
          expect(sells).toHaveLength(rungs);
          sells.forEach(({ spotUsd }, k) =>
            expect(exposure + gamma * (spotUsd - 90_000)).toBeCloseTo((k + 1) * size, 9),
          );
          buys.forEach(({ spotUsd }, k) =>
            expect(exposure + gamma * (spotUsd - 90_000)).toBeCloseTo(-(k + 1) * size, 9),
          );
        },
      ),
      { seed: 7 },
    );
  });

  it('keeps what stands near enough, takes back what does not and fills what is bare', () => {
    const wanted = [
      { instrument: 'X', contracts: -1, price: 101 },
      { instrument: 'X', contracts: 1, price: 99 },
    ];
    const resting = [
      { clientOrderId: 'near', instrument: 'X', contracts: -0.6, limitPrice: '101.2' },
      { clientOrderId: 'far', instrument: 'X', contracts: 1, limitPrice: '97' },
      { clientOrderId: 'worn', instrument: 'X', contracts: -0.4, limitPrice: '101' },
    ];
    expect(changeOf(wanted, resting, 0.3)).toEqual({ place: [1], withdraw: ['far', 'worn'] });
    expect(changeOf(wanted, [], 0.3)).toEqual({ place: [0, 1], withdraw: [] });
  });
});

/** Turns the passive trades of a decision into acknowledged resting orders. */
function restAll(
  program: ReturnType<typeof createProgram>,
  decision: ReturnType<typeof decisionIn>,
  time: string,
) {
  const ids = decision.trades.map(({ quantity, limitPrice }, index) => {
    const clientOrderId = `${decision.decisionId.slice(0, 8)}-${index}`;
    program.order(
      time,
      intended(decision.decisionId, {
        clientOrderId,
        side: quantity.startsWith('-') ? 'sell' : 'buy',
        quantity: quantity.replace('-', ''),
        timeInForce: 'POST_ONLY',
        limitPrice: limitPrice ?? '',
      }),
    );
    return clientOrderId;
  });
  return ids;
}

const decisionIn = (said: readonly DomainEvent[]) => only(said, 'HedgeDecided');

function snapshot(
  program: ReturnType<typeof createProgram>,
  time: string,
  spot: number,
  delta: number,
  quantity = 5,
) {
  const legs = straddleLegs(quantity, { spot });
  const marks = [markOf('BTC@composite', spot, time), markOf(BTC_PERP, spot, time)];
  return program.snapshot(time, [exposureOfLegs(legs, { spot, delta })], { legs, marks });
}

describe('gamma-scalping', () => {
  it('rests sells above and buys below, as passive orders that end by themselves', () => {
    const program = createProgram(SCALP);
    const decision = decisionIn(snapshot(program, at(0), 90_000, 0));
    const gamma = exposureOfLegs(straddleLegs(5)).gamma ?? 0;
    expect(decision.reasons).toEqual(['LADDER_PLACED']);
    expect(decision.trades.map(({ quantity, urgency, restUntil }) => [quantity, urgency, restUntil])).toEqual(
      [
        ['-0.05', 'passive', at(0, 11)],
        ['-0.05', 'passive', at(0, 11)],
        ['0.05', 'passive', at(0, 11)],
        ['0.05', 'passive', at(0, 11)],
      ],
    );
    expect(Number(decision.trades[0]?.limitPrice)).toBeCloseTo(90_000 + 0.05 / gamma, 4);
    expect(Number(decision.trades[2]?.limitPrice)).toBeCloseTo(90_000 - 0.05 / gamma, 4);
    expect(decision.withdrawals).toBeUndefined();
    expect(decision.candidates.map(({ name, chosen }) => [name, chosen])).toEqual([
      [`BTC ladder of 4 with ${BTC_PERP}, 0 taken back`, true],
      ['BTC leave', false],
    ]);
    expect(decision.assessments[0]).toMatchObject({ bandUpper: 0.05, exposureAfter: 0 });
  });

  it('stands still while the ladder does, and neither doubles nor judges one that is on its way', () => {
    const program = createProgram(SCALP);
    const decision = decisionIn(snapshot(program, at(0), 90_000, 0));
    expect(snapshot(program, at(1), 90_000, 0)).toEqual([]);
    restAll(program, decision, at(1));
    expect(snapshot(program, at(2), 90_000, 0)).toEqual([]);
  });

  it('moves the ladder along: what is out of place is taken back, by name, and not asked for twice', () => {
    const program = createProgram(SCALP);
    const ids = restAll(program, decisionIn(snapshot(program, at(0), 90_000, 0)), at(0));
    const moved = decisionIn(snapshot(program, at(5), 90_000, 0.02));
    expect(moved.withdrawals?.clientOrderIds).toEqual(ids);
    expect(moved.trades).toHaveLength(4);
    restAll(program, moved, at(5));
    expect(snapshot(program, at(6), 90_000, 0.02)).toEqual([]);
  });

  it('counts a rung that the market has reached as traded, though the venue has not said so', () => {
    const program = createProgram(SCALP);
    restAll(program, decisionIn(snapshot(program, at(0), 90_000, 0)), at(0));
    const gamma = exposureOfLegs(straddleLegs(5)).gamma ?? 0;
    // Past the second sell: two rungs' delta has been gained and, at the venue, sold.
    const spot = 90_000 + (2.1 * 0.05) / gamma;
    const decision = decisionIn(snapshot(program, at(5), spot, 0.105));
    expect(decision.reasons).toEqual(['LADDER_PLACED']);
    expect(decision.assessments[0]?.exposureAfter).toBeCloseTo(0.005, 9);
    const ingredients = decision.assessments[0]?.ingredients ?? [];
    expect(ingredients.find(({ name }) => name === 'rungs reached and not reported')?.value).toBeCloseTo(
      -0.1,
      9,
    );
    expect(decision.withdrawals?.clientOrderIds).toHaveLength(2);
  });

  it('takes when exposure has outrun the ladder, and takes the ladder back', () => {
    const program = createProgram(SCALP);
    const ids = restAll(program, decisionIn(snapshot(program, at(0), 90_000, 0)), at(0));
    const decision = decisionIn(snapshot(program, at(5), 90_000, 0.2));
    expect(decision).toMatchObject({
      reasons: ['BAND_BREACHED'],
      trades: [{ quantity: '-0.2', urgency: 'immediate' }],
      withdrawals: { clientOrderIds: ids },
    });
  });

  it('has nothing to scalp in a book short of gamma, says so, and still does not leave it unhedged', () => {
    const program = createProgram(SCALP);
    expect(only(snapshot(program, at(0), 90_000, 0, -5), 'HedgeDeclined').reasons).toEqual([
      'NOT_LONG_GAMMA',
    ]);
    const decision = decisionIn(snapshot(program, at(5), 90_000, 0.5, -5));
    expect(decision.trades).toMatchObject([{ quantity: '-0.5', urgency: 'immediate' }]);
  });

  it('takes its orders back where the underlying may not be traded', () => {
    const program = createProgram(SCALP);
    const ids = restAll(program, decisionIn(snapshot(program, at(0), 90_000, 0)), at(0));
    const legs = straddleLegs(5);
    const halted = program.snapshot(at(5), [exposureOfLegs(legs, { delta: 0, spotStatus: 'HALTED' })], {
      legs,
    });
    const decision = decisionIn(halted);
    expect(decision).toMatchObject({ trades: [], withdrawals: { clientOrderIds: ids } });
    expect(decision.reasons).toContain('PRICE_HALTED');
  });

  it('never asks a rung to earn less than it costs', () => {
    const costs = { instruments: { '*': { makerFee: '0.001' } } };
    const program = createProgram({ ...SCALP, rungSize: '0.001', costs });
    const gamma = exposureOfLegs(straddleLegs(5)).gamma ?? 0;
    const decision = decisionIn(snapshot(program, at(0), 90_000, 0));
    const size = decision.assessments[0]?.bandUpper ?? 0;
    expect((0.5 * size * size) / gamma).toBeCloseTo(0.001 * size * 90_000, 6);
  });

  it('keeps the books of realised against implied, and says when theta has outrun its budget', () => {
    const program = createProgram({ ...SCALP, thetaBudget: '50' });
    restAll(program, decisionIn(snapshot(program, at(0), 90_000, 0)), at(0));
    // Six hours without a move.
    const said = snapshot(program, at(0, 16), 90_000, 0);
    const declined = only(said, 'HedgeDeclined');
    expect(declined.reasons).toContain('THETA_BUDGET_SPENT');
    const found = Object.fromEntries(
      declined.assessments[0]?.ingredients.map(({ name, value }) => [name, value]) ?? [],
    );
    const theta = exposureOfLegs(straddleLegs(5)).theta ?? 0;
    expect(found['theta today']).toBeCloseTo((theta * 6) / 24 / 365, 6);
    expect(found['gamma income today']).toBe(0);
    expect(found['implied volatility']).toBeCloseTo(0.45, 9);
    // And a move of 1 %.
    const after = snapshot(program, at(5, 16), 90_900, 0);
    const move = Object.fromEntries(
      [...after]
        .flatMap((event) => (event.type === 'HedgeDecided' ? event.payload.assessments : []))
        .flatMap(({ ingredients }) => ingredients.map(({ name, value }) => [name, value])),
    );
    expect(move['gamma income today']).toBeGreaterThan(0);
    expect(move['realised volatility']).toBeGreaterThan(0);
  });
});
