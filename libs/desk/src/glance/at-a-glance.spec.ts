import { deskAtAGlance } from './at-a-glance';
import type { BookGlance, DeskGlance } from './glance';
import { linesText } from './glance-lines';
import { glanceLines } from './glance-text';
import { BOOK, BUS, DECLINED, DESK, PARTITION, SNAPSHOT, request } from './glance.test-support';
import { answered, isAnswered, missing } from './ports';
import type { Answer, RecordedDesk } from './ports';

const READS = `2026-11-30T14:10:00Z  services run
home          /desk
servers       NATS 127.0.0.1:4222, Postgres 127.0.0.1:5432/evenkeel, kept by process 12
epoch         3, tape, 25.0 % done; opened 2026-11-30T14:00:00Z, 10 min ago
event time    2026-01-06T12:05:00Z of the market; began at 2026-01-05T00:00:00Z

KILLS
in force      none

BOOK alpha
standing      hedging
policy        {"band":"0.05","kind":"delta-band"}, target 0, by human:ann since 2026-01-05T00:00:00Z
valued        2026-01-06T12:00:00Z, 5 min ago, OK
BTC           delta 0.0400 BTC (3,600.00 USD), at 90,000.00 USD OK
              band −0.0500 BTC … 0.0500 BTC, exposure 0.0400 BTC: 80 % used
              gamma −48,600.00 USD of delta per 1 % (−0.00060000 BTC per 1 USD)
              vega −310.00 USD per vol point, theta 1,917.81 USD per day
P&L hedged    −10.25 USD today, −310.25 USD in epoch 3
P&L unhedged  29.50 USD today, −120.50 USD in epoch 3
              fees −89.75 USD, equity −310.25 USD; today is 2026-01-06
orders        none alive
decided       2026-01-06T11:00:00Z, 65 min ago: did not hedge: the price is halted; BTC spot status
              is HALTED, must be not HALTED (0f2b6c1e)
since then    inside the band, which is 80 % used: nothing to do

CONTROLS
restricted    none
overrides     none
throttles     none tripped

PRICES
BTC@composite          90100 USD  OK  0.0 s old, from tape
BTC-PERPETUAL@deribit  90100 USD  OK  0.0 s old, from tape

SERVICES
price-ingest  speaks
risk          speaks, 1 of 1 processes alive
              partition 11 (alpha): risk-1, 0.0 s behind the market
strategy      speaks, 1 of 1 processes alive
              partition 11 (alpha): strategy-1
execution     speaks, 1 of 1 processes alive
              partition 11 (alpha): execution-1, 5 min behind the market
ledger        speaks

RECORD
ledger        100 commits of epoch 3, the newest written 1.0 s ago
lag           none: the ledger has all 100 commits of the journal
dead letters  none
proposals     none open
`;

const PLACE = { home: '/desk', nats: '127.0.0.1:4222', postgres: '127.0.0.1:5432/evenkeel', keeper: 12 };
const KILL = {
  scope: 'book:alpha',
  engagement: '8b77b9c6-bc7a-4b1a-803d-afd7c777ad63',
  by: 'ann',
  reason: 'drill',
  at: '2026-11-30T14:09:00Z',
};

function valueOf<T>(answer: Answer<T>): T {
  if (isAnswered(answer)) return answer.value;
  throw new Error(answer.missing);
}

function onlyBook(glance: DeskGlance): BookGlance {
  const [book, ...others] = valueOf(glance.books);
  if (book === undefined || others.length > 0) throw new Error('not one book');
  return book;
}

const text = (glance: DeskGlance, width = 100): string => linesText(glanceLines(glance, PLACE, width), false);

