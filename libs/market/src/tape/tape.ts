import type { DeliveryPrice, FundingRate, Mark } from '@evenkeel/facts';
import { parseInstrument } from '@evenkeel/instruments';
import { formatInstant, InvalidInputError, parseInstant } from '@evenkeel/kernel';
import type { InputProblem, Instant } from '@evenkeel/kernel';
import type { PlainManifest, TapeManifest } from '../files/tape-manifest';
import { withoutForeignFiles } from '../import/direct-sources';
import { rawPrice } from './raw-instant';
import type { RawInstant, RawPrice, SourceDescription } from './raw-instant';
import { createFindings } from '../judgement/findings';
import { createLevels } from '../judgement/levels';
import { readSource } from './readers';
import type { Reading, Sink } from './sink';
import { describeSource } from './source-description';
import { createTimes } from './times';

/** Which expiry a delivery price settles: `BTC@deribit/2026-01-09T08:00:00Z`. */
export function deliveryKey({
  underlying,
  venue,
  expiry,
}: Pick<DeliveryPrice, 'underlying' | 'venue' | 'expiry'>): string {
  return `${underlying}@${venue}/${expiry}`;
}

/** When an instrument was first and last priced. */
export interface PricedSpan {
  readonly first: Instant;
  readonly last: Instant;
  readonly count: number;
}

/** A recorded or generated market in event-time order. */
export interface Tape {
  readonly name: string;
  readonly from: Instant;
  readonly to: Instant;
  /** Number of instants. */
  readonly length: number;
  readonly sources: readonly SourceDescription[];
  /** Every instrument with at least one price. */
  readonly priced: ReadonlyMap<string, PricedSpan>;
  readonly deliveries: readonly DeliveryPrice[];
  /** Every instrument with at least one funding. */
  readonly funded: ReadonlySet<string>;
  /** What a person should know of its files before a run: what is missing, odd, left out or converted. */
  readonly remarks: readonly string[];
  /** From the start; call again for a second pass. */
  instants(): IterableIterator<RawInstant>;
}

interface InstantBuilder {
  readonly at: Instant;
  readonly prices: RawPrice[];
  readonly quotes: Mark[];
  readonly fundings: FundingRate[];
  readonly deliveries: DeliveryPrice[];
}

/**
 * Merges what a manifest names into instants of event time, restricted to [from, to]. `texts` holds the decompressed
 * text of each file by its name in the manifest. A bar is known at its close, a quote at its timestamp, a funding at its
 * date, a delivery price at its expiry; delivery prices of underlyings that the tape does not price are left out. Files of
 * others are read as `TapeImport` reads them. Throws `InvalidInputError` with `file:line` for rows that cannot be read, all
 * files together.
 */
export function createTape(written: TapeManifest, given: ReadonlyMap<string, string>): Tape {
  const { manifest, texts, originOf } = withoutForeignFiles(written, given);
  const from = parseInstant(manifest.from);
  const to = parseInstant(manifest.to);
  const sources = manifest.sources.flatMap((source) => describeSource(source) ?? []);
  const underlyings = new Set(sources.map((source) => source.underlying));
  const builders = new Map<Instant, InstantBuilder>();
  let newest: InstantBuilder | undefined;
  const at = (time: Instant): InstantBuilder | undefined => {
    if (newest?.at === time) return newest;
    if (time < from || time > to) return undefined;
    let builder = builders.get(time);
    if (builder === undefined) {
      builder = { at: time, prices: [], quotes: [], fundings: [], deliveries: [] };
      builders.set(time, builder);
    }
    newest = builder;
    return builder;
  };
  const sink: Sink = {
    price: (told) => at(told.at)?.prices.push(rawPrice(told)),
    quote: (time, quote) => at(time)?.quotes.push(quote),
    funding: (time, funding) => at(time)?.fundings.push(funding),
    delivery: (time, delivery) => underlyings.has(delivery.underlying) && at(time)?.deliveries.push(delivery),
  };
  const findings = createFindings();
  const reading = { sink, times: createTimes(), findings, levels: createLevels(findings), from, to };
  const problems = readAll(manifest, texts, reading);
  if (problems.length > 0)
    throw new InvalidInputError(
      `tape ${manifest.tape}`,
      problems.map(({ path, message }) => ({ path: originOf(path), message })),
    );
  const instants = [...builders.values()].sort((a, b) => (a.at < b.at ? -1 : 1)).map(finish);
  const tape = tapeOf({ name: manifest.tape, from, to, sources, instants });
  for (const message of undelivered(tape))
    findings.remark(`tape ${manifest.tape}`, undefined, 'undelivered', message);
  return { ...tape, remarks: findings.remarks() };
}

