import { parseInstrument, priceSourceProblem } from '@evenkeel/instruments';
import { InvalidInputError, parseInstant } from '@evenkeel/kernel';
import type { InputProblem } from '@evenkeel/kernel';
import { z } from 'zod';
import { TIME_UNITS } from '../tape/times';
import { currencyText, durationText, instantText, instrumentText, nameText } from './fields';
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

const source = z.discriminatedUnion(
  'format',
  [
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
  ],
  { error: 'must be one of ohlcv, deribit-chain, funding, delivery' },
);

const manifestSchema = z.strictObject({
  tape: nameText,
  from: instantText,
  to: instantText,
  sources: z.array(source).min(1, 'names no source'),
});

/** A tape manifest (ARCHITECTURE §8), checked. */
export type TapeManifest = z.infer<typeof manifestSchema>;
export type TapeSource = TapeManifest['sources'][number];

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
