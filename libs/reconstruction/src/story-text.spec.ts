import { runInProcess } from '@evenkeel/lab';
import type { PolicyChange } from '@evenkeel/lab';
import { busyDemonstration } from '@evenkeel/testkit';
import { parseInstant, required } from '@evenkeel/kernel';
import type { CommitDraft, DomainEvent } from '@evenkeel/facts';
import { againstBand } from './answer';
import { reconstructionText } from './reconstruction-text';
import { storyPage } from './story-page';
import { tellDecision } from './tell-decision';
import { StoryMaterial } from './told-commits';

const market = busyDemonstration('story', 1);
const { book } = market.book;

function materialOf(changes: readonly PolicyChange[] = []): StoryMaterial {
  const books = [{ file: market.book, source: 'the demonstration book' }];
  const { journal } = runInProcess({ tape: market.tape, books, changes });
  return new StoryMaterial(
    '1',
    journal.all.map(({ seq, bytes, hash, commit }) => ({ seq, bytes, hash, commit, hashHolds: true })),
  );
}

/** What a person puts on record of the book's controls at a time. */
function said(at: string, type: 'kill-switch' | 'controls', id: string, event: DomainEvent): PolicyChange {
  const draft: CommitDraft = {
    aggregate: { context: 'execution', type, id },
    book,
    eventTime: at,
    actor: { kind: 'human', id: 'root' },
    events: [event],
  };
  return { at: parseInstant(at), draft };
}

/** The story of the first decision after a time that fits, without what is below the answer. */
function toldOf(
  material: StoryMaterial,
  type: 'HedgeDecided' | 'HedgeDeclined',
  from = '',
): readonly string[] {
  const found = material.all(type).find(({ payload }) => payload.at >= from);
  const { decisionId } = required(found, `a decision after ${from}`).payload;
  return reconstructionText(tellDecision(material, decisionId)).split('\n').slice(3, -3);
}

const STOPPED_AT = '2026-01-05T06:00:00Z';
const RELEASED_AT = '2026-01-05T09:00:00Z';
const scope = 'firm';
const reason = 'stop hedging';

