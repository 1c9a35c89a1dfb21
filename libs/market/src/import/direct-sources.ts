import { InvalidInputError, parseDuration } from '@evenkeel/kernel';
import { isForeign, parseTapeManifest } from '../files/tape-manifest';
import type { PlainManifest, TapeManifest, TapeSource } from '../files/tape-manifest';
import { importTexts } from './imported-texts';

const EVERY = '1m';
const CHAIN_EVERY = '1h';

export interface PlainFiles {
  readonly manifest: PlainManifest;
  readonly texts: ReadonlyMap<string, string>;
  /** `file:line` as the person who wrote the manifest knows it. */
  originOf(path: string): string;
}

/** A tape without files of others: what they say, as an import would have written it. Throws `InvalidInputError`. */
export function withoutForeignFiles(manifest: TapeManifest, texts: ReadonlyMap<string, string>): PlainFiles {
  const foreign = manifest.sources.filter(isForeign);
  const plain = manifest.sources.filter((source): source is TapeSource => !isForeign(source));
  const { import: settings = {}, ...rest } = manifest;
  if (foreign.length === 0) return { manifest: { ...rest, sources: plain }, texts, originOf: (path) => path };
  const problems = manifest.sources.flatMap(({ file }, index) =>
    texts.has(file) ? [] : [{ path: `sources[${index}].file`, message: `${file} was not given` }],
  );
  if (problems.length > 0) throw new InvalidInputError(`tape ${manifest.tape}`, problems);
  const files = foreign.map(({ file, format, instrument, bar, root }) => {
    const said = {
      format,
      ...(instrument === undefined ? {} : { instrument }),
      ...(root === undefined ? {} : { root }),
      ...(bar === undefined ? {} : { bar: parseDuration(bar) }),
    };
    return { name: file, text: texts.get(file) ?? '', said };
  });
  const imported = importTexts(files, {
    tape: manifest.tape,
    every: parseDuration(settings.every ?? EVERY),
    chainEvery: parseDuration(settings.chainEvery ?? CHAIN_EVERY),
    decimalComma: settings.decimal === 'comma',
    volumes: settings.volumes ?? true,
    ...(settings.index === undefined ? {} : { index: settings.index }),
  });
  const sources = [...plain, ...imported.manifest.sources];
  // The same prices may stand in a file of each kind: that is said as between any two sources.
  const whole = parseTapeManifest({ ...rest, sources }, `tape ${manifest.tape}`);
  return {
    manifest: {
      ...rest,
      sources: whole.sources.filter((source): source is TapeSource => !isForeign(source)),
    },
    texts: new Map([...texts, ...imported.texts]),
    originOf: (path) => imported.originOf(path),
  };
}
