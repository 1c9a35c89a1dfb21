import { escapeText as text, timeChart } from '@evenkeel/charts';
import type { TimeChart } from '@evenkeel/charts';
import { moneyText, percentText } from '@evenkeel/figures';
import { parseInstant } from '@evenkeel/kernel';
import type { DecisionContext } from './evidence-ports';
import type { CommitReference, Reconstruction } from './reconstruction';
import { answerOf } from './answer';
import { isRemarkable } from './check-words';
import type { ToldCheck } from './check-words';
import { fullStoryLines } from './full-story-text';
import { checkStages } from './reconstruction-text';
import type { CheckStage } from './reconstruction-text';
import { numeraireOf } from './story-money';

const STYLE = `
:root{color-scheme:light dark;--ink:#1b2430;--soft:#5b6776;--rule:#d9dfe6;--ground:#fff;--band:#2a78c822;--edge:#2a78c8;--line:#0f5fae;--second:#8a94a0;--now:#c2410c}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa6b4;--rule:#2c3642;--ground:#12171d;--band:#5aa2ec2b;--edge:#5aa2ec;--line:#7ab8f5;--second:#76828f;--now:#fb923c}}
body{margin:0 auto;max-width:60rem;padding:2rem 1.25rem 4rem;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--ground)}
h1{font-size:1.5rem;margin:0 0 .25rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}
p.lead{font-size:1.1rem;margin:.25rem 0 1rem}p.note,figcaption{color:var(--soft);font-size:.875rem}
figure{margin:1rem 0}svg{width:100%;height:auto;display:block}
.key{display:inline-block;width:.9em;height:.9em;vertical-align:-.1em;margin:0 .35em 0 1em;border-radius:2px}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.875rem;width:100%}th,td{text-align:left;padding:.3rem .75rem .3rem 0;border-bottom:1px solid var(--rule);vertical-align:top}
td.n{text-align:right;font-variant-numeric:tabular-nums}code,pre{font:12.5px/1.55 ui-monospace,monospace}pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:0}
code{overflow-wrap:anywhere}.chosen td{font-weight:600}.answer{display:grid;grid-template-columns:5rem 1fr;gap:.4rem 1rem;padding:1rem 1.25rem;margin:1rem 0;border:1px solid var(--rule);border-left:.4rem solid var(--line);border-radius:.4rem}.answer dt{font-weight:600;color:var(--soft)}.answer dd{margin:0}.answer p{margin:0 0 .2rem;overflow-wrap:anywhere}details{margin:.75rem 0}summary{cursor:pointer}@media print{body{max-width:none;padding:0}details{break-inside:avoid}}.problem{color:#b91c1c;font-weight:600}
`;

/** Of the style sheet, light or dark as the reader has it. */
const COLOURS = {
  soft: 'var(--soft)',
  rule: 'var(--rule)',
  ground: 'var(--ground)',
  band: 'var(--band)',
  edge: 'var(--edge)',
  now: 'var(--now)',
};

