import { viewOf } from '@evenkeel/eventing';
import type { Commit } from '@evenkeel/eventing';
import type { AggregateRef, CommitDraft, DomainEvent, EventOf, EventType } from '@evenkeel/facts';
import { Decimal, formatInstant, parseDuration } from '@evenkeel/kernel';
import { runInProcess } from '@evenkeel/lab';
import type { LabRun, PolicyChange } from '@evenkeel/lab';
import { busyDemonstration } from '@evenkeel/testkit';
import { bookFollows, inRealTime, reexecuteJournal } from '@evenkeel/engine';
import { createRiskCore } from '@evenkeel/risk';
import { bookRequest, bookTrades, closeBook, correctTrade, openBook, recordExpiry } from './book-desk';
import type { Asking } from './book-desk';
import { bookContent } from './boot-governance';
import type { DeskJournal, PersonsFact } from './ports';

const market = busyDemonstration('books-live', 1);
const { tape } = market;
const BOOT = { ...market.book, book: 'boot' };
const LATE = { ...market.book, book: 'late' };
const managed = (file: typeof BOOT) => ({ file, source: file.book });
const asking = (by = 'ann'): Asking => ({ by, reason: 'mandate', at: '2026-07-01T10:00:00Z' });
const HALF = tape.from + parseDuration('PT12H');
const [PERPETUAL = ''] = BOOT.hedge.instruments;

/** A journal that only remembers what people said, as far as `book` stands on the record given. */
class Words implements DeskJournal {
  readonly said: PersonsFact[] = [];
  constructor(private readonly onRecord: readonly Commit[] = []) {}
  peoplesCommits = () => Promise.resolve([]);
  bookCommits = (book: string) =>
    Promise.resolve(
      this.onRecord.filter(({ aggregate }) => aggregate.context === 'risk' && aggregate.id === book),
    );
  books = () => Promise.resolve([...new Set(this.onRecord.map(({ book }) => book))]);
  silent: readonly string[] = [];
  silentServices = () => Promise.resolve(this.silent);
  record(fact: PersonsFact): Promise<void> {
    this.said.push(fact);
    return Promise.resolve();
  }
}

const at = (after: string, events: readonly DomainEvent[], book = 'late'): PolicyChange => {
  const time = HALF + parseDuration(after);
  const aggregate: AggregateRef = { context: 'governance', type: 'desk', id: book };
  const draft: CommitDraft = {
    aggregate,
    book,
    eventTime: formatInstant(time),
    actor: { kind: 'human', id: 'ann' },
    events,
  };
  return { at: time, draft };
};

const run = (changes: readonly PolicyChange[]): LabRun =>
  runInProcess({ tape, books: [managed(BOOT)], changes });

function of<T extends EventType>({ journal }: LabRun, book: string, type: T): EventOf<T>['payload'][] {
  return journal.all
    .filter(({ commit }) => commit.book === book)
    .flatMap(({ commit }) =>
      commit.events.flatMap(({ event }) => (event.type === type ? [event.payload as never] : [])),
    ); // its type was just seen
}

const opening: DomainEvent = { type: 'BookRequested', payload: bookRequest(managed(LATE), asking()) };
const trade = (id: string, quantity: string, instrument = PERPETUAL, price = '90000'): DomainEvent => ({
  type: 'TradeBooked',
  payload: {
    requestId: `trade-${id}`,
    book: 'late',
    at: asking().at,
    bookedBy: 'ann',
    reason: 'voice',
    tradeId: id,
    instrument,
    quantity,
    price,
    tradedAt: asking().at,
    specification:
      bookRequest(managed(LATE), asking()).opened.specifications.find((text) => text.includes(instrument)) ??
      '',
    evidence: 'ticket 7',
  },
});

