import type { DomainEvent, VenueReport } from '@evenkeel/facts';
import { Desk, T0, at } from '../test/desk';
import { CANCELS_MAX } from './living-orders';
import { nextTimeout, recoveryActions, recoveryCancels } from './open-orders';
import { clientOrderIdOf } from './order-placement';
import type { VenueEffect } from './venue-effect';

const FIRST = clientOrderIdOf('d1', 0);
const ACKNOWLEDGED: VenueReport = { kind: 'acknowledged', clientOrderId: FIRST, venueOrderId: 'v' };
const CANCELLED: VenueReport = { kind: 'cancelled', clientOrderId: FIRST, reason: 'REQUESTED' };
const KILL: DomainEvent = {
  type: 'KillEngaged',
  payload: { scope: 'firm', by: 'Ada', reason: 'test', at: at(2) },
};

/** A desk with an order that rests, and what killing does to it at second 2. */
function resting(): Desk {
  const desk = new Desk();
  desk.decide('d1', 1, { urgency: 'passive', limitPrice: '89990' });
  desk.report(ACKNOWLEDGED, 1.25);
  return desk;
}

function killed(): Desk {
  const desk = resting();
  desk.commit([KILL], 2);
  return desk;
}

/** What a process knows that has nothing but the journal: its own commits, of the first `count` events. */
function reborn(desk: Desk, count = desk.events.length): Desk {
  const other = new Desk();
  for (const event of desk.events.slice(0, count)) other.fold(event);
  return other;
}

const cancels = ({ effects }: Desk): VenueEffect[] => effects.filter(({ kind }) => kind === 'cancel');
const intents = ({ events }: Desk): unknown[] =>
  events.flatMap((event) =>
    event.type === 'CancelIntended' ? [[event.payload.reason, event.payload.attempt]] : [],
  );
const wakeAt = (desk: Desk): number => Number((nextTimeout(desk.state) ?? 0n) - T0) / 1e9;