describe('the desk at a glance', () => {
  it('reads so', async () => {
    const glance = await deskAtAGlance(request());
    expect(glance.missing).toEqual([]);
    expect(text(glance)).toBe(READS);
  });

  it('counts partitions that serve no book, and names the ones that are sick', async () => {
    const words = (await BUS.words(0)).map((one) =>
      one.service === 'risk'
        ? {
            ...one,
            partitions: {
              ...one.partitions,
              '40': { seen: 0, appended: 0 },
              '41': { seen: 0, appended: 0, fault: 'OUT_OF_ORDER' },
              '42': { seen: 0, appended: 0 },
            },
          }
        : one,
    );
    const owners = [
      ...(await BUS.owners()),
      ...['40', '41', '42'].map((partition) => ({ service: 'risk', partition, process: 'risk-1' })),
    ];
    const bus = { ...BUS, words: () => Promise.resolve(words), owners: () => Promise.resolve(owners) };
    const shown = text(await deskAtAGlance(request({ bus: answered(bus) })));
    expect(shown).toMatch(/partition 41: risk-1; HALTED: OUT_OF_ORDER\n +and 2 partitions without a book/);
    expect(shown).not.toMatch(/partition 4[02]/);
  });

  it('says exposure in units and USD, and P&L of the day and of the epoch to the last digit', async () => {
    const book = onlyBook(await deskAtAGlance(request()));
    expect(book.underlyings[0]).toMatchObject({ delta: 0.04, deltaUsd: 3600, gamma: -0.0006, vega: -31_000 });
    expect(valueOf(book.underlyings[0]?.band ?? missing('none'))).toEqual({
      exposure: 0.04,
      lower: -0.05,
      upper: 0.05,
      use: expect.closeTo(0.8) as number,
      from: 'policy',
      at: SNAPSHOT.at,
    });
    expect(book.pnl?.hedged).toEqual({ today: '-10.25', epoch: '-310.25', opened: '-310.25' });
    expect(book.pnl?.unhedged).toEqual({ today: '29.5', epoch: '-120.5', opened: '-120.5' });
  });

  it('counts a carried book from where the other epoch left it, and says where nobody knows that', async () => {
    const carried = (epochStart?: typeof BOOK.dayStart): RecordedDesk => ({
      ...DESK,
      carriedFrom: '2',
      books: [{ ...BOOK, ...(epochStart === undefined ? {} : { epochStart }) }],
    });
    const known = carried({ at: '2026-01-04T00:00:00Z', hedged: '-300.25', unhedged: '0' });
    expect(onlyBook(await deskAtAGlance(request({}, known))).pnl?.hedged.epoch).toBe('-10');
    const glance = await deskAtAGlance(request({}, carried()));
    expect(onlyBook(glance).pnl?.hedged).not.toHaveProperty('epoch');
    expect(text(glance)).toContain('P&L hedged    −10.25 USD today, not known in epoch 3');
  });

  it('says why it did not hedge, and what came after', async () => {
    const book = onlyBook(await deskAtAGlance(request()));
    expect(book.decision?.words).toBe(
      'did not hedge: the price is halted; BTC spot status is HALTED, must be not HALTED',
    );
    expect(book.decision?.failed).toHaveLength(1);
    expect(book.sinceThen).toBe('inside the band, which is 80 % used: nothing to do');
    const exposures = SNAPSHOT.exposures.map((one) => ({ ...one, delta: 0.2 }));
    const snapshot = { taken: { ...SNAPSHOT, exposures }, sequence: 91 };
    const outside = await deskAtAGlance(request({}, { ...DESK, books: [{ ...BOOK, snapshot }] }));
    const refusals = [
      { instrument: 'BTC-PERPETUAL@deribit', reasons: ['RESTRICTED_LIST'], count: 17, at: SNAPSHOT.at },
    ];
    const refused = await deskAtAGlance(request({}, { ...DESK, books: [{ ...BOOK, refusals }] }));
    expect(onlyBook(refused).sinceThen).toMatch(
      /^17 orders in BTC-PERPETUAL@deribit refused by RESTRICTED_LIST, the newest at 2026-01-06T12:00:00Z; inside/,
    );
    expect(onlyBook(outside).sinceThen).toMatch(
      /^0\.2000 BTC is outside −0\.0500 BTC … 0\.0500 BTC: a refusal/,
    );
  });

  it('takes the band of a policy that goes by what it remembers from its newest decision', async () => {
    const policy = {
      sequence: 3,
      by: 'human:ann',
      set: {
        ...(BOOK.policy ?? fail()).set,
        policy: '{"band":"0.1","kind":"minimum-variance"}',
      },
    };
    const decided = {
      ...DECLINED,
      assessments: [
        {
          underlying: 'BTC',
          spot: 90_000,
          delta: 0,
          gamma: 0,
          vega: 0,
          inFlightDelta: 0,
          exposure: 0,
          target: 0,
          bandLower: -0.02,
          bandUpper: 0.08,
          ingredients: [],
          breached: false,
          exposureAfter: 0,
        },
      ],
    };
    const decision = { decision: decided, hedges: false, sequence: 80 };
    const glance = await deskAtAGlance(request({}, { ...DESK, books: [{ ...BOOK, policy, decision }] }));
    expect(onlyBook(glance).underlyings[0]?.band).toMatchObject({
      value: { from: 'decision', at: DECLINED.at, lower: -0.02, upper: 0.08, exposure: 0.04 },
    });
  });
});

