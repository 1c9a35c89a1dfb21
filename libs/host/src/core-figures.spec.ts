import type { DomainEvent } from '@evenkeel/facts';
import { runInProcess } from '@evenkeel/lab';
import { busyDemonstration } from '@evenkeel/testkit';
import { Registry } from 'prom-client';
import { ByBook, coreFigures } from './core-figures';

const { tape, book } = busyDemonstration('figures', 1);
const run = runInProcess({ tape, books: [{ file: book, source: 'figures' }] });
const eventsOf = (context: string): DomainEvent[] =>
  run.journal.all
    .filter(({ commit }) => commit.aggregate.context === context)
    .flatMap(({ commit }) => commit.events.map(({ event }) => event));

async function seriesOf(
  context: 'risk' | 'strategy' | 'execution',
  isNew = true,
): Promise<Map<string, number>> {
  const registry = new Registry();
  const figures = coreFigures(context, registry);
  for (const event of eventsOf(context)) figures.note([event], isNew);
  const lines = (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.replace(/ \S+$/, ''), Number(line.replace(/^.* /, ''))]));
}

describe('what a day of the demonstration shows', () => {
  it('of risk: exposure, P&L and status of the newest snapshot', async () => {
    const series = await seriesOf('risk');
    const newest = eventsOf('risk').flatMap((event) =>
      event.type === 'RiskSnapshotTaken' ? [event.payload] : [],
    );
    const last = newest[newest.length - 1];
    const exposure = last?.exposures.find(({ underlying }) => underlying === 'BTC');
    const labels = `book="${book.book}",underlying="BTC"`;
    expect(series.get(`evenkeel_exposure_delta_usd{${labels}}`)).toBeCloseTo(
      (exposure?.delta ?? 0) * (exposure?.spot ?? 0),
      6,
    );
    expect(series.get(`evenkeel_exposure_vega{${labels}}`)).toBeCloseTo((exposure?.vega ?? 0) / 100, 9);
    expect(series.get(`evenkeel_pnl{book="${book.book}",line="hedged"}`)).toBe(Number(last?.pnl.hedged));
    expect(series.get(`evenkeel_book_status{book="${book.book}"}`)).toBe(0);
    const sum = ['unhedged', 'hedge', 'fees', 'funding'].map(
      (line) => series.get(`evenkeel_pnl{book="${book.book}",line="${line}"}`) ?? Number.NaN,
    );
    expect(sum.reduce((a, b) => a + b, 0)).toBeCloseTo(Number(last?.pnl.hedged), 6);
  });

  it('of strategy and execution: as many as are on record, and nothing that is only read again', async () => {
    const count = (context: string, type: string): number =>
      eventsOf(context).filter((event) => event.type === type).length;
    const strategy = await seriesOf('strategy');
    const sumOf = (series: Map<string, number>, start: string): number =>
      [...series].reduce((sum, [name, value]) => sum + (name.startsWith(start) ? value : 0), 0);
    expect(sumOf(strategy, 'evenkeel_decisions_total{outcome="decided"')).toBe(
      count('strategy', 'HedgeDecided'),
    );
    expect(sumOf(strategy, 'evenkeel_decisions_total{outcome="declined"')).toBe(
      count('strategy', 'HedgeDeclined'),
    );
    expect(count('strategy', 'HedgeDecided')).toBeGreaterThan(3);
    // What a hedge leaves lies inside the band that it left.
    const use = strategy.get(`evenkeel_band_use{book="${book.book}",underlying="BTC"}`);
    expect(use).toBeGreaterThanOrEqual(0);
    expect(use).toBeLessThanOrEqual(1);
    const execution = await seriesOf('execution');
    expect(execution.get('evenkeel_order_events_total{event="OrderFilled"}')).toBe(
      count('execution', 'OrderFilled'),
    );
    expect(sumOf(execution, 'evenkeel_fills_total{')).toBe(count('execution', 'OrderFilled'));
    const again = await seriesOf('execution', false);
    expect(sumOf(again, 'evenkeel_')).toBe(0);
  });
});

describe('figures by book', () => {
  it('have so many books at most, and add up the others', () => {
    const figures = new ByBook(2);
    for (const [at, name] of ['c', 'a', 'd', 'b'].entries()) figures.set(name, new Map([['BTC', at + 1]]));
    expect([...figures.entries()].map(({ book: name, value }) => [name, value])).toEqual([
      ['a', 2],
      ['b', 4],
      ['(others)', 1 + 3],
    ]);
    figures.delete('b');
    expect([...figures.entries()].map(({ book: name }) => name)).toEqual(['a', 'c', '(others)']);
  });
});
