import fc from 'fast-check';
import { legIn, markIn } from '@evenkeel/facts';
import type { DomainEvent, LegValuation, MarkUsed, RiskSnapshotTaken } from '@evenkeel/facts';
import { EvenkeelError, formatInstant, parseInstant, required } from '@evenkeel/kernel';
import { revalueOptions } from '@evenkeel/risk';
import { EVERY_PAYLOAD, commitOf, decisionDraft } from '@evenkeel/testkit';
import { encodeCommit } from '../commit-codec';
import { decodeWhole } from '../decode-whole';
import { decodePayload, encodePayload } from '../payloads';
import { packSnapshot } from './pack-snapshot';
import { ownKernel } from './packed';
import { Times } from './times';
import { unpackSnapshot } from './unpack-snapshot';

const AT = parseInstant('2026-01-05T12:00:00.25Z');
const TIMES = Times.before(formatInstant(AT));
const SPOT = 91_234.56;

interface Drawn {
  readonly strike: number;
  readonly put: boolean;
  readonly expiry: number;
  readonly quantity: number;
  readonly volatility: number;
  readonly basis: number;
  readonly ageMs: number;
  readonly linear: boolean;
  readonly price: number;
  readonly spread: number;
  readonly quoted: boolean;
  readonly status: 'OK' | 'DEGRADED';
  /** What makes it fit the table less well than the others. */
  readonly oddity: 'none' | 'nudged' | 'unnamed' | 'unmarked' | 'late' | 'perpetual' | 'wordy';
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  strike: fc.integer({ min: 40, max: 2_000 }).map((hundreds) => hundreds * 100),
  put: fc.boolean(),
  expiry: fc.integer({ min: 0, max: 3 }),
  quantity: fc.integer({ min: -40, max: 40 }).map((tenths) => tenths / 10),
  volatility: fc.oneof(
    fc.integer({ min: 1, max: 30_000 }).map((bps) => bps / 10_000),
    fc.double({ min: 0.01, max: 3, noNaN: true }),
  ),
  basis: fc.integer({ min: -5_000, max: 5_000 }).map((bps) => SPOT * (1 + bps / 1e6)),
  ageMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 86_400_000 })),
  linear: fc.boolean(),
  price: fc.integer({ min: 1, max: 9_999 }).map((units) => units / 10_000),
  spread: fc.integer({ min: 0, max: 30 }).map((units) => units / 10_000),
  quoted: fc.boolean(),
  status: fc.constantFrom('OK', 'DEGRADED'),
  oddity: fc.oneof(
    { weight: 6, arbitrary: fc.constant('none' as const) },
    fc.constantFrom('nudged', 'unnamed', 'unmarked', 'late', 'perpetual', 'wordy'),
  ),
});

const EXPIRIES = ['9JAN26', '30JAN26', '27MAR26', '25SEP26'];
const YEARS = [0.0106, 0.0681, 0.2216, 0.7203];

function nameOf({ strike, put, expiry, linear, oddity }: Drawn, index: number): string {
  if (oddity === 'unnamed') return `structure ${index}`;
  return `BTC${linear ? '_USDC' : ''}-${EXPIRIES[expiry] ?? ''}-${strike}-${put ? 'P' : 'C'}@deribit#${index % 3}`;
}

function legOf(one: Drawn, index: number, numeraire: string): LegValuation {
  const [leg] = revalueOptions(
    [
      {
        instrument: nameOf(one, index),
        quantity: String(one.quantity),
        underlying: 'BTC',
        strike: one.strike,
        volatility: one.volatility,
        volatilityTime: formatInstant(AT - BigInt(one.ageMs) * 1_000_000n),
        expiryYears: YEARS[one.expiry] ?? 1,
        inputs: {
          optionType: one.put ? 'put' : 'call',
          contractSize: one.linear ? 0.01 : 1,
          coinSettled: !one.linear,
          quotedForward: Number(one.basis.toFixed(4)),
          quotedSpot: SPOT - (index % 2),
        },
      },
    ],
    { numeraire, rate: 0.01, numeraireUsd: numeraire === 'USD' ? 1 : SPOT, spotUsd: () => SPOT },
    ownKernel(),
  );
  if (leg === undefined) throw new Error('a leg comes back');
  if (one.oddity === 'nudged') return { ...leg, gamma: leg.gamma * (1 + 2 ** -52) };
  if (one.oddity !== 'perpetual') return leg;
  const { inputs: _inputs, ...linear } = leg;
  return { ...linear, kind: 'perpetual', volatilityTime: '' };
}