function fail(): never {
  throw new Error('not there');
}

describe('what stops a book', () => {
  it('is in part a restriction on what it hedges with, and no other', async () => {
    const told = { by: 'ann', reason: 'review', since: '2026-01-06T11:30:00Z' };
    const restricted = (book: string, instrument: string): Promise<DeskGlance> =>
      deskAtAGlance(request({}, { ...DESK, restrictions: [{ ...told, book, instrument }] }));
    const glance = await restricted('alpha', 'BTC-PERPETUAL@deribit');
    expect(onlyBook(glance)).toMatchObject({
      stopped: 'in part',
      stops: [{ kind: 'restriction', subject: 'BTC-PERPETUAL@deribit', whole: false, by: 'ann' }],
    });
    expect(text(glance)).toMatch(
      /standing +STOPPED IN PART\n +restriction BTC-PERPETUAL@deribit: review \(ann\)/,
    );
    expect(onlyBook(await restricted('alpha', 'ETH-PERPETUAL@deribit')).stopped).toBe('no');
    expect(onlyBook(await restricted('beta', 'BTC-PERPETUAL@deribit')).stopped).toBe('no');
  });

  it('is told with who and why, wherever it stands; once for every place that knows of it', async () => {
    const halts = [
      {
        book: 'alpha',
        kind: 'kill' as const,
        subject: KILL.scope,
        reasons: [KILL.reason],
        by: KILL.by,
        since: KILL.at,
        engagement: KILL.engagement,
      },
    ];
    const bus = { ...BUS, stops: () => Promise.resolve({ inForce: [KILL], released: [] }) };
    const glance = await deskAtAGlance(request({ bus: answered(bus), files: [KILL] }, { ...DESK, halts }));
    expect(glance.kills.inForce).toEqual([
      {
        scope: KILL.scope,
        engagement: KILL.engagement,
        by: 'ann',
        reason: 'drill',
        since: KILL.at,
        known: ['control bucket', 'kill folder', 'journal'],
      },
    ]);
    expect(onlyBook(glance)).toMatchObject({
      stopped: 'wholly',
      stops: [{ kind: 'kill', whole: true, by: 'ann' }],
    });
  });

  it('counts where only one place has it, and a file that the bucket says is released does not', async () => {
    const released = { ...BUS, stops: () => Promise.resolve({ inForce: [], released: [KILL.engagement] }) };
    const gone = await deskAtAGlance(request({ bus: answered(released), files: [KILL] }));
    expect(gone.kills.inForce).toEqual([]);
    const file = await deskAtAGlance(request({ files: [KILL] }));
    expect(onlyBook(file).stopped).toBe('wholly');
  });

  it('is told by whoever knows the person, where execution met the file before it was whole', async () => {
    const untold = { ...KILL, by: 'a file', reason: 'the kill folder holds it', at: '1970-01-01T00:00:00Z' };
    const bus = { ...BUS, stops: () => Promise.resolve({ inForce: [untold], released: [] }) };
    const glance = await deskAtAGlance(request({ bus: answered(bus), files: [KILL] }));
    expect(glance.kills.inForce).toMatchObject([{ by: 'ann', reason: 'drill', since: KILL.at }]);
  });

  it('is a part of it for a venue, an instrument, a throttle and a price', async () => {
    const halts = [
      { book: 'alpha', kind: 'venue' as const, subject: 'deribit', reasons: ['differs'], since: KILL.at },
      {
        book: 'beta',
        kind: 'throttle' as const,
        subject: 'BTC-PERPETUAL@deribit',
        reasons: ['x'],
        since: KILL.at,
      },
      { book: 'beta', kind: 'price' as const, subject: 'BTC@composite', reasons: ['QUORUM'], since: KILL.at },
    ];
    const book = onlyBook(await deskAtAGlance(request({}, { ...DESK, halts })));
    expect(book.stopped).toBe('in part');
    expect(book.stops.map(({ kind }) => kind)).toEqual(['venue', 'price']);
  });

  it('is its partition too, by whoever halted there', async () => {
    const bus = {
      ...BUS,
      words: async () => {
        const words = await BUS.words(0);
        return words.map((word) =>
          word.service === 'risk'
            ? {
                ...word,
                partitions: {
                  [PARTITION]: { seen: 1, appended: 1, fault: 'CONTRACTS.UNDECODABLE: no commit' },
                },
              }
            : word,
        );
      },
    };
    const glance = await deskAtAGlance(request({ bus: answered(bus) }));
    expect(onlyBook(glance).stops).toEqual([
      { kind: 'partition', subject: 'alpha', whole: true, reason: 'risk: CONTRACTS.UNDECODABLE: no commit' },
    ]);
    expect(text(glance)).toContain('HALTED: CONTRACTS.UNDECODABLE: no commit');
  });
});

