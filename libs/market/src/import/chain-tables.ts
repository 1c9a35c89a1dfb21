import { ChainSnapshots } from './chain-snapshots';
import type { ChainRow } from './chain-snapshots';
import type { Drops } from './drops';
import type { ImportOptions } from './import-options';
import { OutputTable, timeText } from './output-table';
import type { TapeOutput } from './output-table';
import { parityForwards } from './parity-forward';
import type { Micros } from './row';
import { fileName, microsOf, refusal, underlyingOf } from './tape-text';
import type { UnderlyingPrices } from './underlying-prices';

const CHAIN_HEADER =
  'timestamp,instrument_name,underlying,bid_price,ask_price,mark_price,implied_volatility,index_price,currency';
/** How old a price of the underlying may be beside a snapshot of options. */
const INDEX_AGE_MAX: Micros = 300_000_000;

/** The option chains of a tape: quotes gathered to snapshots, with their forwards and the price of the underlying. */
export class ChainTables {
  private readonly snapshots = new Map<string, ChainSnapshots>();
  private withoutIndex = 0;

  constructor(
    private readonly options: ImportOptions,
    private readonly output: TapeOutput,
    private readonly drops: Drops,
    private readonly prices: UnderlyingPrices,
    private readonly tables: Map<string, OutputTable>,
  ) {}

  /** One option of a chain, known at a time; `isSnapshot` where all rows of one time belong together already. */
  row(at: Micros, venue: string, row: ChainRow, isSnapshot: boolean): void {
    const currency = underlyingOf(row.instrument);
    const key = `${currency}@${venue}`;
    let snapshots = this.snapshots.get(key);
    if (snapshots === undefined) {
      const step = isSnapshot ? undefined : microsOf(this.options.chainEvery);
      snapshots = new ChainSnapshots(step, (end, rows) => this.snapshot(end, currency, venue, step, rows));
      this.snapshots.set(key, snapshots);
    }
    snapshots.row(at, row);
  }

  private snapshot(
    at: Micros,
    currency: string,
    venue: string,
    step: Micros | undefined,
    rows: readonly ChainRow[],
  ): void {
    const key = `chain/${currency}@${venue}`;
    const before = this.tables.get(key)?.span;
    if (before !== undefined && at <= before.last)
      throw refusal(
        rows[0]?.file ?? '',
        rows[0]?.line ?? 0,
        `the chain of ${currency}@${venue} at ${timeText(at)} is told again, or too late`,
      );
    const ageMax = Math.max(INDEX_AGE_MAX, step ?? 0);
    const forwards = parityForwards(rows);
    for (const row of rows) {
      const forward = row.forward ?? forwards.get(row.instrument);
      if (forward === undefined) {
        this.drops.add(row.file, row.line, 'no put and call of one strike: no forward by parity');
        continue;
      }
      const index =
        row.index ?? (this.options.index === 'forward' ? forward : this.prices.at(currency, at, ageMax));
      if (index === undefined) {
        this.withoutIndex += 1;
        this.drops.add(row.file, row.line, 'no price of the underlying was known then');
        continue;
      }
      let table = this.tables.get(key);
      if (table === undefined) {
        const source = {
          file: fileName('chain', `${currency}@${venue}`),
          format: 'deribit-chain' as const,
          currency,
          venue,
        };
        table = new OutputTable(source, `${currency}@${venue}`, this.output, CHAIN_HEADER, step);
        this.tables.set(key, table);
      }
      const { bid = '', ask = '', volatility = '' } = row;
      const cells = [timeText(at), row.symbol, forward, bid, ask, row.mark, volatility, index, currency];
      table.write(at, cells.join(','), row, Number(index));
    }
  }

  /** Whether options were left out for want of a price of their underlying, and none was taken. */
  get lacksIndex(): boolean {
    return this.withoutIndex > 0 && ![...this.tables.keys()].some((key) => key.startsWith('chain/'));
  }

  /** Ends the last snapshots; what a person should know of them. */
  finish(): readonly string[] {
    return [...this.snapshots].flatMap(([of, chain]) => {
      chain.finish();
      return chain.replaced === 0
        ? []
        : [`${chain.replaced} quotes of ${of} were followed by newer ones before their snapshot`];
    });
  }
}