function markOf(one: Drawn, leg: LegValuation): MarkUsed {
  const eventTime =
    one.oddity === 'late' ? '2026-01-05T11:59:59.000Z' : formatInstant(AT - BigInt(one.ageMs) * 1_000_000n);
  const digits = one.oddity === 'wordy' ? 15 : 4;
  return {
    instrument: leg.instrument,
    price: one.price.toFixed(digits),
    ...(one.quoted
      ? { bid: (one.price - one.spread).toFixed(4), ask: (one.price + one.spread).toFixed(4) }
      : {}),
    status: one.status,
    reasons: one.status === 'OK' ? [] : ['STALE'],
    source: 'deribit',
    eventTime,
    ageSeconds: required(TIMES, 'times').secondsAt(Number(AT - parseInstant(eventTime))),
  };
}

function snapshotOf(all: readonly Drawn[], numeraire: string): RiskSnapshotTaken {
  const seen = new Set<string>();
  const legs: LegValuation[] = [];
  const marks: MarkUsed[] = [compositeMark()];
  all.forEach((one, index) => {
    const leg = legOf(one, index, numeraire);
    if (seen.has(leg.instrument)) return;
    seen.add(leg.instrument);
    legs.push(leg);
    if (one.oddity !== 'unmarked') marks.push(markOf(one, leg));
  });
  const { kernelHash, model } = ownKernel();
  return {
    ...EVERY_PAYLOAD.RiskSnapshotTaken,
    numeraire,
    at: formatInstant(AT),
    rate: 0.01,
    kernelHash,
    model,
    marks,
    legs,
  };
}

function compositeMark(): MarkUsed {
  return {
    instrument: 'BTC@composite',
    price: String(SPOT),
    status: 'OK',
    reasons: [],
    source: 'composite',
    eventTime: formatInstant(AT),
    ageSeconds: 0,
  };
}

const snapshots = fc
  .tuple(fc.array(drawn, { maxLength: 40 }), fc.constantFrom('USD', 'BTC'))
  .map(([all, numeraire]) => snapshotOf(all, numeraire));

const readBack = (snapshot: RiskSnapshotTaken): RiskSnapshotTaken => {
  const event = decodePayload(
    'RiskSnapshotTaken',
    2,
    encodePayload({ type: 'RiskSnapshotTaken', payload: snapshot }, 2),
  );
  return event.payload as RiskSnapshotTaken; // of the type that was asked for
};
const writtenOut = (snapshot: RiskSnapshotTaken): string =>
  Buffer.from(encodePayload({ type: 'RiskSnapshotTaken', payload: snapshot }, 1)).toString('hex');