describe('a book that is opened in mid-run', () => {
  const live = run([at('PT0S', [opening])]);

  it('is opened by each core for its own part, under the name of who asked', () => {
    const own = live.journal.all.filter(({ commit }) => commit.book === 'late').slice(0, 4);
    expect(own.map(({ commit }) => [commit.aggregate.context, commit.events[0]?.event.type])).toEqual(
      expect.arrayContaining([
        ['governance', 'BookRequested'],
        ['risk', 'BookOpened'],
        ['strategy', 'PolicySet'],
        ['execution', 'VenueAccountOpened'],
      ]),
    );
    for (const { commit } of own) expect(commit.actor).toEqual({ kind: 'human', id: 'ann' });
    expect(of(live, 'late', 'BookOpened')[0]?.at).toBe(formatInstant(HALF));
  });

  it('is valued and hedged from then on, and its decisions are decided again from the record', () => {
    expect(of(live, 'late', 'PositionAdopted')).toHaveLength(LATE.positions.length);
    expect(of(live, 'late', 'RiskSnapshotTaken').length).toBeGreaterThan(20);
    expect(of(live, 'late', 'OrderFilled').length).toBeGreaterThan(3);
    const last = of(live, 'late', 'RiskSnapshotTaken').pop();
    const unhedged = of(live, 'late', 'RiskSnapshotTaken')[0];
    expect(Math.abs(last?.exposures[0]?.delta ?? NaN)).toBeLessThan(
      Math.abs(unhedged?.exposures[0]?.delta ?? NaN),
    );
    expect(reexecuteJournal(live.journal.all).divergences).toEqual([]);
  });

  it('changes nothing of the other books', () => {
    const alone = run([]);
    const decisions = (from: LabRun) => of(from, 'boot', 'HedgeDecided').map(({ decisionId }) => decisionId);
    expect(decisions(live)).toEqual(decisions(alone));
    expect(decisions(alone).length).toBeGreaterThan(5);
  });

  it('is refused on record, by every core, where nobody can be shown to have agreed to it', () => {
    const approval = { proposalId: 'p-1', contentHash: 'c', proposedBy: 'tess', approvedBy: 'rita' };
    const claimed = bookRequest(managed(LATE), asking(), approval);
    const forged = run([at('PT0S', [{ type: 'BookRequested', payload: claimed }])]);
    expect(of(forged, 'late', 'RequestRefused')).toEqual([
      expect.objectContaining({ asked: 'BookRequested', reasons: ['NOT_PROPOSED'] }),
    ]);
    for (const type of ['BookOpened', 'PolicySet', 'VenueAccountOpened'] as const)
      expect(of(forged, 'late', type)).toEqual([]);
    expect(reexecuteJournal(forged.journal.all).divergences).toEqual([]);
  });

  it('is what two people signed, or it is refused', () => {
    const content = bookContent(managed(LATE));
    const request = bookRequest(managed(LATE), asking());
    expect(bookFollows(content, request)).toBe(true);
    expect(bookFollows(content, bookRequest(managed(LATE), asking(), undefined, inRealTime))).toBe(true);
    const [account] = request.accounts;
    if (account === undefined) throw new Error('a book trades somewhere');
    const limits = { ...account.limits, maxGrossNotionalUsd: '999999999' };
    expect(bookFollows(content, { ...request, accounts: [{ ...account, limits }] })).toBe(false);
    expect(bookFollows(content, { ...request, policy: { ...request.policy, targetDelta: '1' } })).toBe(false);
    expect(bookFollows('{}', request)).toBe(false);
  });

  it('numbers its snapshots under the id of the request, and under no other name', () => {
    const content = bookContent(managed(LATE));
    const [request, tomorrow] = ['2026-07-01T10:00:00Z', '2026-07-02T10:00:00Z'].map((when) =>
      bookRequest(managed(LATE), { ...asking(), at: when }),
    );
    if (request === undefined || tomorrow === undefined) throw new Error('two requests were made');
    expect(request.opened.lineage).toBe(request.requestId);
    expect(tomorrow.opened.lineage).not.toBe(request.opened.lineage);
    const other = { ...request.opened, lineage: tomorrow.requestId };
    expect(bookFollows(content, { ...request, opened: other })).toBe(false);
    // As journals of before say it.
    const { lineage: _, ...unnamed } = request.opened;
    expect(bookFollows(content, { ...request, opened: unnamed })).toBe(true);
  });

  it('is refused on record where there is one of that name', () => {
    const twice = run([at('PT0S', [opening]), at('PT1H', [opening])]);
    expect(of(twice, 'late', 'RequestRefused')).toEqual([
      expect.objectContaining({ asked: 'BookRequested', reasons: ['BOOK_EXISTS'] }),
    ]);
    expect(of(twice, 'late', 'BookOpened')).toHaveLength(1);
    expect(of(twice, 'late', 'PolicySet')).toHaveLength(1);
  });
});

