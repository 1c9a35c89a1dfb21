import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  FixReader,
  SequenceFile,
  encodeFix,
  parseDropCopySettings,
  receiveDropCopy,
  tradeReported,
} from '@evenkeel/adapter-drop-copy';
import type { DropCopyOptions, FixField } from '@evenkeel/adapter-drop-copy';
import { bookReported } from '@evenkeel/desk';
import type { DeskJournal, PersonsFact } from '@evenkeel/desk';
import { viewOf } from '@evenkeel/eventing';
import type { Commit } from '@evenkeel/eventing';
import type { AggregateRef, DomainEvent } from '@evenkeel/facts';
import { formatInstant, required } from '@evenkeel/kernel';
import { runInProcess } from '@evenkeel/lab';
import { createRiskCore } from '@evenkeel/risk';
import { busyDemonstration } from '@evenkeel/testkit';
import { Acceptor } from './fix-acceptor.test-support';

const { tape, book: BOOK } = busyDemonstration('drop-copy', 1);
const [PERPETUAL = ''] = BOOK.hedge.instruments;
/** When trades are made: before the day's end on the record, as risk takes none of the future. */
const DAY = formatInstant(tape.from).slice(0, 10);
const WHO = { by: 'ann', reason: 'drop copy', at: '2026-07-01T10:00:00Z' };

const BEFORE = runInProcess({ tape, books: [{ file: BOOK, source: BOOK.book }] }).journal.all.map(
  ({ commit }) => commit,
);
const risk = createRiskCore();

/** A journal after a day of trading, on which the real core of risk answers what is said. */
class AnsweredJournal implements DeskJournal {
  readonly said: PersonsFact[] = [];
  private readonly all: Commit[] = [...BEFORE];

  peoplesCommits = () =>
    Promise.resolve(this.all.filter(({ aggregate }) => aggregate.context === 'governance'));
  bookCommits = (book: string) =>
    Promise.resolve(this.all.filter((one) => one.aggregate.context === 'risk' && one.aggregate.id === book));
  books = () => Promise.resolve([BOOK.book]);
  silentServices = () => Promise.resolve([]);
  async record(fact: PersonsFact): Promise<void> {
    this.said.push(fact);
    const said = this.commit(fact.aggregate, fact.events);
    let state = risk.initial();
    for (const commit of await this.bookCommits(BOOK.book)) state = risk.evolve(state, viewOf(commit));
    const input = { kind: 'commit', commit: viewOf(said) } as const;
    state = risk.observe(state, input);
    const [answer] = risk.decide(state, input).commits;
    if (answer !== undefined) this.commit(answer.aggregate, answer.events);
  }
  private commit(aggregate: AggregateRef, events: readonly DomainEvent[]): Commit {
    const like = required(this.all.at(-1), 'a commit of the day');
    const [first] = like.events;
    const recorded = required(first, 'its event');
    const commit = {
      ...like,
      aggregate,
      book: BOOK.book,
      events: events.map((event) => ({ ...recorded, event })),
    };
    this.all.push(commit);
    return commit;
  }
  /** What risk took into the book because somebody said so: trade and signed quantity. */
  get adopted(): readonly string[] {
    return this.all.flatMap(({ events }) =>
      events.flatMap(({ event }) =>
        event.type === 'PositionAdopted' && event.payload.tradeId !== undefined
          ? [`${event.payload.tradeId} ${event.payload.quantity} at ${event.payload.price}`]
          : [],
      ),
    );
  }
}

const report = (execId: string, more: readonly FixField[] = [], type = 'F'): FixField[] => [
  [37, 'order-1'],
  [17, execId],
  [150, type],
  [39, '2'],
  [55, 'PERP'],
  [54, '2'],
  [32, '3'],
  [31, '90000.5'],
  [60, `${DAY.replaceAll('-', '')}-09:59:58.250`],
  ...more,
];

