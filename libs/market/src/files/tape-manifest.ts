import { parseInstrument, priceSourceProblem } from '@evenkeel/instruments';
import { InvalidInputError, parseInstant } from '@evenkeel/kernel';
import type { InputProblem } from '@evenkeel/kernel';
import { z } from 'zod';
import { TIME_UNITS } from '../tape/times';
import { currencyText, durationText, instantText, instrumentText, nameText } from './fields';
import { FORMAT_NAMES } from '../import/format-names';
import { parseWith } from './problems';

const file = z.string().min(1, 'is empty').describe('Relative to the manifest; may end in .gz.');
const venue = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]*$/, { error: (issue) => `"${String(issue.input)}" is not a venue name` });

const timeUnit = z
  .enum(TIME_UNITS)
  .optional()
  .describe('What times count since 1970; ISO 8601 where absent.');

/** Bars are prices of the underlying. */
function barsProblem(id: string): string | undefined {
  const parsed = parseInstrument(id);
  return parsed.ok ? priceSourceProblem(id, parsed.value.kind, parsed.value.quote) : undefined;
}

const plainSources = [
  z.strictObject({
    file,
    format: z.literal('ohlcv'),
    instrument: instrumentText.refine((id) => barsProblem(id) === undefined, {
      error: (issue) => barsProblem(String(issue.input)) ?? 'is no source of prices',
    }),
    interval: durationText,
    timeUnit,
    volumes: z
      .boolean()
      .optional()
      .describe('false where the volume column means nothing (mark-price bars).'),
  }),
  z.strictObject({
    file,
    format: z.literal('deribit-chain'),
    currency: currencyText,
    venue: venue.optional(),
    timeUnit,
    volatilityUnit: z
      .enum(['fraction', 'percent'])
      .optional()
      .describe('fraction where absent: 0.45 is 45 %.'),
    priceUnit: z
      .enum(['coin', 'dollar'])
      .optional()
      .describe('Of options that settle in coin: coin where absent; dollars are divided by underlying.'),
  }),
  z.strictObject({
    file,
    format: z.literal('funding'),
    instrument: instrumentText,
    interval: durationText,
    timeUnit,
    rateUnit: z
      .enum(['fraction', 'percent'])
      .optional()
      .describe('fraction where absent: 0.0001 is 0.01 % of the notional.'),
  }),
  z.strictObject({ file, format: z.literal('delivery'), venue: venue.optional(), timeUnit }),
] as const;

/** A file as its publisher made it (docs/import.md): what comes of it is known once it is read. */
const foreignSource = z.strictObject({
  file,
  format: z.enum(FORMAT_NAMES),
  instrument: instrumentText.optional().describe('What the file is of, where it does not say so.'),
  bar: durationText.optional().describe('Length of its bars, where the file does not say it.'),
  root: z.string().optional().describe('Root of its options, where the file does not say it: SPXW.'),
});

const source = z.discriminatedUnion('format', [...plainSources, foreignSource], {
  error: `must be one of ohlcv, deribit-chain, funding, delivery, ${FORMAT_NAMES.join(', ')}`,
});

const importSettings = z.strictObject({
  every: durationText.optional().describe('Length of the bars made of trades and quotes; 1m unless told.'),
  chainEvery: durationText.optional().describe('Time between snapshots of options; 1h unless told.'),
  index: z.string().optional().describe('Where chains that lack it have the price of the underlying from.'),
  decimal: z.enum(['point', 'comma']).optional(),
  volumes: z.boolean().optional(),
});

const manifestSchema = z.strictObject({
  tape: nameText,
  from: instantText,
  to: instantText,
  import: importSettings.optional().describe('How files of others are read.'),
  sources: z.array(source).min(1, 'names no source'),
});

/** A tape manifest (ARCHITECTURE §8), checked. */
export type TapeManifest = z.infer<typeof manifestSchema>;
/** A file in the documented format of tapes. */
export type TapeSource = z.infer<(typeof plainSources)[number]>;
export type ForeignSource = z.infer<typeof foreignSource>;
export type PlainManifest = Omit<TapeManifest, 'sources' | 'import'> & {
  readonly sources: readonly TapeSource[];
};

const FOREIGN: ReadonlySet<string> = new Set(FORMAT_NAMES);

export function isForeign(source: TapeSource | ForeignSource): source is ForeignSource {
  return FOREIGN.has(source.format);
}

/** Reads a tape manifest. Throws `InvalidInputError` with every problem and its path. */
export function parseTapeManifest(input: unknown, source: string): TapeManifest {
  const manifest = parseWith(manifestSchema, input, source);
  if (parseInstant(manifest.from) >= parseInstant(manifest.to)) {
    throw new InvalidInputError(source, [
      { path: 'to', message: `${manifest.to} is not after from, ${manifest.from}` },
    ]);
  }
  const problems = repeatedSources(manifest);
  if (problems.length > 0) throw new InvalidInputError(source, problems);
  return manifest;
}

/** The same prices from two files would count twice in a composite. */
function repeatedSources(manifest: TapeManifest): InputProblem[] {
  const first = new Map<string, number>();
  return manifest.sources.flatMap((source, index) => {
    if (isForeign(source)) return [];
    const of = 'instrument' in source ? source.instrument : 'currency' in source ? source.currency : '';
    const key = `${source.format}/${of}/${'venue' in source ? (source.venue ?? 'deribit') : ''}`;
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, index);
      return [];
    }
    return [{ path: `sources[${index}]`, message: `gives the same ${source.format} as sources[${earlier}]` }];
  });
}

export function tapeJsonSchema(): object {
  return z.toJSONSchema(manifestSchema, { io: 'input' });
}
