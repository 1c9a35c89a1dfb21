import { nearestName, unknownName } from './nearest-name';

const BOOKS = ['demonstration', 'btc-weekly-straddles', 'eth-strangles'];

describe('the name that was meant', () => {
  it.each([
    ['demonstation', 'demonstration'],
    ['demo', 'demonstration'],
    ['Demonstration', 'demonstration'],
    ['eth-stragnles', 'eth-strangles'],
    ['btc-weekly-stradles', 'btc-weekly-straddles'],
    ['nosuch', undefined],
    ['', undefined],
    ['demonstration', undefined],
  ])('by %s is %s', (name, meant) => {
    expect(nearestName(name, BOOKS)).toBe(meant);
  });

  it('is the nearest of several, and a swapped pair is one mistake', () => {
    expect(nearestName('deribti', ['deribit-sim', 'deribit', 'derive'])).toBe('deribit');
  });
});

describe('a name that is not known', () => {
  it('is told with the one that was meant and with those that there are', () => {
    expect(unknownName('book', 'demonstation', 'in epoch 3', BOOKS)).toBe(
      'no book "demonstation" in epoch 3: did you mean "demonstration"? Known: "btc-weekly-straddles", "demonstration", "eth-strangles"',
    );
    expect(unknownName('book', 'x', 'in epoch 3', ['demonstration'])).toBe(
      'no book "x" in epoch 3. Known: "demonstration"',
    );
    expect(unknownName('book', 'x', 'in epoch 3', [])).toBe('no book "x" in epoch 3. There is none.');
  });

  it('shows a letter that only looks like another, and at most twenty names', () => {
    expect(unknownName('book', 'dem\u043enstration', 'here', BOOKS)).toMatch(
      /^no book "dem\\u\{43e\}nstration"/,
    );
    const many = Array.from({ length: 31 }, (_, index) => `b${index}`);
    expect(unknownName('book', 'zzz', 'here', many)).toMatch(/ and 11 more$/);
  });
});