describe('a packed snapshot', () => {
  it('comes back to the byte, whatever of it fits the table', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        expect(writtenOut(readBack(snapshot))).toBe(writtenOut(snapshot));
        expect(readBack(snapshot)).toEqual(snapshot);
      }),
      { seed: 11, numRuns: 300 },
    );
  });

  it('gives the mark and the leg of an instrument as they stand in its lists, and of others none', () => {
    fc.assert(
      fc.property(snapshots, fc.nat(), (snapshot, which) => {
        const named = [...snapshot.marks, ...snapshot.legs, { instrument: 'BTC-PERP@other' }];
        const { instrument } = required(named[which % named.length], 'one of the list');
        const isIt = (one: { readonly instrument: string }): boolean => one.instrument === instrument;
        expect(legIn(readBack(snapshot), instrument)).toEqual(snapshot.legs.find(isIt));
        expect(markIn(readBack(snapshot), instrument)).toEqual(snapshot.marks.find(isIt));
      }),
      { seed: 16, numRuns: 300 },
    );
  });

  it('holds in its table every option whose numbers follow from their inputs, and no other', () => {
    const good: Drawn = {
      strike: 94_000,
      put: false,
      expiry: 1,
      quantity: -2.5,
      volatility: 0.5512,
      basis: 91_300,
      ageMs: 700,
      linear: false,
      price: 0.0345,
      spread: 0.0005,
      quoted: true,
      status: 'OK',
      oddity: 'none',
    };
    const { options, legPlaces, markPlaces } = packSnapshot(
      snapshotOf(
        [
          good,
          { ...good, strike: 95_000, oddity: 'nudged' },
          { ...good, strike: 96_000, oddity: 'unnamed' },
          { ...good, strike: 97_000 },
        ],
        'USD',
      ),
    );
    expect(options?.rows).toBe(2);
    expect(legPlaces).toEqual([1, 2]);
    // The composite, and the marks of the two legs that are not in it.
    expect(markPlaces).toEqual([0, 2, 3]);
  });

  it('is small: an option that is quoted anew costs fewer than sixteen bytes', () => {
    const random = (seed: number): number => Math.abs(Math.sin(seed) * 10_000) % 1;
    const all = Array.from({ length: 1_000 }, (_, index): Drawn => ({
      strike: 40_000 + 250 * Math.floor(index / 8),
      put: index % 8 > 3,
      expiry: index % 4,
      quantity: Math.round(random(index) * 80 - 40) / 10,
      volatility: Math.round(4_000 + 3_000 * random(index + 0.1)) / 10_000,
      basis: SPOT * (1 + 0.0001 * random(index + 0.2)),
      ageMs: Math.floor(1_000 * random(index + 0.3)),
      linear: false,
      price: Math.round(1 + 400 * random(index + 0.4)) / 10_000,
      spread: Math.round(10 * random(index + 0.5)) / 10_000,
      quoted: true,
      status: 'OK',
      oddity: 'none',
    }));
    const bytes = (list: readonly Drawn[]): number =>
      encodePayload({ type: 'RiskSnapshotTaken', payload: snapshotOf(list, 'USD') }).length;
    expect((bytes(all) - bytes([])) / all.length).toBeLessThan(16);
  });

  it('that was changed is found: its inputs do not give the numbers any more', () => {
    fc.assert(
      fc.property(snapshots, fc.nat(), (snapshot, which) => {
        const packed = packSnapshot(snapshot);
        const { options } = packed;
        fc.pre(options !== undefined);
        const { quotedForward } = options;
        fc.pre(quotedForward.values.length > 0);
        const values = quotedForward.values.slice();
        const at = which % values.length;
        values[at] = (values[at] ?? 0) ^ 2;
        const planted = { ...packed, options: { ...options, quotedForward: { ...quotedForward, values } } };
        const read = unpackSnapshot(planted);
        expect(() => read.legs).toThrow(EvenkeelError);
        expect(() => read.marks).toThrow(EvenkeelError);
      }),
      { seed: 12, numRuns: 200 },
    );
  });

  it('that was changed is found by whoever judges a record, though he asks for no number', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const { options } = packSnapshot(snapshot);
        fc.pre(options !== undefined);
        const event: DomainEvent = { type: 'RiskSnapshotTaken', payload: snapshot };
        const bytes = Buffer.from(
          encodeCommit(commitOf({ ...decisionDraft('desk', 'd', snapshot.at), events: [event] })),
        );
        expect(decodeWhole(bytes).events).toHaveLength(1);
        const at = bytes.indexOf(options.numbersHash);
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        expect(() => decodeWhole(bytes)).toThrow(
          expect.objectContaining({ code: 'CONTRACTS.SNAPSHOT_DIFFERS' }),
        );
      }),
      { seed: 15, numRuns: 30 },
    );
  });

  it('of another kernel is refused by its name, never valued by this one', () => {
    const one = { ...packSnapshot(snapshotOf([], 'USD')) };
    expect(unpackSnapshot(one).legs).toEqual([]);
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const packed = packSnapshot(snapshot);
        fc.pre(packed.options !== undefined);
        const other = { ...packed, snapshot: { ...packed.snapshot, kernelHash: 'f'.repeat(64) } };
        expect(() => unpackSnapshot(other)).toThrow(
          expect.objectContaining({ code: 'CONTRACTS.OTHER_KERNEL' }),
        );
      }),
      { seed: 13, numRuns: 20 },
    );
  });

  it('with any byte changed ends in an error of ours or in a snapshot, soon', () => {
    fc.assert(
      fc.property(snapshots, fc.nat(), fc.integer({ min: 1, max: 255 }), (snapshot, place, flip) => {
        const bytes = encodePayload({ type: 'RiskSnapshotTaken', payload: snapshot }).slice();
        bytes[place % bytes.length] = (bytes[place % bytes.length] ?? 0) ^ flip;
        const started = performance.now();
        try {
          const { payload } = decodePayload('RiskSnapshotTaken', 2, bytes);
          expect([(payload as RiskSnapshotTaken).legs, (payload as RiskSnapshotTaken).marks]).toHaveLength(2);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
        expect(performance.now() - started).toBeLessThan(1_000);
      }),
      { seed: 14, numRuns: 500 },
    );
  });
});
