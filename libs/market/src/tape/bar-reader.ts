import { parseInstrument } from '@evenkeel/instruments';
import { parseDuration } from '@evenkeel/kernel';
import type { TapeSource } from '../files/tape-manifest';
import { createBarJudge } from '../judgement/bar-judge';
import { createSequence } from '../judgement/repeats';
import { decimalCell, readTable } from './csv-table';
import type { RowReader } from './csv-table';
import { remarkDialect } from './dialect-remark';
import type { Reading } from './sink';
import { sourceName } from './source-description';
import type { SourceOf } from './source-description';
import { timeProblem } from './times';

const COLUMNS = ['date', 'open', 'high', 'low', 'close', 'volume'] as const;

/** `date` is the opening of a bar; it is known at its close. */
export function readBars(source: SourceOf<'ohlcv'>, text: string, reading: Reading): void {
  const { sink, times, findings, levels, from, to } = reading;
  const { file, instrument, timeUnit } = source;
  const interval = parseDuration(source.interval);
  const name = sourceName(source);
  const judge = createBarJudge({ file, interval, row: 'bar', from, to, delay: interval }, findings);
  const novelty = createSequence(file, findings);
  const level = levels.of(file, underlyingOf(source), interval);
  const read: RowReader = (cells, line) => {
    const [date = '', ...numbers] = cells;
    const opened = times.read(date, timeUnit);
    if (opened === undefined) return timeProblem(date, timeUnit);
    for (const [index, cell] of numbers.entries())
      if (decimalCell(cell) === undefined) return `${COLUMNS[index + 1] ?? ''} "${cell}" is not a number`;
    const told = novelty(opened, date, numbers.join(), line);
    if (told === 'same') return undefined;
    if (told !== 'new') return told.problem;
    const [open = '', high = '', low = '', close = '', volume = ''] = numbers;
    const problem = judge.bar(line, opened, {
      open: Number(open),
      high: Number(high),
      low: Number(low),
      close: Number(close),
      volume: Number(volume),
    });
    if (problem !== undefined) return problem;
    const at = opened + interval;
    level.add(at, Number(close), line);
    const hasVolume = Number(volume) > 0;
    sink.price({
      source: name,
      instrument,
      price: decimalCell(close) ?? close,
      traded: source.volumes === false || hasVolume,
      volume: hasVolume ? (decimalCell(volume) ?? volume) : undefined,
      at,
      eventTime: times.write(at),
    });
    return undefined;
  };
  try {
    remarkDialect(source, readTable(file, text, COLUMNS, read), findings);
  } finally {
    judge.end(); // what several rows show is told beside what is wrong with one
  }
}

function underlyingOf({ instrument }: TapeSource & { readonly instrument: string }): string {
  const parsed = parseInstrument(instrument);
  return parsed.ok ? parsed.value.underlying : instrument;
}
