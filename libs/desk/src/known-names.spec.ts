import { InvalidInputError } from '@evenkeel/kernel';
import { nearestScope, requireKnownBook, requireKnownControl, scopeProblem } from './known-names';
import type { KnownNames } from './known-names';

const known: KnownNames = {
  epoch: '3',
  books: new Map([
    ['long-straddle', { venues: ['deribit'], instruments: ['BTC-PERPETUAL@deribit'] }],
    ['carry', { venues: ['binance'], instruments: ['ETHUSDT-PERP@binance'] }],
  ]),
};

function said(act: () => void): string {
  try {
    act();
  } catch (error) {
    if (error instanceof InvalidInputError) return error.message;
    throw error;
  }
  return '';
}

describe('a kill scope', () => {
  it.each([
    ['firm', undefined],
    ['latches', undefined],
    ['book:long-straddle', undefined],
    ['venue:deribit', undefined],
    ['instrument:BTC-PERPETUAL@deribit', undefined],
    ['strategy:gamma-scalping', undefined],
    [
      'book:long-stradle',
      /^no book "long-stradle" in epoch 3: did you mean "long-straddle"\? Known: "carry", /,
    ],
    ['book:l\u043eng-straddle', /^no book "l\\u\{43e\}ng-straddle"/],
    ['venue:DERIBIT', /^no venue "DERIBIT" .*did you mean "deribit"/],
    ['instrument:BTC-PERPETAUL@deribit', /did you mean "BTC-PERPETUAL@deribit"/],
    ['strategy:gamma', /^no policy "gamma" in this build: did you mean "gamma-scalping"/],
  ])('%s names something of the epoch, or is told what it may have meant', (scope, expected) => {
    const problem = scopeProblem(scope, known);
    if (expected === undefined) expect(problem).toBeUndefined();
    else expect(problem).toMatch(expected);
  });

  it('is not doubted where nobody can say what there is', () => {
    expect(scopeProblem('book:anything', undefined)).toBeUndefined();
    expect(scopeProblem('strategy:anything', undefined)).toMatch(/^no policy "anything"/);
  });

  it.each([
    ['long-straddle', 'book:long-straddle'],
    ['boook:long-straddle', 'book:long-straddle'],
    ['derbit', 'venue:deribit'],
    ['frim', 'firm'],
    ['xyzzy', undefined],
  ])('is guessed from %s', (text, scope) => {
    expect(nearestScope(text, known)).toBe(scope);
  });
});

describe('a control', () => {
  it('is refused with every name that the epoch does not have', () => {
    expect(said(() => requireKnownBook(known, 'cary'))).toMatch(/--book: no book "cary" .*mean "carry"\?/);
    const restrict = { kind: 'restriction-set', instrument: 'NOPE@x', restricted: true } as const;
    expect(said(() => requireKnownControl(known, 'carry', restrict, []))).toMatch(
      /instrument: no instrument "NOPE@x" of carry in epoch 3\. Known: "ETHUSDT-PERP@binance"/,
    );
    const resume = { kind: 'venue-resume', venue: 'deribit' } as const;
    expect(said(() => requireKnownControl(known, 'carry', resume, []))).toMatch(
      /venue: no venue "deribit" of/,
    );
    const revoke = { kind: 'override-revoke', overrideId: 'b' } as const;
    expect(said(() => requireKnownControl(known, 'carry', revoke, ['a']))).toMatch(/Known: "a"/);
    expect(said(() => requireKnownControl(known, 'nobook', restrict, []))).toMatch(
      /--book: no book "nobook"/,
    );
  });

  it('passes when all that it names is there', () => {
    const restrict = { kind: 'restriction-set', instrument: 'ETHUSDT-PERP@binance' } as const;
    expect(said(() => requireKnownControl(known, 'carry', restrict, []))).toBe('');
    expect(
      said(() => requireKnownControl(known, 'carry', { kind: 'override-revoke', overrideId: 'a' }, ['a'])),
    ).toBe('');
  });
});
