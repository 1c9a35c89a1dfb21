import { MarketClockCodec } from './generated/evenkeel/price/v1/price_codec';
import { InstantOrder, decodeInstant, encodeInstant } from './market-codec';
import type { PublishedInstant } from './market-codec';
import { encodePlain } from './wire';

const published = (number: number, more: Partial<PublishedInstant> = {}): PublishedInstant => ({
  instant: {
    number,
    eventTime: '2026-01-01T00:00:00Z',
    marks: [
      {
        instrument: 'BTC-PERPETUAL@deribit',
        kind: 'price',
        price: '90000.5',
        eventTime: '2026-01-01T00:00:00Z',
        receivedTime: '2026-01-01T00:00:00Z',
        source: 'deribit',
        status: 'OK',
        reasons: [],
      },
    ],
    fundings: [],
    deliveries: [],
    wakes: [],
  },
  granted: ['03'],
  traceparent: '',
  begins: false,
  ...more,
});

describe('a published instant', () => {
  it('is read as it was written', () => {
    expect(decodeInstant(encodeInstant(published(1)))).toEqual(published(1));
  });

  it('of an earlier release, its marks apart from it, is not taken for one without marks', () => {
    const apart = { number: 1, eventTime: '2026-01-01T00:00:00Z', partHashes: [new Uint8Array(32)] };
    expect(() => decodeInstant(encodePlain(MarketClockCodec, apart))).toThrow(
      expect.objectContaining({ code: 'CONTRACTS.UNDECODABLE' }),
    );
  });

  it('follows the one before it, unless the market begins anew', () => {
    const order = new InstantOrder(0);
    expect(order.next(published(1))).toEqual(published(1));
    expect(order.next(published(1))).toBeUndefined();
    expect(() => order.next(published(3))).toThrow(
      expect.objectContaining({ code: 'CONTRACTS.INSTANT_GAP' }),
    );
    expect(order.next(published(9, { begins: true }))).toBeDefined();
    expect(new InstantOrder(undefined).next(published(7))).toBeDefined();
  });
});