describe('what cannot be asked', () => {
  it('is said for each question, and is neither nought nor none', async () => {
    const glance = await deskAtAGlance(request({ bus: missing('NATS answers nothing'), files: [KILL] }));
    expect(glance.state).toBe('unknown');
    expect(glance.lag).toEqual({ missing: 'NATS answers nothing' });
    expect(glance.services).toEqual({ missing: 'NATS answers nothing' });
    expect(glance.kills.unseen).toEqual(['control bucket']);
    expect(glance.missing.map(({ why }) => why)).toEqual(
      Array(glance.missing.length).fill('NATS answers nothing'),
    );
    expect(text(glance)).toContain('not seen      control bucket: there may be more');
    expect(text(glance)).toMatch(/NOT KNOWN\nNATS answers nothing\n {2}the journal/);
    // The prices are those that risk last used, and say so.
    expect(text(glance)).toMatch(/BTC@composite .*as risk last used it/);
    const without = await deskAtAGlance(request({ bus: missing('away') }));
    expect(onlyBook(without).stopped).toBe('unknown');
  });

  it('leaves the bus to speak where the record does not', async () => {
    const record = answered({ newest: () => Promise.reject(new Error('no PostgreSQL answers')) });
    const bus = { ...BUS, stops: () => Promise.resolve({ inForce: [KILL], released: [] }) };
    const glance = await deskAtAGlance(request({ record, bus: answered(bus) }));
    expect(glance.books).toEqual({ missing: 'no PostgreSQL answers' });
    expect(glance.kills).toMatchObject({ inForce: [{ scope: 'book:alpha' }], unseen: ['journal'] });
    expect(glance.state).toBe('running');
    expect(glance.lag).toEqual({ missing: 'no PostgreSQL answers' });
    expect(text(glance)).toContain('restricted    not known: no PostgreSQL answers');
  });

  it('is one question among others', async () => {
    const bus = { ...BUS, marks: () => Promise.reject(new Error('the market is away')) };
    const glance = await deskAtAGlance(request({ bus: answered(bus) }));
    expect(glance.missing).toEqual([{ what: 'prices of the market', why: 'the market is away' }]);
    expect(valueOf(glance.prices)[0]?.from).toBe('snapshot');
  });
});

