import type { CommitView, DomainEvent, RiskSnapshotTaken } from '@evenkeel/facts';
import { Decimal, median } from '@evenkeel/kernel';
import { ATTRIBUTION_TERMS } from './attribution-terms';
import type { AttributionTerm, AttributionTerms } from './attribution-terms';
import { contractsOfBook, withContract } from './journal-entries';
import type { ContractLookup } from './journal-entries';
import type { PnlAttribution } from './pnl-attribution';
import { attributePnl } from './pnl-attribution';

/** Terms added up over intervals; together they are `total` exactly. */
export interface AttributedPnl {
  readonly terms: Readonly<Record<AttributionTerm, string>>;
  readonly total: string;
  /** Σ|residual| ÷ Σ of all terms' sizes, interval by interval, per cent; 0 where nothing moved. */
  readonly residualPercentOfGross: number;
}

/** Where a book's P&L of a whole run came from. */
export interface BookAttribution extends AttributedPnl {
  readonly book: string;
  readonly numeraire: string;
  readonly intervals: number;
  readonly byUnderlying: readonly (AttributedPnl & { readonly underlying: string })[];
  /** By UTC day in which an interval ended, `2026-01-05`, and underlying. */
  readonly byDay: readonly (AttributedPnl & { readonly day: string; readonly underlying: string })[];
  /** Medians over the intervals in which the P&L moved, per cent; undefined while none did. */
  readonly residual: {
    readonly medianPercentOfGross: number | undefined;
    readonly medianPercentOfMove: number | undefined;
  };
}

export interface RunAttribution {
  add(commit: Pick<CommitView, 'book' | 'events'>): readonly PnlAttribution[];
  report(): BookAttribution[];
}

interface Sums {
  readonly terms: Map<AttributionTerm, Decimal>;
  total: Decimal;
  residual: number;
  gross: number;
}

interface Track {
  readonly book: string;
  readonly numeraire: string;
  contracts: ContractLookup;
  between: DomainEvent[];
  /** Prices that orders were decided on; resting orders may fill long after. */
  readonly references: Map<string, number>;
  last: RiskSnapshotTaken | undefined;
  intervals: number;
  readonly whole: Sums;
  readonly byUnderlying: Map<string, Sums>;
  /** By day and underlying. */
  readonly byDay: Map<string, Sums>;
  readonly shares: { readonly gross: number; readonly move: number }[];
}

/** Attribution of a run as a fold over its commits. Intervals run between snapshots without unpriced legs. */
export function createRunAttribution(): RunAttribution {
  const tracks = new Map<string, Track>();
  return {
    add(commit) {
      const found: PnlAttribution[] = [];
      for (const event of commit.events) {
        if (event.type === 'BookOpened') {
          const { book, numeraire } = event.payload;
          tracks.set(book, createTrack(book, numeraire, contractsOfBook(event.payload)));
          continue;
        }
        const track = tracks.get(commit.book);
        if (
          event.type === 'PositionAdopted' &&
          event.payload.specification !== undefined &&
          track !== undefined
        )
          track.contracts = withContract(track.contracts, event.payload.specification);
        const attribution = track === undefined ? undefined : fold(track, event);
        if (attribution !== undefined) found.push(attribution);
      }
      return found;
    },
    report: () => [...tracks.values()].sort((a, b) => (a.book < b.book ? -1 : 1)).map(reportOf),
  };
}

function createSums(): Sums {
  return {
    terms: new Map(ATTRIBUTION_TERMS.map((term) => [term, Decimal.ZERO])),
    total: Decimal.ZERO,
    residual: 0,
    gross: 0,
  };
}

function createTrack(book: string, numeraire: string, contracts: ContractLookup): Track {
  return {
    book,
    numeraire,
    contracts,
    between: [],
    references: new Map(),
    last: undefined,
    intervals: 0,
    whole: createSums(),
    byUnderlying: new Map(),
    byDay: new Map(),
    shares: [],
  };
}

function fold(track: Track, event: DomainEvent): PnlAttribution | undefined {
  if (event.type !== 'RiskSnapshotTaken') {
    track.between.push(event);
    if (event.type === 'OrderIntended')
      track.references.set(event.payload.clientOrderId, Number(event.payload.referencePrice));
    return undefined;
  }
  if (event.payload.unpriced.length > 0) return undefined;
  const before = track.last;
  track.last = event.payload;
  const { between } = track;
  track.between = [];
  if (before === undefined) return undefined;
  const attribution = attributePnl(before, event.payload, between, track.contracts, track.references);
  addUp(track, attribution);
  return attribution;
}

function addUp(track: Track, attribution: PnlAttribution): void {
  track.intervals += 1;
  const gross = addTo(track.whole, attribution, attribution.total);
  const day = attribution.to.slice(0, 'YYYY-MM-DD'.length);
  for (const part of attribution.byUnderlying) {
    addTo(sumsIn(track.byUnderlying, part.underlying), part, part.total);
    addTo(sumsIn(track.byDay, `${day} ${part.underlying}`), part, part.total);
  }
  const residual = Math.abs(Number(attribution.residual));
  const move = Math.abs(Number(attribution.total));
  if (attribution.from !== attribution.to && gross > 0 && move > 0)
    track.shares.push({ gross: residual / gross, move: residual / move });
}

function sumsIn(sums: Map<string, Sums>, key: string): Sums {
  const found = sums.get(key) ?? createSums();
  sums.set(key, found);
  return found;
}

/** Adds an interval, and gives the sum of its terms' sizes. */
function addTo(sums: Sums, terms: AttributionTerms, total: string): number {
  let gross = 0;
  for (const term of ATTRIBUTION_TERMS) {
    if (terms[term] === '0') continue;
    sums.terms.set(term, (sums.terms.get(term) ?? Decimal.ZERO).plus(Decimal.parse(terms[term])));
    gross += Math.abs(Number(terms[term]));
  }
  sums.total = sums.total.plus(Decimal.parse(total));
  sums.residual += Math.abs(Number(terms.residual));
  sums.gross += gross;
  return gross;
}

function attributed(sums: Sums): AttributedPnl {
  const entries = [...sums.terms].map(([term, amount]) => [term, amount.toString()] as const);
  return {
    // One entry per attribution term.
    terms: Object.fromEntries(entries) as Record<AttributionTerm, string>,
    total: sums.total.toString(),
    residualPercentOfGross: sums.gross > 0 ? (100 * sums.residual) / sums.gross : 0,
  };
}

function reportOf(track: Track): BookAttribution {
  const percent = (values: readonly number[]): number | undefined => {
    const middle = median(values);
    return middle === undefined ? undefined : 100 * middle;
  };
  const sorted = (sums: Map<string, Sums>): [string, Sums][] =>
    [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    book: track.book,
    numeraire: track.numeraire,
    intervals: track.intervals,
    ...attributed(track.whole),
    byUnderlying: sorted(track.byUnderlying).map(([underlying, sums]) => ({
      underlying,
      ...attributed(sums),
    })),
    byDay: sorted(track.byDay).map(([key, sums]) => {
      const [day = '', underlying = ''] = key.split(' ');
      return { day, underlying, ...attributed(sums) };
    }),
    residual: {
      medianPercentOfGross: percent(track.shares.map(({ gross }) => gross)),
      medianPercentOfMove: percent(track.shares.map(({ move }) => move)),
    },
  };
}
