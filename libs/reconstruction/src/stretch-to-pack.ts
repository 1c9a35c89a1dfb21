import { InvalidInputError, formatInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { epochToRead, epochsToRead, newestOf } from './epoch-to-read';
import type { EpochToRead } from './epoch-to-read';
import type { EpochHistory } from './evidence-ports';
import { beyondText, periodOf, periodText, periodToRead } from './period-to-read';

export interface StretchQuestion {
  /** A number, `all`, or absent for the newest. */
  readonly epoch?: string;
  readonly from: string;
  readonly to: string;
  /** Whether it may reach beyond what is known. */
  readonly partial?: boolean;
}

export interface StretchToPack {
  /** In their order. */
  readonly epochs: readonly EpochToRead[];
  readonly from: Instant;
  readonly to: Instant;
  /** Where it reaches beyond what is known, and that was allowed: what to say. */
  readonly beyond?: string;
}

/** The stretch of event time that a pack is about. Throws what `periodToRead` throws, also for one that reaches too far. */
export async function stretchToPack(
  history: EpochHistory,
  question: StretchQuestion,
): Promise<StretchToPack> {
  const found = question.epoch === 'all' ? await ofAll(history, question) : await ofOne(history, question);
  if (found.beyond === undefined || question.partial === true) return found;
  const message = `${found.beyond}; --partial takes what there is`;
  throw new InvalidInputError('the command', [{ path: '--from, --to', message }]);
}

async function ofOne(history: EpochHistory, question: StretchQuestion): Promise<StretchToPack> {
  const epoch = await epochToRead(history, question.epoch);
  const period = await periodToRead(history, epoch, question);
  const beyond = await beyondText(history, period, epoch);
  const { from = epoch.span.from, to = epoch.span.to + 1n } = period;
  return { epochs: [epoch], from, to, ...(beyond === undefined ? {} : { beyond }) };
}

async function ofAll(history: EpochHistory, question: StretchQuestion): Promise<StretchToPack> {
  const all = await epochsToRead(history);
  const newest = newestOf(all);
  const period = periodOf(question, newest);
  const { from = 0n, to = newest + 1n } = period;
  const epochs = all.filter(({ span }) => span.to >= from && span.from < to);
  const first = epochs.reduce((least, { span }) => (span.from < least ? span.from : least), to);
  const last = epochs.reduce((most, { span }) => (span.to > most ? span.to : most), from);
  if (epochs.length === 0)
    throw new InvalidInputError('the command', [
      { path: '--from, --to', message: `no epoch holds anything ${periodText(period)}` },
    ]);
  if (first <= from && last >= to - 1n) return { epochs, from, to };
  const held = `epochs ${epochs.map(({ epoch }) => epoch).join(', ')} hold ${formatInstant(first)} to ${formatInstant(last)}`;
  return { epochs, from, to, beyond: `asked ${periodText(period)}; ${held}` };
}