describe('trades of the desk', () => {
  const corrected: DomainEvent = {
    type: 'TradeCorrected',
    payload: {
      requestId: 'c-1',
      book: 'late',
      at: asking().at,
      correctedBy: 'rita',
      reason: 'ticket',
      tradeId: 'otc-1',
      quantity: '100',
      price: '90100',
    },
  };
  const traded = run([
    at('PT0S', [opening]),
    at('PT2H', [trade('otc-1', '1000'), trade('otc-2', '-50')]),
    at('PT3H', [
      corrected,
      { ...corrected, payload: { ...corrected.payload, requestId: 'c-2', tradeId: 'no' } },
    ]),
  ]);

  it('enter the book, are hedged, and are corrected to what they were', () => {
    const desk = of(traded, 'late', 'PositionAdopted').filter(({ tradeId }) => tradeId !== undefined);
    expect(desk.map(({ tradeId, quantity, price }) => [tradeId, quantity, price])).toEqual([
      ['otc-1', '1000', '90000'],
      ['otc-2', '-50', '90000'],
      ['otc-1', '-1000', '90000'],
      ['otc-1', '100', '90100'],
    ]);
    const sum = desk.reduce((total, { quantity }) => total.plus(Decimal.parse(quantity)), Decimal.ZERO);
    expect(sum.toString()).toBe('50');
    expect(of(traded, 'late', 'RequestRefused')).toEqual([
      expect.objectContaining({ requestId: 'c-2', reasons: ['NO_SUCH_TRADE'] }),
    ]);
    expect(reexecuteJournal(traded.journal.all).divergences).toEqual([]);
  });

  it('far from the market are refused on record, and decided so again', () => {
    const judged = (id: string, more: object): DomainEvent => {
      const said = trade(id, '10', PERPETUAL, '9');
      if (said.type !== 'TradeBooked') throw new Error('a trade is booked');
      return { ...said, payload: { ...said.payload, tradeRules: 1, ...more } };
    };
    const far = run([
      at('PT0S', [opening]),
      at('PT2H', [judged('far', {}), judged('meant', { priceMeant: true })]),
    ]);
    expect(of(far, 'late', 'RequestRefused')).toEqual([
      expect.objectContaining({
        requestId: 'trade-far',
        reasons: ['PRICE_FAR_FROM_MARKET', expect.stringContaining('9 is more than 20 % off')],
      }),
    ]);
    const taken = of(far, 'late', 'PositionAdopted').filter(({ tradeId }) => tradeId !== undefined);
    expect(taken.map(({ tradeId }) => tradeId)).toEqual(['meant']);
    expect(reexecuteJournal(far.journal.all).divergences).toEqual([]);
  });

  it('are what the record alone gives, with nothing left to answer', () => {
    const core = createRiskCore();
    let state = core.initial();
    for (const { commit } of traded.journal.all) {
      const view = viewOf(commit);
      if (commit.aggregate.context === 'risk') state = core.evolve(state, view);
      else if (commit.aggregate.context === 'governance')
        state = core.observe(state, { kind: 'commit', commit: view });
    }
    expect(state.requests).toEqual([]);
    expect(Object.keys(state.books['late']?.trades ?? {}).sort()).toEqual(['otc-1', 'otc-2']);
  });

  it('are turned down at once where no process would answer', async () => {
    const journal = new Words(traded.journal.all.map(({ commit }) => commit));
    journal.silent = ['risk', 'strategy'];
    const unserved = /no process of risk, strategy serves partition \d\d/;
    const request = bookRequest(managed({ ...LATE, book: 'later' }), asking());
    await expect(openBook(journal, request)).rejects.toThrow(unserved);
    const nothing = { book: 'late', tradeId: 'otc-2', quantity: '0', price: '1' };
    await expect(correctTrade(journal, nothing, asking())).rejects.toThrow(unserved);
    expect(journal.said).toEqual([]);
  });

  it('in a call are not corrected to a premium in USD', async () => {
    const call = LATE.positions.find(({ instrument }) => instrument.endsWith('-C@deribit'))?.instrument;
    const option = run([at('PT0S', [opening]), at('PT1H', [trade('call', '1', call, '0.02')])]);
    const journal = new Words(option.journal.all.map(({ commit }) => commit));
    const wrong = { book: 'late', tradeId: 'call', quantity: '1', price: '1800' };
    await expect(correctTrade(journal, wrong, asking())).rejects.toThrow(
      /--price: 1800 looks like a premium in USD/,
    );
    await correctTrade(journal, { ...wrong, price: '0.025' }, asking());
    expect(journal.said).toHaveLength(1);
  });

  it('are held against the record before they are said', async () => {
    const journal = new Words(traded.journal.all.map(({ commit }) => commit));
    const one = { trade: 'otc-2', instrument: PERPETUAL, quantity: '1', price: '90000', at: asking().at };
    const wanted = { book: 'late', trades: [one], evidence: '', source: 'the command' };
    await expect(bookTrades(journal, wanted, asking())).rejects.toThrow(/otc-2 is in late already/);
    await expect(bookTrades(journal, { ...wanted, book: 'none' }, asking())).rejects.toMatchObject({
      code: 'INPUT.INVALID',
    });
    const part = { ...wanted, trades: [{ ...one, trade: 'otc-4', quantity: '1.0505' }] };
    await expect(bookTrades(journal, part, asking())).rejects.toThrow(
      /trades\[0\]\.quantity: 1\.0505 is no multiple of the lot/,
    );
    const nobody = { book: 'late', tradeId: 'otc-9', quantity: '1', price: '1' };
    await expect(correctTrade(journal, nobody, asking())).rejects.toThrow(
      /no trade "otc-9" in late: did you mean "otc-1"/,
    );
    await expect(closeBook(journal, 'late', asking())).rejects.toThrow(/still holds/);
    await expect(openBook(journal, bookRequest(managed(LATE), asking()))).rejects.toThrow(
      /open in this epoch/,
    );
    const expiry = { book: 'late', instrument: PERPETUAL, deliveryPrice: '1' };
    await expect(recordExpiry(journal, expiry, asking())).rejects.toThrow(/never expires|holds no/);
    expect(journal.said).toEqual([]);
    await bookTrades(journal, { ...wanted, trades: [{ ...one, trade: 'otc-3' }] }, asking());
    expect(journal.said).toMatchObject([{ by: 'ann', aggregate: { context: 'governance', id: 'late' } }]);
    expect(journal.said[0]?.events[0]?.payload).toMatchObject({ tradeRules: 1 });
  });
});