describe('a cancel', () => {
  it('is an intent on the journal beside the effect that asks for it, with its reason', () => {
    const desk = resting();
    const input = {
      kind: 'commit' as const,
      commit: {
        commitId: 'k',
        aggregate: { context: 'strategy', type: 'hedge-program', id: 'desk' } as const,
        book: 'desk',
        eventTime: at(2),
        correlationId: 'why',
        events: [KILL],
      },
    };
    desk.state = desk.core.observe(desk.state, input);
    const step = desk.core.decide(desk.state, input);
    expect(step.commits.flatMap(({ events }) => events)).toMatchObject([
      { type: 'CancelIntended', payload: { clientOrderId: FIRST, reason: 'KILL_ENGAGED', attempt: 1 } },
    ]);
    expect(step.effects).toMatchObject([{ kind: 'cancel', clientOrderId: FIRST, reason: 'KILL_ENGAGED' }]);
  });

  it('is never decided by folding: a latch that was only observed has asked for nothing', () => {
    const desk = resting();
    desk.fold(KILL);
    expect([recoveryCancels(desk.state), cancels(desk)]).toEqual([[], []]);
    desk.wake(wakeAt(desk));
    expect([recoveryCancels(desk.state).length, cancels(desk).length]).toEqual([1, 1]);
  });

  it('says why a decision, or time, takes an order back', () => {
    const withdrawn = resting();
    withdrawn.commit(
      [
        {
          type: 'HedgeDecided',
          payload: {
            decisionId: 'd2',
            book: 'desk',
            at: at(2),
            snapshotId: 's',
            policyKind: 'delta-band',
            policyHash: 'p',
            assessments: [],
            candidates: [],
            trades: [],
            checks: [],
            reasons: [],
            quietBefore: { evaluations: 0, from: '', to: '', maxBandUse: 0 },
            withdrawals: { clientOrderIds: [FIRST] },
          },
        },
      ],
      2,
    );
    expect(intents(withdrawn)).toEqual([['WITHDRAWN', 1]]);
    const late = resting();
    late.wake(wakeAt(late));
    expect(intents(late)).toEqual([['REST_OVER', 1]]);
  });

  describe('survives a crash', () => {
    it('between the intent and the effect: the journal alone knows it, and it is asked for again', () => {
      const revived = reborn(killed());
      expect(recoveryCancels(revived.state)).toMatchObject([
        { kind: 'cancel', clientOrderId: FIRST, venue: 'binance', reason: 'KILL_ENGAGED' },
      ]);
      // The input that caused it comes again: it has been answered.
      revived.commit([KILL], 2);
      expect([intents(revived), cancels(revived)]).toEqual([[], []]);
    });

    it('after the effect: the venue’s answer ends the order, and nothing is left to ask', () => {
      const revived = reborn(killed());
      revived.report(CANCELLED, 2.5);
      expect(revived.types()).toEqual(['OrderCancelled']);
      expect([recoveryCancels(revived.state), nextTimeout(revived.state)]).toEqual([[], undefined]);
    });

    it('before the intent: it is decided when time comes, once', () => {
      const desk = killed();
      const revived = reborn(desk, desk.types().indexOf('CancelIntended'));
      revived.fold(KILL);
      revived.wake(wakeAt(revived));
      revived.wake(wakeAt(revived) - 1);
      expect(intents(revived)).toEqual([['KILL_ENGAGED', 1]]);
    });
  });

  it('that was lost is asked for again with an intent of its own', () => {
    const desk = killed();
    desk.wake(7);
    expect(desk.types().at(-1)).toBe('OrderUnresolved');
    desk.report(ACKNOWLEDGED, 7.25);
    expect(intents(desk)).toEqual([
      ['KILL_ENGAGED', 1],
      ['KILL_ENGAGED', 2],
    ]);
    desk.report(CANCELLED, 7.5);
    expect(desk.types().at(-1)).toBe('OrderCancelled');
  });

  it('waits longer each time, and a venue that heeds none is halted until a person resumes it', () => {
    const desk = killed();
    const waits: number[] = [];
    let seconds = 2;
    for (let round = 0; desk.types().at(-1) !== 'VenueHalted' && round < 20; round += 1) {
      waits.push(wakeAt(desk) - seconds);
      seconds = wakeAt(desk);
      desk.wake(seconds);
      desk.report(ACKNOWLEDGED, seconds);
    }
    expect(waits).toEqual([5, 10, 20, 40, 80, 160]);
    expect(intents(desk)).toHaveLength(CANCELS_MAX);
    expect(desk.last()).toMatchObject({ venue: 'binance', reason: 'CANCEL_UNHEEDED' });
    const asked = cancels(desk).length;
    desk.wake(seconds + 3600);
    expect(cancels(desk)).toHaveLength(asked);
    const resumed = { book: 'desk', venue: 'binance', by: 'Ada', reason: 'seen', acceptsDifferences: false };
    desk.fold({ type: 'VenueResumed', payload: { ...resumed, at: at(seconds + 3600) } });
    desk.wake(wakeAt(desk));
    expect(intents(desk).at(-1)).toEqual(['KILL_ENGAGED', 1]);
  });

  describe('of an order whose outcome is unknown', () => {
    const unknown = (): Desk => {
      const desk = new Desk();
      desk.decide('d1', 1, { urgency: 'passive', limitPrice: '89990' });
      desk.commit([KILL], 2);
      return desk;
    };

    it('is asked for, and again at once when the venue then tells of the order', () => {
      const desk = unknown();
      expect(intents(desk)).toEqual([['KILL_ENGAGED', 1]]);
      desk.report(ACKNOWLEDGED, 2.5);
      expect(intents(desk)).toEqual([
        ['KILL_ENGAGED', 1],
        ['KILL_ENGAGED', 2],
      ]);
    });

    it('ends with the order that never arrived, and a crash does not send what is to be taken back', () => {
      const desk = unknown();
      const revived = reborn(desk);
      expect(recoveryActions(revived.state)).toEqual([]);
      expect(recoveryCancels(revived.state)).toHaveLength(1);
      revived.wake(7);
      expect(revived.effects.at(-1)).toMatchObject({ kind: 'query', clientOrderId: FIRST });
      revived.report({ kind: 'not-found', clientOrderId: FIRST }, 7.25);
      expect(revived.last()).toMatchObject({ reason: 'NEVER_ARRIVED' });
      expect(recoveryCancels(revived.state)).toEqual([]);
    });
  });
});
