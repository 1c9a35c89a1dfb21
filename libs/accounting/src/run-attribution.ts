import type { CommitView, DomainEvent, RiskSnapshotTaken } from '@evenkeel/facts';
import { Decimal, median } from '@evenkeel/kernel';
import { contractsOfBook } from './journal-entries';
import type { ContractLookup } from './journal-entries';
import type { AttributionTerm, PnlAttribution } from './pnl-attribution';
import { ATTRIBUTION_TERMS, attributePnl } from './pnl-attribution';

/** Where a book's P&L of a whole run came from. */
export interface BookAttribution {
  readonly book: string;
  readonly numeraire: string;
  readonly intervals: number;
  /** Sum of each term over all intervals; together they are `total` exactly. */
  readonly terms: Readonly<Record<AttributionTerm, string>>;
  /** Change of the hedged P&L over all intervals. */
  readonly total: string;
  readonly residual: ResidualShare;
}

export interface ResidualShare {
  /** Σ|residual| ÷ Σ of all terms' sizes. */
  readonly ofGross: number;
  /** Median over intervals with a move: |residual| ÷ the sum of the interval's terms' sizes. */
  readonly medianOfGross: number;
  /** Median over intervals with a move: |residual| ÷ |change of P&L|. Hedged books divide by very little here. */
  readonly medianOfMove: number;
}

export interface RunAttribution {
  add(commit: Pick<CommitView, 'book' | 'events'>): readonly PnlAttribution[];
  report(): BookAttribution[];
}

interface Track {
  readonly book: string;
  readonly numeraire: string;
  readonly contracts: ContractLookup;
  between: DomainEvent[];
  /** Resting orders may fill long after they were decided. */
  readonly references: Map<string, number>;
  last: RiskSnapshotTaken | undefined;
  intervals: number;
  readonly sums: Map<AttributionTerm, Decimal>;
  total: Decimal;
  residual: number;
  gross: number;
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
        const attribution = track === undefined ? undefined : fold(track, event);
        if (attribution !== undefined) found.push(attribution);
      }
      return found;
    },
    report: () => [...tracks.values()].sort((a, b) => (a.book < b.book ? -1 : 1)).map(reportOf),
  };
}

function createTrack(book: string, numeraire: string, contracts: ContractLookup): Track {
  const sums = new Map(ATTRIBUTION_TERMS.map((term) => [term, Decimal.ZERO]));
  return {
    book,
    numeraire,
    contracts,
    between: [],
    references: new Map(),
    last: undefined,
    intervals: 0,
    sums,
    total: Decimal.ZERO,
    residual: 0,
    gross: 0,
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
  let gross = 0;
  for (const term of ATTRIBUTION_TERMS) {
    track.sums.set(term, (track.sums.get(term) ?? Decimal.ZERO).plus(Decimal.parse(attribution[term])));
    gross += Math.abs(Number(attribution[term]));
  }
  const residual = Math.abs(Number(attribution.residual));
  const move = Math.abs(Number(attribution.total));
  track.intervals += 1;
  track.total = track.total.plus(Decimal.parse(attribution.total));
  track.residual += residual;
  track.gross += gross;
  if (attribution.from !== attribution.to && gross > 0 && move > 0)
    track.shares.push({ gross: residual / gross, move: residual / move });
}

function reportOf(track: Track): BookAttribution {
  const entries = ATTRIBUTION_TERMS.map(
    (term) => [term, (track.sums.get(term) ?? Decimal.ZERO).toString()] as const,
  );
  return {
    book: track.book,
    numeraire: track.numeraire,
    intervals: track.intervals,
    // One entry per attribution term.
    terms: Object.fromEntries(entries) as Record<AttributionTerm, string>,
    total: track.total.toString(),
    residual: {
      ofGross: track.gross > 0 ? track.residual / track.gross : 0,
      medianOfGross: median(track.shares.map(({ gross }) => gross)) ?? 0,
      medianOfMove: median(track.shares.map(({ move }) => move)) ?? 0,
    },
  };
}
