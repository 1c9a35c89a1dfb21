import { lazySnapshot } from '@evenkeel/facts';
import type { LegValuation, MarkUsed, RiskSnapshotTaken, SnapshotLists } from '@evenkeel/facts';
import { IntegrityFault } from '@evenkeel/kernel';
import { undecodable } from './column';
import type { OptionTable, PackedSnapshot } from './packed';
import { ownKernel, valuesLikeUs } from './packed';
import { ReadTable } from './read-table';

/** What a table may hold: a few bytes could claim any number of rows. */
const ROWS_MAX = 200_000;

/**
 * The snapshot that was packed. Its legs are valued, and held against the hash of the numbers they were written with, when
 * somebody first reads legs or marks: nine in ten readers ask for exposures alone. Throws `CONTRACTS.OTHER_KERNEL` where this
 * build's kernel does not price like the one it was valued with; reading a list throws `CONTRACTS.SNAPSHOT_DIFFERS` where the
 * inputs do not give the numbers they did, and `CONTRACTS.UNDECODABLE` for anything malformed.
 */
export function unpackSnapshot(packed: PackedSnapshot): RiskSnapshotTaken {
  const { snapshot, options } = packed;
  if (options === undefined) return snapshot;
  if (options.rows > ROWS_MAX) throw undecodable(`a table has at most ${ROWS_MAX} rows`);
  if (!valuesLikeUs(snapshot))
    throw new IntegrityFault({
      code: 'CONTRACTS.OTHER_KERNEL',
      message: `snapshot ${snapshot.snapshotId} was valued by ${snapshot.model} of kernel ${snapshot.kernelHash}, this build has ${ownKernel().kernelHash}`,
    });
  return lazySnapshot(snapshot, new ReadLists(packed, options));
}

class ReadLists implements SnapshotLists {
  private table: ReadTable | undefined;
  private made: { legs?: readonly LegValuation[]; marks?: readonly MarkUsed[] } = {};

  constructor(
    private readonly packed: PackedSnapshot,
    private readonly options: OptionTable,
  ) {}

  legs(): readonly LegValuation[] {
    return (this.made.legs ??= this.makeLegs());
  }

  marks(): readonly MarkUsed[] {
    return (this.made.marks ??= this.makeMarks());
  }

  mark(instrument: string): MarkUsed | undefined {
    const written = firstOf(this.packed.snapshot.marks, instrument);
    const row = this.rowOf(instrument);
    if (row === undefined) return written;
    const inTable = written === undefined ? this.read().mark(row) : undefined;
    return inTable ?? firstOf(this.marks(), instrument);
  }

  leg(instrument: string): LegValuation | undefined {
    const written = firstOf(this.packed.snapshot.legs, instrument);
    const row = this.rowOf(instrument);
    if (row === undefined) return written;
    return written === undefined ? this.read().leg(row) : firstOf(this.legs(), instrument);
  }

  check(): void {
    this.read();
  }

  private rowOf(instrument: string): number | undefined {
    // Composites and perpetuals stand written out, or not at all: everything in the table begins with an expiry of it.
    const mayBe = this.options.expiries.some((expiry) => instrument.startsWith(expiry));
    return mayBe ? this.read().terms.rowOf.get(instrument) : undefined;
  }

  private read(): ReadTable {
    if (this.table !== undefined) return this.table;
    const { snapshot, legPlaces, markPlaces } = this.packed;
    const table = new ReadTable(snapshot, this.options);
    checkPlaces(legPlaces, snapshot.legs.length, table.terms.count);
    checkPlaces(markPlaces, snapshot.marks.length, table.quotes.marked);
    return (this.table = table);
  }

  private makeLegs(): LegValuation[] {
    const table = this.read();
    const legs: LegValuation[] = [];
    for (let row = 0; row < table.terms.count; row += 1) legs.push(table.leg(row));
    return merged(this.packed.snapshot.legs, this.packed.legPlaces, legs);
  }

  private makeMarks(): MarkUsed[] {
    const table = this.read();
    const marks: MarkUsed[] = [];
    for (let row = 0; row < table.terms.count; row += 1) {
      const mark = table.mark(row);
      if (mark !== undefined) marks.push(mark);
    }
    return merged(this.packed.snapshot.marks, this.packed.markPlaces, marks);
  }
}

/** Whether so many that are written out can stand at their places among so many others. */
function checkPlaces(places: readonly number[], written: number, others: number): void {
  if (written !== places.length) throw undecodable('everything that is written out has a place');
  let next = 0;
  places.forEach((place, index) => {
    if (place < next) throw undecodable('places rise');
    if (place > others + index) throw undecodable('a place lies in its list');
    next = place + 1;
  });
}

/** Those written out at their places, the others around them in order. */
function merged<Item>(written: readonly Item[], places: readonly number[], others: readonly Item[]): Item[] {
  const list: Item[] = [];
  let next = 0;
  const putWritten = (): void => {
    for (let item = written[next]; item !== undefined && places[next] === list.length; item = written[next]) {
      list.push(item);
      next += 1;
    }
  };
  putWritten();
  for (const other of others) {
    list.push(other);
    putWritten();
  }
  return list;
}

function firstOf<Item extends { readonly instrument: string }>(
  list: readonly Item[],
  instrument: string,
): Item | undefined {
  return list.find((item) => item.instrument === instrument);
}
