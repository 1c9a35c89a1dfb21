import { LATCHES_LOST, UNTOLD } from '@evenkeel/execution';
import { parseInstrument } from '@evenkeel/instruments';
import type { BookStop, KillGlance, KillsGlance } from './glance';
import type { Answer, RecordedBook, RecordedDesk, RecordedHalt, StandingStop, StandingStops } from './ports';
import { isAnswered } from './ports';

/**
 * Kills in force by every place that knows of any: a stop counts wherever it stands, and is over only where none has it. Of what
 * the journal has many partitions may tell.
 */
export function killsInForce(
  bucket: Answer<StandingStops>,
  files: readonly StandingStop[],
  halts: Answer<readonly RecordedHalt[]>,
): KillsGlance {
  const found = new Map<string, KillGlance>();
  const add = (stop: Omit<KillGlance, 'known'>, place: KillGlance['known'][number]): void => {
    const key = `${stop.scope} ${stop.engagement ?? ''}`;
    const before = found.get(key);
    const known = before?.known ?? [];
    // Execution may have found a file before it was written whole, and then knows no person to name.
    const told = before === undefined || before.by === UNTOLD.by ? stop : before;
    found.set(key, { ...told, known: known.includes(place) ? known : [...known, place] });
  };
  const stand = (
    { scope, engagement, by, reason, at }: StandingStop,
    place: KillGlance['known'][number],
  ): void => add({ scope, engagement, by, reason, since: at }, place);
  const { inForce, released } = isAnswered(bucket) ? bucket.value : { inForce: [], released: [] };
  for (const stop of inForce) stand(stop, 'control bucket');
  // A file stays until execution takes it away.
  for (const stop of files) if (!released.includes(stop.engagement)) stand(stop, 'kill folder');
  for (const { kind, subject, engagement, by = '', reasons, since } of isAnswered(halts) ? halts.value : []) {
    if (kind !== 'kill') continue;
    const named = engagement === undefined ? {} : { engagement };
    add({ scope: subject, ...named, by, reason: reasons.join(', '), since }, 'journal');
  }
  const unseen = [
    ...(isAnswered(bucket) ? [] : (['control bucket'] as const)),
    ...(isAnswered(halts) ? [] : (['journal'] as const)),
  ];
  return { inForce: [...found.values()], unseen };
}

/** What stops a book, from whichever side: kills, its program, its partition, its venues, instruments and prices. */
export function stopsOfBook(
  { opened, policy }: Pick<RecordedBook, 'opened' | 'policy'>,
  policyKind: string | undefined,
  kills: readonly KillGlance[],
  { halts, restrictions }: Pick<RecordedDesk, 'halts' | 'restrictions'>,
  partitionFaults: readonly string[],
): readonly BookStop[] {
  const { book } = opened;
  const instruments = policy?.set.hedgeInstruments ?? opened.hedgeInstruments;
  const wholly = ['firm', LATCHES_LOST, `book:${book}`, `strategy:${policyKind ?? ''}`];
  const partly = instruments.flatMap((id) => [`instrument:${id}`, `venue:${venueOf(id)}`]);
  const underlyings = new Set(
    [...opened.planned, ...instruments.map((instrument) => ({ instrument }))].map(underlyingOf),
  );
  const killed = kills.flatMap(({ scope, by, reason, since }): BookStop[] => {
    const whole = wholly.includes(scope);
    return whole || partly.includes(scope)
      ? [{ kind: 'kill', subject: scope, whole, by, reason, since }]
      : [];
  });
  const halted = halts.flatMap(({ kind, subject, reasons, by, since, ...halt }): BookStop[] => {
    if (kind === 'kill') return [];
    const isOurs =
      kind === 'price' ? underlyings.has(underlyingOf({ instrument: subject })) : halt.book === book;
    const reason = reasons.join(', ');
    return isOurs
      ? [{ kind, subject, whole: kind === 'program', reason, since, ...(by === undefined ? {} : { by }) }]
      : [];
  });
  const faults = partitionFaults.map((reason): BookStop => ({
    kind: 'partition',
    subject: book,
    whole: true,
    reason,
  }));
  const restricted = restrictions
    .filter((one) => one.book === book && instruments.includes(one.instrument))
    .map(({ instrument, reason, by, since }): BookStop => {
      return { kind: 'restriction', subject: instrument, whole: false, reason, by, since };
    });
  return [...killed, ...faults, ...halted, ...restricted];
}

const venueOf = (instrument: string): string => instrument.slice(instrument.lastIndexOf('@') + 1);

function underlyingOf({ instrument }: { readonly instrument: string }): string {
  const parsed = parseInstrument(instrument);
  // A composite is no contract: `BTC@composite`.
  return parsed.ok ? parsed.value.underlying : instrument.slice(0, instrument.lastIndexOf('@'));
}