describe('lag, age and parts', () => {
  it('says how far and how long the ledger is behind the journal', async () => {
    const bus = { ...BUS, journal: () => Promise.resolve({ epoch: '3', lastSequence: 142 }) };
    const glance = await deskAtAGlance(request({ bus: answered(bus) }));
    expect(glance.lag).toEqual({ value: { journal: 142, ledger: 100, commits: 42, seconds: 3 } });
  });

  it('says that another epoch runs than the one that is shown', async () => {
    const bus = { ...BUS, journal: () => Promise.resolve({ epoch: '4', lastSequence: 7 }) };
    const glance = await deskAtAGlance(request({ bus: answered(bus) }));
    expect(glance.epoch).toMatchObject({ value: { epoch: '3', running: '4', eventTimeFrom: 'record' } });
    expect(glance.lag).toMatchObject({ value: { ledger: 0, commits: 7 } });
    expect(text(glance)).toContain('epoch 4 runs, and the ledger has nothing of it yet');
  });

  it('marks old prices and legs that are in no figure', async () => {
    const bus = { ...BUS, marks: () => Promise.resolve([]) };
    const unpriced = [
      { instrument: 'BTC-30JAN26-90000-C@deribit', quantity: '-1', code: 'RISK.NO_MARK', message: 'x' },
    ];
    const snapshot = { taken: { ...SNAPSHOT, unpriced }, sequence: 90 };
    const desk = { ...DESK, eventTime: '2026-01-06T13:00:00Z', books: [{ ...BOOK, snapshot }] };
    const glance = await deskAtAGlance(request({ bus: answered(bus) }, desk));
    expect(valueOf(glance.prices)[0]).toMatchObject({ old: true, ageSeconds: 3_600 });
    expect(text(glance)).toContain(
      'PARTIAL       1 legs are in no figure below: BTC-30JAN26-90000-C@deribit RISK.NO_MARK',
    );
    expect(text(glance)).toContain('TOO OLD to value on');
  });

  it('says first that nothing runs, and how the epoch ended', async () => {
    const down = request({ bus: missing('NATS does not run'), down: true });
    const first = (glance: DeskGlance): string => text(glance).split('\n')[0] ?? '';
    expect(first(await deskAtAGlance(down))).toBe(
      '2026-11-30T14:10:00Z  nothing runs: this is how epoch 3 ended',
    );
    const never = { ...down, record: answered({ newest: () => Promise.resolve(undefined) }) };
    expect(first(await deskAtAGlance(never))).toBe(
      '2026-11-30T14:10:00Z  nothing runs, and no epoch is on record',
    );
  });
});

describe('the text', () => {
  it('keeps to the width, and lets no name move the cursor', async () => {
    const kill = { ...KILL, reason: `\u001b[2J ${'long '.repeat(60)}` };
    const glance = await deskAtAGlance(request({ files: [kill] }));
    for (const width of [40, 60, 80, 132])
      for (const line of text(glance, width).split('\n')) expect(line.length).toBeLessThanOrEqual(width);
    expect(text(glance)).not.toContain('\u001b');
    const inColour = linesText(glanceLines(glance, PLACE, 80), true);
    expect(inColour).toContain('\u001b[31m');
  });
});