function readAll(
  manifest: PlainManifest,
  texts: ReadonlyMap<string, string>,
  reading: Reading,
): InputProblem[] {
  const { findings, levels, from, to } = reading;
  const problems = manifest.sources.flatMap((source, index) => {
    const text = texts.get(source.file);
    if (text === undefined)
      return [{ path: `sources[${index}].file`, message: `${source.file} was not given` }];
    try {
      readSource(source, text, reading);
      return [];
    } catch (error) {
      if (error instanceof InvalidInputError) return error.problems;
      throw error;
    }
  });
  levels.compare(from, to);
  problems.push(...findings.problems);
  return inOrder(problems, manifest);
}

/** By file as the manifest names them, and by line. */
function inOrder(problems: readonly InputProblem[], { sources }: PlainManifest): InputProblem[] {
  const place = ({ path }: InputProblem): readonly [number, number] => {
    const [, file = path, line = '0'] = /^(.*):(\d+)$/.exec(path) ?? [];
    return [sources.findIndex((source) => source.file === file), Number(line)];
  };
  return [...problems].sort((one, other) => {
    const [file, line] = place(one);
    const [otherFile, otherLine] = place(other);
    return file - otherFile || line - otherLine;
  });
}

/** Expiries within the tape of options that it quotes and does not settle. */
function undelivered({ from, to, priced, deliveries }: Tape): readonly string[] {
  const settled = new Set(deliveries.map(deliveryKey));
  const open = new Set<string>();
  for (const id of priced.keys()) {
    const parsed = parseInstrument(id);
    if (!parsed.ok || parsed.value.kind !== 'option') continue;
    const { underlying, venue, expiry } = parsed.value;
    if (expiry === undefined || expiry < from || expiry > to) continue;
    const key = deliveryKey({ underlying, venue, expiry: formatInstant(expiry) });
    if (!settled.has(key)) open.add(key);
  }
  return [...open].map((key) => `quotes options of ${key}, and has no delivery price for them`);
}

function finish(builder: InstantBuilder): RawInstant {
  return { ...builder, eventTime: formatInstant(builder.at) };
}

export interface TapeParts {
  readonly name: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly sources: readonly SourceDescription[];
  /** Strictly increasing in time. */
  readonly instants: readonly RawInstant[];
}

/** A tape of instants that are already in order. */
export function tapeOf(parts: TapeParts): Tape {
  const { instants, ...rest } = parts;
  const priced = new Map<string, { first: Instant; last: Instant; count: number }>();
  const deliveries: DeliveryPrice[] = [];
  const funded = new Set<string>();
  for (const instant of instants) {
    for (const { instrument } of instant.prices) note(priced, instrument, instant.at);
    for (const { instrument } of instant.quotes) note(priced, instrument, instant.at);
    deliveries.push(...instant.deliveries);
    for (const { instrument } of instant.fundings) funded.add(instrument);
  }
  return {
    ...rest,
    length: instants.length,
    priced,
    deliveries,
    funded,
    remarks: [],
    instants: () => instants[Symbol.iterator](),
  };
}

function note(
  priced: Map<string, { first: Instant; last: Instant; count: number }>,
  instrument: string,
  at: Instant,
): void {
  const span = priced.get(instrument);
  if (span === undefined) priced.set(instrument, { first: at, last: at, count: 1 });
  else {
    span.last = at;
    span.count += 1;
  }
}