describe('a drop copy over FIX 4.4', () => {
  let folder: string;
  let acceptor: Acceptor;
  let journal: AnsweredJournal;
  const running: { stop(): Promise<void> }[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'drop-copy-'));
    acceptor = await Acceptor.open();
    journal = new AnsweredJournal();
  });
  afterEach(async () => {
    for (const one of running.splice(0)) await one.stop();
    await acceptor.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const settingsWith = (more: object = {}) =>
    parseDropCopySettings(
      JSON.stringify({
        session: 'prime',
        host: '127.0.0.1',
        port: acceptor.port,
        tls: false,
        senderCompId: 'DESK',
        targetCompId: 'PRIME',
        heartbeatSeconds: 1,
        venue: 'deribit',
        quantityUnit: 'contracts',
        symbols: { PERP: PERPETUAL },
        ...more,
      }),
      'settings',
    );
  const numbers = () => new SequenceFile(join(folder, 'prime.json'), 'prime');

  function receive(more: Partial<DropCopyOptions> = {}) {
    const ended = new AbortController();
    const settings = settingsWith();
    const notes: string[] = [];
    const over = receiveDropCopy({
      settings,
      numbers: numbers(),
      ended: ended.signal,
      note: (text) => notes.push(text),
      report: async (message) => {
        const told = tradeReported(message, settings);
        if (told !== undefined) await bookReported(journal, BOOK.book, told, WHO);
      },
      backoff: { baseNs: 10_000_000n, maxNs: 50_000_000n, stableAfterNs: 0n },
      ...more,
    }).then(
      () => undefined,
      (error: unknown) => error,
    );
    const stop = async (): Promise<void> => {
      ended.abort();
      await over;
    };
    running.push({ stop });
    return { over, stop, notes };
  }

  /** Until the number is behind: heartbeats asked for come back in order. */
  async function inbound(next: number): Promise<void> {
    while (numbers().inbound < next) await delay(5);
  }

  it('books a trade with the fields of its report, once, and goes on at the next number', async () => {
    const first = receive();
    await acceptor.logon();
    acceptor.send(
      '8',
      2,
      report('e1', [
        [12, '1.5'],
        [13, '3'],
        [479, 'USD'],
      ]),
    );
    acceptor.send('8', 3, report('e0', [], '0'));
    await inbound(4);
    expect(journal.adopted).toEqual(['prime:e1 -3 at 90000.5']);
    const [said] = journal.said.flatMap(({ events }) => events);
    expect(said?.payload).toMatchObject({
      tradedAt: `${DAY}T09:59:58.250Z`,
      instrument: PERPETUAL,
      evidence: 'FIX ExecID e1, order order-1, commission 1.5 USD (CommType 3)',
    });
    await first.stop();
    expect((await acceptor.got('5')).count(34)).toBe(2);
    receive();
    expect((await acceptor.logon(4)).count(34)).toBe(3);
    acceptor.send('8', 5, report('e1', [[97, 'Y']]));
    await inbound(6);
    expect(journal.adopted).toHaveLength(1);
  });

  it('asks for what lacks, takes it in order, and passes over repeats', async () => {
    receive();
    await acceptor.logon();
    acceptor.send('8', 4, report('e4'));
    acceptor.send('8', 3, report('e3'));
    const asked = await acceptor.got('2');
    expect([asked.text(7), asked.text(16)]).toEqual(['2', '0']);
    acceptor.send('4', 2, [
      [43, 'Y'],
      [123, 'Y'],
      [36, '3'],
    ]);
    acceptor.send('8', 3, report('e3', [[43, 'Y']]));
    acceptor.send('8', 4, report('e4', [[43, 'Y']]));
    acceptor.send('8', 3, report('e3', [[43, 'Y']]));
    acceptor.send('8', 5, report('e5'));
    await inbound(6);
    expect(journal.adopted.map((text) => text.split(' ')[0])).toEqual(['prime:e3', 'prime:e4', 'prime:e5']);
  });

  it.each([
    [
      'a digit that changed',
      (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace('90000.5', '90000.6'), 'latin1'),
    ],
    [
      'a length too long',
      (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace(/9=\d+/, '9=900'), 'latin1'),
    ],
    [
      'a length too short',
      (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace(/9=\d+/, '9=40'), 'latin1'),
    ],
  ])('passes over bytes with %s and has them sent again', async (_, garble) => {
    receive();
    await acceptor.logon();
    acceptor.send('8', 2, report('e2'), garble);
    acceptor.send('8', 3, report('e3'));
    expect((await acceptor.got('2')).text(7)).toBe('2');
    expect(journal.adopted).toEqual([]);
    acceptor.send('8', 2, report('e2', [[43, 'Y']]));
    acceptor.send('8', 3, report('e3', [[43, 'Y']]));
    await inbound(4);
    expect(journal.adopted).toEqual(['prime:e2 -3 at 90000.5', 'prime:e3 -3 at 90000.5']);
  });

  it('corrects a trade, corrects the correction, and cancels it, each once', async () => {
    receive();
    await acceptor.logon();
    acceptor.send('8', 2, report('e1'));
    const other: FixField[] = report('c1', [[19, 'e1']], 'G').map(([tag, value]) => [
      tag,
      tag === 32 ? '2' : value,
    ]);
    acceptor.send('8', 3, other);
    acceptor.send('8', 4, [...other, [97, 'Y']]);
    acceptor.send('8', 5, report('h1', [[19, 'c1']], 'H'));
    await inbound(6);
    expect(journal.adopted).toEqual([
      'prime:e1 -3 at 90000.5',
      'prime:e1 3 at 90000.5',
      'prime:e1 -2 at 90000.5',
      'prime:e1 2 at 90000.5',
    ]);
  });

  it('has a trade once when the process ends between the trade and its number', async () => {
    const cut = receive({
      report: async (message) => {
        const told = tradeReported(message, settingsWith());
        if (told !== undefined) await bookReported(journal, BOOK.book, told, WHO);
        throw new Error('the process ends here');
      },
    });
    await acceptor.logon();
    acceptor.send('8', 2, report('e1'));
    expect(String(await cut.over)).toContain('the process ends here');
    expect([numbers().inbound, journal.adopted.length]).toEqual([2, 1]);
    receive();
    await acceptor.logon(3);
    expect((await acceptor.got('2')).text(7)).toBe('2');
    acceptor.send('8', 2, report('e1', [[43, 'Y']]));
    acceptor.send('4', 3, [
      [43, 'Y'],
      [123, 'Y'],
      [36, '4'],
    ]);
    await inbound(4);
    expect(journal.adopted).toHaveLength(1);
  });

  it.each<[string, readonly FixField[], RegExp]>([
    ['a symbol nobody knows', [[55, 'ESU9']], /name Symbol "ESU9" in `symbols`/],
    ['a price that is none', [[31, '9e4']], /LastPx "9e4" is not a decimal/],
    ['a quantity that is missing', [[32, '']], /LastQty \(32\) is missing/],
    ['a side that is neither', [[54, '7']], /Side 7/],
    ['another currency', [[15, 'EUR']], /its price in EUR/],
    ['a strike where there is none', [[202, '90000']], /StrikePrice 90000/],
    ['a fill of FIX 4.2', [[150, '2']], /ExecType 2 is none of FIX 4.4/],
    ['a local time', [[60, '20260701-25:00:00']], /TransactTime/],
    [
      'a correction of nothing',
      [
        [150, 'G'],
        [19, 'gone'],
      ],
      /gone/,
    ],
  ])('stops at a report with %s, and goes on there', async (_, changed, told) => {
    const first = receive();
    await acceptor.logon();
    const tags = new Map(changed);
    const fields = [...report('e1').filter(([tag]) => !tags.has(tag)), ...changed];
    acceptor.send('8', 2, fields);
    expect(String(await first.over)).toMatch(told);
    await acceptor.got('5');
    expect([numbers().inbound, journal.said.length]).toEqual([2, 0]);
  });

  it('stops where an ExecID comes again with other figures', async () => {
    const first = receive();
    await acceptor.logon();
    acceptor.send('8', 2, report('e1'));
    acceptor.send(
      '8',
      3,
      report('e1').map(([tag, value]) => [tag, tag === 31 ? '90001' : value]),
    );
    expect(String(await first.over)).toMatch(/told before with other figures/);
    expect([numbers().inbound, journal.adopted.length]).toEqual([3, 1]);
  });

  it('stops where the logon is refused, where numbers fall back or jump, and where trades come in other words', async () => {
    const refused = receive();
    await acceptor.got('A');
    acceptor.send('5', 1, [[58, 'wrong password']]);
    expect(String(await refused.over)).toMatch(/logon refused: wrong password/);
    numbers().keep({ inbound: 9 });
    const back = receive();
    await acceptor.logon(1);
    expect(String(await back.over)).toMatch(/number 1, not marked as sent before, where 9 is expected/);
    const jump = receive();
    await acceptor.logon(9);
    acceptor.send('4', 10, [[36, '50']]);
    expect(String(await jump.over)).toMatch(/jumps to number 50, and 10 is expected/);
    const captured = receive();
    await acceptor.logon(10);
    acceptor.send('AE', 11);
    expect(String(await captured.over)).toMatch(/message type AE at number 11/);
    expect(numbers().inbound).toBe(11);
  });

  it('asks in silence, gives the connection up, and comes again; answers what it is asked', async () => {
    receive();
    await acceptor.logon();
    acceptor.send('1', 2, [[112, 'there?']]);
    expect((await acceptor.got('0')).text(112)).toBe('there?');
    acceptor.send('2', 3, [
      [7, '1'],
      [16, '0'],
    ]);
    const fill = await acceptor.got('4');
    expect([fill.text(34), fill.text(36), fill.text(123), fill.text(43)]).toEqual(['1', '3', 'Y', 'Y']);
    await acceptor.got('1');
    await acceptor.got('A');
    expect(acceptor.connections).toBe(2);
  });

  it('reads a quarter written as .25, and bytes in any pieces', () => {
    const bytes = encodeFix([
      [35, '8'],
      ...report('e1').map(([tag, value]): FixField => [tag, tag === 31 ? '.25' : value]),
    ]);
    const reader = new FixReader();
    const read = [...bytes].flatMap((byte) => reader.push(Buffer.from([byte])));
    expect(read).toHaveLength(1);
    const [message] = read;
    if (message === undefined || 'garbled' in message) throw new Error('no message');
    expect(tradeReported(message, settingsWith())?.price).toBe('0.25');
  });

  it.each([
    ['a line without TLS to another machine', { host: 'fix.example' }, /tls: must be true/],
    ['a symbol of no instrument', { symbols: { A: 'NOPE@deribit' } }, /symbols.A/],
    ['a unit nobody named', { quantityUnit: undefined }, /quantityUnit/],
  ])('refuses settings with %s', (_, more, told) => {
    expect(() => settingsWith(more)).toThrow(told);
  });
});
