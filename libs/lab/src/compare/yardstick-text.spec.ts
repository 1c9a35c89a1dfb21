import { demonstrationMarket } from '@evenkeel/market';
import type { Json } from '@evenkeel/kernel';
import { moneyCell, quantityText } from '@evenkeel/figures';
import { outcomeOf } from './compare-policies';
import { policyName, yardstickText } from './yardstick-text';
import type { PolicyRun } from './yardstick-text';

const { tape, book } = demonstrationMarket('evenkeel', 1);
const run = (policy: Json): PolicyRun => ({
  policy,
  statistics: outcomeOf({ tape, book: { file: book, source: 'demonstration' }, policy }).statistics,
});
const own = run(book.hedge.policy as Json); // JSON by its schema
const narrow = run({ kind: 'delta-band', band: '0.05' });

describe('a run beside simple rules', () => {
  const text = yardstickText(own, [narrow]);
  const rowOf = (name: string): string => text.split('\n').find((line) => line.startsWith(`  ${name}`)) ?? '';

  it('shows doing nothing, the policy and the rules in one table, each with its own figures', () => {
    expect(rowOf('none')).toContain(moneyCell(own.statistics.pnl.unhedged, 'USD'));
    expect(rowOf('none')).toContain('100.0 %');
    for (const { policy, statistics } of [own, narrow]) {
      const row = rowOf(policyName(policy));
      expect(row).toContain(moneyCell(statistics.pnl.hedged, 'USD'));
      expect(row).toContain(moneyCell(statistics.pnl.fees, 'USD'));
      expect(row).toContain(` ${statistics.decisions.hedged} `);
    }
    // The rules really differ, so that a row of another would be seen.
    expect(narrow.statistics.decisions.hedged).toBeGreaterThan(own.statistics.decisions.hedged);
  });

  it('tells band, cost and residual risk from the runs', () => {
    const { BTC } = own.statistics.bands;
    expect(text).toContain(`±${quantityText(BTC?.mean ?? 0, 'BTC')} on average`);
    expect(text).toContain(`It traded ${own.statistics.decisions.hedged} times`);
    expect(text).toMatch(
      /It paid 44\.62 USD of fees, [\d.,]+ USD less than delta-band band 0\.05; the book ended/,
    );
    expect(text).toMatch(
      /Residual risk\. A day’s P&L still swings by .* against .* without hedges \(39\.3 % of the variance\)/,
    );
    // Set against itself the other way round, it says so.
    expect(yardstickText(narrow, [own])).toMatch(
      /USD more than whalley-wilmott|USD less than whalley-wilmott/,
    );
    expect(yardstickText(narrow, [])).toContain('±0.0500 BTC;');
  });

  it('says of a policy without a band that it has none', () => {
    const hourly = run({ kind: 'time', interval: 'PT4H' });
    expect(yardstickText(hourly, [])).toContain('time interval PT4H has none: it traded');
  });
});