describe('a book that holds nothing any more', () => {
  const close = (requestId: string): DomainEvent => ({
    type: 'BookCloseRequested',
    payload: { requestId, book: 'late', at: asking().at, requestedBy: 'ann', reason: 'over' },
  });
  const request = bookRequest(managed(LATE), asking());
  const opened = (planned: typeof request.opened.planned): DomainEvent => ({
    type: 'BookRequested',
    payload: { ...request, opened: { ...request.opened, planned } },
  });

  it('is closed at a person’s word; then it is not valued and takes no trade', () => {
    const closing = run([
      at('PT0S', [opened([])]),
      at('PT1H', [close('over')]),
      at('PT2H', [trade('t', '10')]),
    ]);
    expect(of(closing, 'late', 'BookClosed')).toMatchObject([{ closedBy: 'ann', reason: 'over' }]);
    expect(of(closing, 'late', 'RequestRefused')).toMatchObject([{ reasons: ['BOOK_CLOSED'] }]);
    const closedAt = of(closing, 'late', 'BookClosed')[0]?.at ?? '';
    const later = of(closing, 'late', 'RiskSnapshotTaken').filter(({ at: taken }) => taken > closedAt);
    expect(later).toEqual([]);
  });

  it('is not closed while it holds something, or will', () => {
    const far = request.opened.planned.map((planned) => ({ ...planned, at: '2099-01-01T00:00:00Z' }));
    const kept = run([at('PT0S', [opened(far)]), at('PT1H', [close('planned')])]);
    expect(of(kept, 'late', 'RequestRefused')).toMatchObject([{ reasons: ['POSITIONS_PLANNED'] }]);
    const held = run([at('PT0S', [opening]), at('PT1H', [close('held')])]);
    expect(of(held, 'late', 'RequestRefused')).toMatchObject([{ reasons: ['POSITIONS_OPEN'] }]);
    expect(of(held, 'late', 'BookClosed')).toEqual([]);
  });
});