describe('the story of a decision, read from the top', () => {
  it('says of a hedge what, why, with which effect, at what cost, by whose rule, in that order', () => {
    expect(toldOf(materialOf(), 'HedgeDecided')).toEqual([
      'What    hedged: buy 0.778 BTCUSDT-PERP@evenkeel-sim around 90838.0 (immediate)',
      'Why     the exposure had left its band (BAND_BREACHED)',
      '        BTC exposure −0.7788 BTC (−70,743.39 USD) against the band −0.0500 BTC … 0.0500 BTC: 1,557.6 % of it used, outside',
      'Effect  buy 0.778 BTCUSDT-PERP@evenkeel-sim: filled 0.778 at 90842.6',
      '        BTC exposure −0.7788 BTC (−70,743.39 USD) → −0.00078642 BTC (−71.44 USD)',
      '        risk 2,811.11 USD → 2,225.14 USD (one standard deviation of P&L to the policy’s horizon)',
      '        equity −411.57 USD → −450.48 USD',
      'Cost    expected 38.91 USD = fee 35.34 USD + spread 3.58 USD + impact 0.00 USD + rounding −0.01 USD',
      '        actual 38.92 USD = fee 35.34 USD + slippage 3.58 USD + impact 0.00 USD',
      'Who     policy delta-band (band 0.05), version 3b1b1ca1e8a6, in force since 2026-01-05T00:00:00Z, set without a second person, by operator',
      'Checks  none failed, none was near its limit',
      '        passed: 7 of 7 at the decision, 23 of 23 before the order',
    ]);
  });

  it('says why nothing was hedged: which price, since when', () => {
    expect(toldOf(materialOf(), 'HedgeDeclined')).toEqual([
      'What    did not hedge: nothing was traded',
      'Why     a price was too old to trade on (STALE_INPUTS)',
      '        price of BTCUSDT-PERP@evenkeel-sim: DEGRADED (STALE), 15 min old',
      '        BTC exposure 0.0499 BTC (4,450.54 USD) against the band −0.0500 BTC … 0.0500 BTC: 99.7 % of it used, inside',
      'Effect  no order came of it',
      '        BTC exposure 0.0499 BTC (4,450.54 USD) → 0.0888 BTC (7,931.67 USD)',
      '        equity −1,764.81 USD → −1,774.92 USD',
      'Cost    nothing',
      'Who     policy delta-band (band 0.05), version 3b1b1ca1e8a6, in force since 2026-01-05T00:00:00Z, set without a second person, by operator',
      'Checks  FAILED – BTC: instruments to hedge with that have a usable price: 0, limit at least 1, at the decision',
      '        passed: 6 of 7 at the decision',
    ]);
  });

  it('says of a refusal for want of a price that no band was worked out, and not that there is none', () => {
    const material = materialOf();
    const told = (type: 'HedgeDecided' | 'HedgeDeclined'): string => {
      const { decisionId, assessments } = required(material.all(type)[0], 'a decision').payload;
      const flat = { ...required(assessments[0], 'an assessment'), bandLower: 0, bandUpper: 0 };
      return againstBand(flat, tellDecision(material, decisionId));
    };
    expect(told('HedgeDeclined')).toMatch(/; the band was not worked out: no price to trade on$/);
    expect(told('HedgeDecided')).toMatch(/; the policy has no band$/);
  });

  it('says who stopped it, why and when, and who let it go on, in its first lines', () => {
    const material = materialOf([
      said(STOPPED_AT, 'kill-switch', `${scope}/${book}`, {
        type: 'KillEngaged',
        payload: { scope, by: 'root', reason, at: STOPPED_AT, engagement: 'e1' },
      }),
      said(RELEASED_AT, 'kill-switch', `${scope}/${book}`, {
        type: 'KillReleased',
        payload: { scope, by: 'rita', reason: 'all clear', at: RELEASED_AT, engagement: 'e1' },
      }),
    ]);
    expect(toldOf(material, 'HedgeDeclined', STOPPED_AT)).toEqual([
      'What    did not hedge: nothing was traded',
      'Why     hedging of this book was stopped (PROGRAM_HALTED)',
      '        kill of everything (firm), engaged by root at 2026-01-05T06:00:00Z, reason “stop hedging” (sequence 240); released by rita at 2026-01-05T09:00:00Z, reason “all clear” (sequence 263)',
      '        BTC exposure 0.0799 BTC (7,267.96 USD) against the band −0.0500 BTC … 0.0500 BTC: 159.7 % of it used, outside',
      'Effect  no order came of it',
      '        BTC exposure 0.0799 BTC (7,267.96 USD) → 0.2000 BTC (18,204.30 USD)',
      '        equity −1,628.85 USD → −1,642.88 USD',
      'Cost    nothing',
      'Who     policy delta-band (band 0.05), version 3b1b1ca1e8a6, in force since 2026-01-05T00:00:00Z, set without a second person, by operator',
      'Checks  FAILED – BTC: hedging of the book: halted, limit running, at the decision',
      '        passed: 6 of 7 at the decision',
    ]);
    const later = toldOf(material, 'HedgeDecided', RELEASED_AT).join('\n');
    expect(later).not.toMatch(/kill|root/);
  });

  it('says who restricted the instrument that an order was refused for', () => {
    const instrument = required(market.book.hedge.instruments[0], 'a hedge instrument');
    const material = materialOf([
      said(STOPPED_AT, 'controls', book, {
        type: 'RestrictionSet',
        payload: { book, instrument, restricted: true, by: 'root', reason: 'too thin', at: STOPPED_AT },
      }),
    ]);
    expect(toldOf(material, 'HedgeDecided', STOPPED_AT)).toEqual([
      'What    decided to hedge: sell 0.079 BTCUSDT-PERP@evenkeel-sim around 91067.6 (immediate)',
      'Why     the exposure had left its band (BAND_BREACHED)',
      '        BTC exposure 0.0799 BTC (7,267.96 USD) against the band −0.0500 BTC … 0.0500 BTC: 159.7 % of it used, outside',
      'Effect  sell 0.079 BTCUSDT-PERP@evenkeel-sim: refused before it left, the instrument was on the restricted list (RESTRICTED_LIST)',
      '        BTCUSDT-PERP@evenkeel-sim restricted by root at 2026-01-05T06:00:00Z, reason “too thin” (sequence 240); not lifted as far as this record goes',
      '        BTC exposure 0.0799 BTC (7,267.96 USD) → 0.2000 BTC (18,204.30 USD)',
      '        risk stays 2,416.20 USD (one standard deviation of P&L to the policy’s horizon)',
      '        equity −1,628.85 USD → −1,642.88 USD',
      'Cost    expected 3.96 USD = fee 3.60 USD + spread 0.36 USD + impact 0.00 USD',
      '        actual nothing: nothing was filled',
      'Who     policy delta-band (band 0.05), version 3b1b1ca1e8a6, in force since 2026-01-05T00:00:00Z, set without a second person, by operator',
      'Checks  FAILED – restricted list: on it, limit not on it, before the order',
      '        passed: 7 of 7 at the decision, 22 of 23 before the order',
    ]);
  });

  it('is a page of headings, an answer and tables, whatever names are written into it', () => {
    const material = materialOf();
    const { decisionId } = required(material.all('HedgeDecided')[0], 'a hedge').payload;
    const story = tellDecision(material, decisionId);
    const hostile = '<script>alert(1)</script>';
    const named = {
      ...story,
      decision: { ...story.decision, payload: { ...story.decision.payload, book: hostile } },
    };
    const page = storyPage(named, { underlyings: new Map(), decisions: [] });
    expect(page).not.toMatch(/<script|https?:\/\/|NaN|undefined/);
    for (const part of ['<dl class="answer">', '<h2>Checks</h2>', '<h2>Orders and fills</h2>', '<details>'])
      expect(page).toContain(part);
  });
});
