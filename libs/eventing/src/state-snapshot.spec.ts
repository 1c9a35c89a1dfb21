import type { StateSnapshot } from './state-snapshot';
import { decodeSnapshot, encodeSnapshot } from './state-snapshot';

const scope = { service: 'risk', partition: '03', codeHash: 'ab', epoch: '1' };
const snapshot: StateSnapshot<unknown> = {
  ...scope,
  seen: 10,
  appended: 12,
  appendedHash: Uint8Array.of(1, 2),
  eventTime: 9_000n,
  market: { number: 7, seq: 70 },
  fencingToken: 3n,
  hostFacts: ['f'],
  heads: [{ key: 'risk/book/b', version: 4, hash: Uint8Array.of(3), seq: 12 }],
  state: { books: new Map([['b', { quantity: '1' }]]) },
};

describe('a state snapshot', () => {
  it('is read back as it was', () => {
    expect(decodeSnapshot(encodeSnapshot(snapshot), scope)).toStrictEqual(snapshot);
  });

  it('is refused when any one bit of it differs', () => {
    const bytes = encodeSnapshot(snapshot);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const altered = new Uint8Array(bytes);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => decodeSnapshot(altered, scope)).toThrow(
        expect.objectContaining({ code: 'EVENTING.SNAPSHOT_UNREADABLE' }),
      );
    }
    expect(() => decodeSnapshot(bytes.subarray(0, bytes.length - 1), scope)).toThrow();
    expect(() => decodeSnapshot(new Uint8Array(0), scope)).toThrow();
  });

  it.each(Object.entries({ service: 'strategy', partition: '04', codeHash: 'cd', epoch: '2' }))(
    'is refused for another %s',
    (what, value) => {
      expect(() => decodeSnapshot(encodeSnapshot(snapshot), { ...scope, [what]: value })).toThrow(
        expect.objectContaining({ code: 'EVENTING.SNAPSHOT_FOREIGN' }),
      );
    },
  );
});
