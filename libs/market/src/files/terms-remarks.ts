import { specificationOf } from '@evenkeel/instruments';
import { apart, timesOf } from '../judgement/looks-like';
import type { InstrumentsFile } from './instruments-file';

/** Terms of a file that are so many times the built-in ones are told: fees and sizes of one contract do not differ so much. */
const FACTOR = 4;

/** What a file of contract terms changes so much that a slip of the pen may be behind it. */
export function termsRemarks(file: InstrumentsFile, source: string): readonly string[] {
  return file.instruments.flatMap(({ instrument, ...written }) => {
    const builtIn = specificationOf(instrument);
    if (!builtIn.ok) return [];
    const [maker, taker] = [Number(written.makerFee ?? NaN), Number(written.takerFee ?? NaN)];
    const dearer =
      maker > taker ? [`${source}: makerFee ${maker} of ${instrument} is above its takerFee, ${taker}`] : [];
    const known: Readonly<Record<string, unknown>> = { ...builtIn.value };
    const far = Object.entries(written).flatMap(([field, text]) => {
      const [given, usual] = [Number(text), Number(known[field])];
      if (text === undefined || !Number.isFinite(usual) || given === usual) return [];
      const sameSign = given > 0 && usual > 0;
      if (sameSign && !apart(given, usual, FACTOR)) return [];
      const how = sameSign ? `${timesOf(given, usual)} the built-in` : 'not the built-in';
      return [`${source}: ${field} ${text} of ${instrument} is ${how} ${String(known[field])}`];
    });
    return [...dearer, ...far];
  });
}
