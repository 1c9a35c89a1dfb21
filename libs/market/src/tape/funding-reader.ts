import { Decimal, parseDuration } from '@evenkeel/kernel';
import { createFundingJudge } from '../judgement/funding-judge';
import { createSequence } from '../judgement/repeats';
import { decimalCell, readTable } from './csv-table';
import type { RowReader } from './csv-table';
import { remarkDialect } from './dialect-remark';
import type { Reading } from './sink';
import { sourceName } from './source-description';
import type { SourceOf } from './source-description';
import { timeProblem } from './times';

export function readFunding(source: SourceOf<'funding'>, text: string, reading: Reading): void {
  const { sink, times, findings, from, to } = reading;
  const { file, instrument, timeUnit, rateUnit } = source;
  const name = sourceName(source);
  const interval = parseDuration(source.interval);
  const rules = { file, interval, row: 'funding', from, to, delay: 0n, variable: true };
  const judge = createFundingJudge({ ...rules, stated: rateUnit !== undefined }, findings);
  const novelty = createSequence(file, findings);
  const read: RowReader = ([date = '', cell = ''], line) => {
    const at = times.read(date, timeUnit);
    if (at === undefined) return timeProblem(date, timeUnit);
    const written = decimalCell(cell);
    if (written === undefined) return `funding_rate "${cell}" is not a number`;
    const told = novelty(at, date, written, line);
    if (told === 'same') return undefined;
    if (told !== 'new') return told.problem;
    const rate = rateUnit === 'percent' ? Decimal.parse(`${written}e-2`).toString() : written;
    const problem = judge.rate(line, at, Number(rate));
    if (problem !== undefined) return problem;
    sink.funding(at, { instrument, rate, at: times.write(at), source: name });
    return undefined;
  };
  try {
    remarkDialect(source, readTable(file, text, ['date', 'funding_rate'], read), findings);
  } finally {
    judge.end(); // what several rows show is told beside what is wrong with one
  }
}
