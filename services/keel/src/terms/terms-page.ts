import { DELIVERY_RULES, VENUE_TABLES } from '@evenkeel/instruments';
import type { FigureName, Product, VenueTable } from '@evenkeel/instruments';

const HEAD = `# Contract terms

What we know of the contracts of each venue: the tables in \`libs/instruments/src/terms\`, as \`keel venues terms --markdown\` prints
them. A contract is looked up by venue, kind, underlying and the currency it is paid in (and by series, where a venue has several such);
one whose row or figure is missing is refused with what to write in an [instruments file](files.md), and nothing is taken from a
neighbour. The small numbers name the source of each figure; a range of steps says from which price on the tick is coarser. Fees are those
of the entry level and part of no listing that is the same for everybody: give your own in the instruments file.

Options on indexes are written as the Options Clearing Corporation does, without blanks: \`SPXW210106C03700000@cboe\` is the call of 3,700
that ends on 6 January 2021 at the close of New York; \`ESH21@cme\` is a future to hedge it with. Both end at New York's clock, with its
daylight saving, holidays and early closes. Their chains are read from tapes (\`"currency": "SPX", "venue": "cboe"\`); nothing connects to
their exchanges.

\`keel venues listings <feed>\` compares a venue's own listing with these tables, live or from a file. In a live run the venue's listing
wins: see [venues](venues.md#terms-in-a-live-run).
`;

/** The page of all terms, in Markdown. */
export function termsPage(): string {
  return `${[HEAD, ...VENUE_TABLES.map(section), delivery()].join('\n').trimEnd()}\n`;
}

/** The terms of one venue, for a terminal. */
export function renderTerms(table: VenueTable): string {
  const lines = table.products.map((product) => {
    const {
      contractSize = '?',
      tickSize = '?',
      lotSize = '?',
      minQuantity = '?',
      tickSteps = [],
    } = product.figures;
    const steps = tickSteps.map((step) => `, ${step.tick} above ${step.above}`).join('');
    const sources = [...new Set(Object.values(product.sources))].map((key) => table.sources[key]?.date ?? '');
    return `  ${nameOf(product).padEnd(24)} ${product.settlement.padEnd(5)} size ${contractSize.padEnd(7)} tick ${tickSize}${steps}; lot ${lotSize}, least ${minQuantity}; as of ${sources.join(', ')}`;
  });
  return `${[`${table.venue}, ${table.version}`, ...lines].join('\n')}\n`;
}

function section(table: VenueTable): string {
  const numbers = new Map(Object.keys(table.sources).map((key, index) => [key, index + 1]));
  const cite = (source: string | undefined): string =>
    source === undefined ? '' : ` <sup>${numbers.get(source) ?? ''}</sup>`;
  const rows = table.products.map((product) => {
    const { figures, sources } = product;
    const cell = (name: FigureName): string => {
      const value = figures[name];
      return value === undefined || typeof value !== 'string' ? '' : `${value}${cite(sources[name])}`;
    };
    const steps = (figures.tickSteps ?? []).map(({ above, tick }) => `${tick} above ${above}`);
    const stepped = steps.length === 0 ? '' : `; ${steps.join(', ')}${cite(sources.tickSteps)}`;
    return `| ${nameOf(product)} | ${product.settlement} | ${cell('contractSize')} | ${cell('tickSize')}${stepped} | ${cell('lotSize')} | ${cell('minQuantity')} |`;
  });
  const fees = Object.entries(table.fees).map(
    ([kind, { makerFee, takerFee, source }]) => `${kind} maker ${makerFee}, taker ${takerFee}${cite(source)}`,
  );
  const endings = Object.entries(table.endings).map(
    ([of, { at, exercise, settles, source }]) =>
      `${of} at ${at}${exercise === 'none' ? '' : `, ${exercise}`}, ${settles}${cite(source)}`,
  );
  return [
    `## ${table.venue}`,
    '',
    `As of ${table.version}.`,
    '',
    '| contract | paid in | contract size | tick | lot | least |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
    ...(fees.length === 0
      ? ['Fees: none here; they are the desk’s to give.', '']
      : [`Fees: ${fees.join('; ')}.`, '']),
    ...(endings.length === 0 ? [] : [`Ends: ${endings.join('; ')}.`, '']),
    ...Object.values(table.sources).map(({ says, date }, index) => `${index + 1}. ${says} (${date})`),
    '',
  ].join('\n');
}

function nameOf({ kind, underlying, series }: Product): string {
  return `${underlying} ${kind}${series === undefined ? '' : ` (${series})`}`;
}

function delivery(): string {
  const rows = DELIVERY_RULES.map(
    ({ venue, kind, deliveryFee = 'none', deliveryFeeCap = '', source }) =>
      `| ${venue} | ${kind} | ${deliveryFee} | ${deliveryFeeCap} | ${source} |`,
  );
  return [
    '## Fees at delivery',
    '',
    'Several rows of one kind are of different expiries: daily, weekly and the others.',
    '',
    '| venue | kind | fee | at most, of what the option pays | source |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
