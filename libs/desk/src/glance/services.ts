import { partitionOfBook } from '@evenkeel/eventing';
import type { Instant } from '@evenkeel/kernel';
import { secondsSince } from './book';
import type { ServiceGlance } from './glance';
import { answered, isAnswered } from './ports';
import type { Answer, OwnedPartition, ProcessNow, RecordedBook, ServiceWord } from './ports';

/** Why partitions cannot go on, by themselves and by who waits for them. */
export function faultsOf(words: Answer<readonly ServiceWord[]>): (partition: string) => readonly string[] {
  const said = isAnswered(words) ? words.value : [];
  return (partition) => {
    const own = said.flatMap(({ service, partitions }) => {
      const fault = partitions[partition]?.fault;
      return fault === undefined ? [] : [`${service}: ${fault}`];
    });
    const halted = said.flatMap((word) => word.halted?.[partition] ?? []);
    return own.length > 0 ? own : halted;
  };
}

const SERVICES = ['price-ingest', 'risk', 'strategy', 'execution', 'ledger'] as const;

/** Who is there, who owns what, and how far each has come. */
export function servicesOf(
  words: Answer<readonly ServiceWord[]>,
  processes: Answer<readonly ProcessNow[]>,
  owners: Answer<readonly OwnedPartition[]>,
  books: readonly RecordedBook[],
  now: Instant,
): Answer<readonly ServiceGlance[]> {
  if (!isAnswered(words)) return words;
  if (!isAnswered(processes)) return processes;
  if (!isAnswered(owners)) return owners;
  const inUse = new Set(books.map(({ opened }) => partitionOfBook(opened.book)));
  return answered(
    SERVICES.map((service): ServiceGlance => {
      const word = words.value.find((one) => one.service === service);
      const owned = owners.value.filter((one) => one.service === service);
      const reports = word?.partitions ?? {};
      const named = new Set([...owned.map(({ partition }) => partition), ...Object.keys(reports)]);
      return {
        service,
        heard: word !== undefined,
        processes: processes.value
          .filter((one) => one.service === service && one.state !== 'left')
          .map(({ process, state, heartbeatAgeMs }) => ({ process, state, heartbeatAgeMs })),
        partitions: [...named]
          // One that nobody owns matters where a book is in it.
          .filter((partition) => reports[partition] !== undefined || inUse.has(partition))
          .filter((partition) => partition !== 'journal')
          .sort()
          .map((partition) => {
            const { at, fault } = reports[partition] ?? {};
            return {
              partition,
              books: books
                .filter(({ opened }) => partitionOfBook(opened.book) === partition)
                .map(({ opened }) => opened.book),
              owner: owned.find((one) => one.partition === partition)?.process ?? '',
              ...(at === undefined ? {} : { at, behindSeconds: secondsSince(at, now) }),
              ...(fault === undefined ? {} : { fault }),
            };
          }),
        waiting: word?.waiting ?? [],
      };
    }),
  );
}
