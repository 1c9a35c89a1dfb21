import type { StoredCommit } from '@evenkeel/eventing';
import type { Context, DomainEvent } from '@evenkeel/facts';
import { controlContent, controlFactId } from '@evenkeel/governance';
import { parseInstant } from '@evenkeel/kernel';
import { askedOnRecord, becameOfControl, becameOfRequest } from './asked';

const AT = '2026-01-05T00:00:00Z';
const person = { by: 'ann', reason: 'why', at: AT };
const wanted = { kind: 'venue-resume', venue: 'deribit', acceptsDifferences: true } as const;
const restricted: DomainEvent = {
  type: 'RestrictionSet',
  payload: { book: 'b', instrument: 'X@v', restricted: true, ...person },
};
const refusedControl: DomainEvent = {
  type: 'ControlRefused',
  payload: {
    commandId: 'c-2',
    book: 'b',
    asked: wanted.kind,
    content: controlContent(wanted),
    by: 'ann',
    reason: 'why',
    askedAt: AT,
    at: AT,
    reasons: ['NO_SUCH_VENUE'],
  },
};
const requested: DomainEvent = {
  type: 'BookCloseRequested',
  payload: { requestId: 'r-1', book: 'b', at: AT, requestedBy: 'bob', reason: 'over' },
};
const refusedRequest: DomainEvent = {
  type: 'RequestRefused',
  payload: { book: 'b', requestId: 'r-1', at: AT, asked: 'BookCloseRequested', reasons: ['POSITIONS_OPEN'] },
};

function stored(seq: number, context: Context, event: DomainEvent, cause = ''): StoredCommit {
  return {
    seq,
    commit: {
      aggregate: { context, type: '', id: 'b' },
      causation: { commitId: cause },
      clock: { eventTime: parseInstant(AT) },
      events: [{ event }],
    },
  } as unknown as StoredCommit; // what is read of a commit here
}

describe('what was asked for', () => {
  it('became a fact under the name of the command or of its approval, or a refusal', () => {
    const plain = stored(7, 'execution', restricted, controlFactId('c-1'));
    const agreed = stored(8, 'execution', restricted, controlFactId('c-1', 'p-1'));
    const refused = stored(9, 'execution', refusedControl, controlFactId('c-2'));
    expect(becameOfControl({ id: 'c-1' }, plain)).toEqual({ sequence: 7, at: AT, refused: [] });
    expect(becameOfControl({ id: 'c-1', proposalId: 'p-1' }, agreed)?.sequence).toBe(8);
    expect(becameOfControl({ id: 'c-1' }, agreed)).toBeUndefined();
    expect(becameOfControl({ id: 'c-2' }, refused)?.refused).toEqual(['NO_SUCH_VENUE']);
  });

  it('of risk is answered by the fact that names the request, never by the request itself', () => {
    expect(becameOfRequest('r-1', stored(1, 'governance', requested))).toBeUndefined();
    expect(becameOfRequest('r-2', stored(2, 'risk', refusedRequest))).toBeUndefined();
    expect(becameOfRequest('r-1', stored(2, 'risk', refusedRequest))?.refused).toEqual(['POSITIONS_OPEN']);
  });

  it('is listed in the words of the command line, what waits last', () => {
    const waiting: DomainEvent = { ...requested, payload: { ...requested.payload, requestId: 'r-9' } };
    const list = askedOnRecord([
      stored(1, 'governance', requested),
      stored(2, 'governance', waiting),
      stored(3, 'execution', restricted),
      stored(4, 'risk', refusedRequest),
      stored(5, 'execution', refusedControl),
    ]);
    expect(list.map(({ what, became }) => [what, became?.sequence, became?.refused])).toEqual([
      ['restrict set X@v', 3, []],
      ['book close', 4, ['POSITIONS_OPEN']],
      ['venue resume deribit --accept-differences', 5, ['NO_SUCH_VENUE']],
      ['book close', undefined, undefined],
    ]);
  });
});