/** One self-contained page about a decision: charts around it, and the whole story. Needs nothing but a browser. */
export function storyPage(story: Reconstruction, around: DecisionContext): string {
  const { payload } = story.decision;
  const title = `Decision ${payload.decisionId.slice(0, 8)}`;
  const body = [
    `<h1>${text(title)}</h1>`,
    answerBox(story),
    `<p class="note">Book ${text(payload.book)}, ${text(payload.at)}, sequence ${story.decision.commit.seq} of epoch ${text(story.epoch)}, sha256 <code>${text(story.decision.commit.hash)}</code></p>`,
    ...story.problems.map((problem) => `<p class="problem">${text(problem)}</p>`),
    ...charts(story, around),
    '<h2>Candidates</h2>',
    candidates(story),
    '<h2>Checks</h2>',
    ...checks(story),
    '<h2>Orders and fills</h2>',
    orders(story),
    `<details><summary>Everything: prices, positions, exposures, rule, choice</summary><pre>${text(fullStoryLines(story).join('\n'))}</pre></details>`,
    `<details><summary>Evidence: ${story.commits.length} commits with their hashes</summary>${commits(story.commits)}</details>`,
    '<p class="note">Charts are drawn from the read models; the story and its numbers are read from the published bytes, whose hashes stand above. <code>keel audit export</code> gives a stranger the same with proofs.</p>',
  ];
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>${text(title)}</title><style>${STYLE}</style></head><body>${body.join('\n')}</body></html>\n`;
}

function answerBox(story: Reconstruction): string {
  const { what, why, effect, cost, who } = answerOf(story);
  const part = (name: string, sentences: readonly string[]): string =>
    `<dt>${name}</dt><dd>${sentences.map((sentence) => `<p>${text(sentence)}</p>`).join('')}</dd>`;
  return `<dl class="answer">${part('What', what)}${part('Why', why)}${part('Effect', effect)}${part('Cost', cost)}${part('Who', who)}</dl>`;
}

/** What failed or was near its limit; the passed ones as a count, to be unfolded. */
function checks(story: Reconstruction): readonly string[] {
  return checkStages(story).flatMap((stage: CheckStage) => {
    const shown = stage.checks.filter(isRemarkable);
    const passed = stage.checks.filter((check) => !isRemarkable(check));
    return [
      ...(shown.length === 0 ? [] : [checkTable(shown)]),
      `<details><summary>${passed.length} of ${stage.checks.length} passed ${text(stage.name)}</summary>${checkTable(passed)}</details>`,
    ];
  });
}

function checkTable(checks: readonly ToldCheck[]): string {
  const rows = checks.map(
    ({ name, observed, limit, result, use }) =>
      `<tr><td>${text(name)}</td><td>${text(observed)}</td><td>${text(limit)}</td><td class="n">${use === undefined ? '' : text(percentText(use))}</td><td${result === 'failed' ? ' class="problem"' : ''}>${text(result)}</td></tr>`,
  );
  return table(['check', 'observed', 'limit', 'used', 'result'], rows);
}

function orders({ orders: all }: Reconstruction): string {
  if (all.length === 0) return '<p>No order came of it.</p>';
  const rows = all.flatMap(({ intended, refused, closed, fills }) => {
    const terms = intended?.payload ?? refused?.payload;
    const end = refused?.payload.reasons.join(', ') ?? closed?.payload.reason ?? '';
    const order = `<tr><td>${text(terms?.at ?? '')}</td><td>${text(`${terms?.side ?? ''} ${terms?.quantity ?? ''} ${terms?.instrument ?? ''}`)}</td><td class="n">${text(intended?.payload.limitPrice ?? '')}</td><td></td><td>${text(refused === undefined ? `order ${end}` : `refused: ${end}`)}</td></tr>`;
    const filled = fills.map(
      ({ filled: { payload, commit } }) =>
        `<tr><td>${text(payload.at)}</td><td>${text(`${payload.quantity} ${payload.instrument}`)}</td><td class="n">${text(payload.price)}</td><td class="n">${text(moneyText(payload.fee.amount, payload.fee.currency))}</td><td>fill (${text(payload.liquidity)}), sequence ${commit.seq}</td></tr>`,
    );
    return [order, ...filled];
  });
  return table(['event time', 'what', 'price', 'fee', ''], rows);
}

function charts(story: Reconstruction, around: DecisionContext): string[] {
  const { at } = story.decision.payload;
  const now = Number(parseInstant(at) / 1_000_000n);
  const marks = around.decisions.map((one) => ({
    at: one.at,
    filled: one.outcome === 'HEDGED',
  }));
  return [...around.underlyings].flatMap(([underlying, points], index) => {
    const first = points[0]?.at ?? now;
    const band = around.decisions.flatMap(
      ({ at: from, assessments }): (readonly [number, number, number])[] =>
        assessments
          .filter((one) => one.underlying === underlying)
          .map((one) => [Math.max(from, first), one.bandLower, one.bandUpper] as const),
    );
    const lineOf = (name: string, colour: string, of: (point: (typeof points)[number]) => number) => ({
      name,
      colour,
      points: points.map((point) => [point.at, of(point)] as const),
    });
    const seen = marks.filter((mark) => mark.at >= first);
    const exposure: TimeChart = {
      title: `delta of ${underlying} against its band`,
      unit: underlying,
      lines: [lineOf('delta', 'var(--line)', (point) => point.delta)],
      band,
      marks: seen,
      now,
      colours: COLOURS,
    };
    const figures = [
      figure(
        exposure,
        `Delta in ${text(underlying)} (line) against the band of each decision (shaded, until the next). Dots: decisions, filled where something was traded. Dashed: this decision.`,
      ),
    ];
    if (index > 0) return figures;
    const pnl: TimeChart = {
      title: 'P&L hedged and unhedged',
      unit: numeraireOf(story),
      lines: [
        lineOf('hedged', 'var(--line)', (point) => point.hedged),
        lineOf('unhedged', 'var(--second)', (point) => point.unhedged),
      ],
      band: [],
      marks: seen,
      now,
      colours: COLOURS,
    };
    const caption = `P&amp;L since the book was opened, ${text(numeraireOf(story))}:<span class="key" style="background:var(--line)"></span>hedged<span class="key" style="background:var(--second)"></span>unhedged`;
    return [...figures, figure(pnl, caption)];
  });
}

function figure(chart: TimeChart, caption: string): string {
  return `<figure>${timeChart(chart)}<figcaption>${caption}</figcaption></figure>`;
}

function candidates(story: Reconstruction): string {
  const rows = story.decision.payload.candidates.map(
    ({ name, chosen, rejected, expectedCost, residualRisk, score }) =>
      `<tr class="${chosen ? 'chosen' : ''}"><td>${text(name)}</td>${[
        expectedCost.fee,
        expectedCost.spread,
        expectedCost.impact,
        expectedCost.funding,
        expectedCost.total,
        residualRisk,
        score,
      ]
        .map((value) => `<td class="n">${value.toFixed(2)}</td>`)
        .join('')}<td>${chosen ? 'chosen' : text(rejected === '' ? 'passed over' : rejected)}</td></tr>`,
  );
  const heads = ['', 'fee', 'spread', 'impact', 'funding', 'cost', 'risk left', 'score', ''];
  return `${table(heads, rows)}<p class="note">All in ${text(numeraireOf(story))}. Risk left is one standard deviation of P&amp;L to the policy’s horizon, score is cost and weighted risk; lower is better.</p>`;
}

function commits(references: readonly CommitReference[]): string {
  const rows = references.map(
    ({ seq, eventTime, types, actor, hash, hashHolds }) =>
      `<tr><td class="n">${seq}</td><td>${text(eventTime)}</td><td>${text(types.join(', '))}</td><td>${text(actor)}</td><td><code>${text(hash)}</code>${hashHolds ? '' : ' <span class="problem">bytes changed</span>'}</td></tr>`,
  );
  return table(['sequence', 'event time', 'what', 'by', 'sha256 of the published bytes'], rows);
}

function table(heads: readonly string[], rows: readonly string[]): string {
  return `<div class="scroll"><table><thead><tr>${heads.map((head) => `<th>${head}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}
