import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { contractOf, isOnTick, specificationOf } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
import { itWithSharedData, sharedDir } from '@evenkeel/testkit';
import type { InstrumentEvent, VenueEvent } from '@evenkeel/venue-wire';
import { differenceInWords, termsDifferences } from '../src/terms/listed-terms';
import { parseFeed } from './parse-feed';
import { recordedLines } from './recorded-files';

const BOOK = 'data/deribit-book-2026-01';
const CHAINS = 'data/crypto-options-2026-01';

function rows(relative: string): Record<string, string>[] {
  const bytes = readFileSync(join(sharedDir() ?? '', relative));
  const [head = '', ...lines] = gunzipSync(bytes).toString('utf8').trim().split('\n');
  const names = head.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
  });
}

const NUMBERS = new Set([
  'maker_commission',
  'taker_commission',
  'expiration_timestamp',
  'tick_size',
  'contract_size',
  'strike',
  'min_trade_amount',
]);

/** A recorded row as the venue answers `get_instruments`. */
function listingOf(row: Record<string, string>): InstrumentEvent {
  const result = Object.fromEntries(
    Object.entries(row)
      .filter(([, cell]) => cell !== '')
      .map(([name, cell]) => [name, NUMBERS.has(name) ? Number(cell) : cell]),
  );
  const message = {
    ...result,
    is_active: row['is_active'] === 'True',
    ...(row['option_type'] === undefined ? {} : { option_type: row['option_type'].toLowerCase() }),
  };
  const parsed = parseFeed(
    { venue: 'deribit', market: 'mixed' },
    JSON.stringify({ jsonrpc: '2.0', result: [message] }),
  );
  const [event] = parsed.ok ? parsed.value : [];
  if (event?.kind !== 'instrument') throw new Error(`${row['instrument_name'] ?? ''} is no listing`);
  return event;
}

/** How often each thing was said, as lines to print and to expect. */
function counted(said: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const one of said) counts.set(one, (counts.get(one) ?? 0) + 1);
  return [...counts].map(([one, count]) => `${count} × ${one}`).sort();
}

/** Prices that the venue's users traded or quoted at. */
function pricesOf(event: VenueEvent): string[] {
  switch (event.kind) {
    case 'trade':
      return [event.price];
    case 'quote':
      return [event.bid?.price, event.ask?.price].filter((price) => price !== undefined);
    case 'book-snapshot':
    case 'book-delta':
      return [...event.bids, ...event.asks].map(({ price }) => price);
    default:
      return [];
  }
}

const contracts = new Map<string, Contract | undefined>();
function contractFor(id: string): Contract | undefined {
  if (!contracts.has(id)) {
    const found = specificationOf(id);
    contracts.set(id, found.ok ? contractOf(found.value) : undefined);
  }
  return contracts.get(id);
}

describe('the tables of terms', () => {
  itWithSharedData(BOOK)(
    'are what Deribit listed in January 2026, but for the rebate of weekly futures',
    () => {
      const listings = ['options', 'futures'].flatMap((name) =>
        rows(`${BOOK}/${name}.csv.gz`).map(listingOf),
      );
      const differences = counted(listings.flatMap(termsDifferences).map(differenceInWords));
      process.stdout.write(
        `Deribit listings: ${listings.length} rows of ${new Set(listings.map(({ instrument }) => instrument)).size} contracts; differences: ${differences.join('; ') || 'none'}\n`,
      );
      expect(listings).toHaveLength(6710);
      // Makers of weekly futures were paid one basis point: the table has the fee of every other future, which is dearer.
      expect(differences).toEqual(['12 × makerFee -0.0001, we have 0']);
    },
  );

  itWithSharedData(CHAINS)('have ticks that every recorded quote of the chains is on', () => {
    let quotes = 0;
    const off: string[] = [];
    for (const coin of ['BTC', 'ETH']) {
      for (const row of rows(`${CHAINS}/deribit_${coin}_chain_20251230_20260130.csv.gz`)) {
        const contract = contractFor(`${row['instrument_name'] ?? ''}@deribit`);
        for (const text of [row['bid_price'], row['ask_price']]) {
          const price = Decimal.tryParse(text ?? '');
          if (price === undefined || contract === undefined) continue;
          quotes += 1;
          if (!isOnTick(contract, price)) off.push(`${contract.id} ${price.toString()}`);
        }
      }
    }
    process.stdout.write(`Deribit chains: ${quotes} quotes, ${off.length} off the tick\n`);
    expect(quotes).toBeGreaterThan(250_000);
    expect(off).toEqual([]);
  });

  itWithSharedData(CHAINS)(
    'have the lot of OKX that its recorded volumes are on, and no coarser one is',
    () => {
      const swap = contractFor('BTC-USDT-SWAP@okx');
      if (swap === undefined) throw new Error('OKX has terms');
      const volumes = rows(`${CHAINS}/okx_swap_1m_BTC.csv.gz`).map((row) =>
        Decimal.parse(row['volume'] ?? ''),
      );
      const lot = swap.lot.times(swap.size);
      const on = (step: Decimal): number => volumes.filter((volume) => volume.isMultipleOf(step)).length;
      const coarser = on(lot.times(Decimal.ofInteger(10)));
      process.stdout.write(
        `OKX BTC-USDT-SWAP: ${volumes.length} minutes, ${on(lot)} on a lot of ${lot.toString()} BTC, ${coarser} on ten of it\n`,
      );
      expect(on(lot)).toBe(volumes.length);
      expect(coarser).toBeLessThan(volumes.length / 2);
    },
  );

  itWithSharedData('data/wire')(
    'have ticks that recorded messages are on, but where a venue changed them since',
    () => {
      const feeds = [
        ['tardis/deribit.jsonl', { venue: 'deribit', market: 'mixed' }],
        ['tardis/binance.jsonl', { venue: 'binance', market: 'spot' }],
        ['tardis/binance-futures.jsonl', { venue: 'binance', market: 'linear' }],
        ['tardis/binance-delivery.jsonl', { venue: 'binance', market: 'inverse' }],
        ['tardis/okex-swap.jsonl', { venue: 'okx', market: 'mixed' }],
        ['tardis/okex-options.jsonl', { venue: 'okx', market: 'mixed' }],
        ['tardis/hyperliquid.jsonl', { venue: 'hyperliquid', market: 'linear' }],
        ['hftbacktest/spot_btcusdt_20240808.gz', { venue: 'binance', market: 'spot' }],
        ['hftbacktest/usdm_btcusdt_20240808.gz', { venue: 'binance', market: 'linear' }],
        ['hftbacktest/cm_btcusd_perp_20240808.gz', { venue: 'binance', market: 'inverse' }],
        ['hftbacktest/hyperliquid_btcusd_20250126.gz', { venue: 'hyperliquid', market: 'linear' }],
      ] as const;
      const seen = new Map<string, { prices: number; off: number }>();
      for (const [file, feed] of feeds) {
        for (const line of recordedLines(file).slice(0, 400)) {
          const text = file.startsWith('tardis')
            ? JSON.stringify((JSON.parse(line) as { message: unknown }).message)
            : line.slice(line.indexOf(' ') + 1);
          const parsed = parseFeed(feed, text);
          for (const event of parsed.ok ? parsed.value : []) {
            if (!('instrument' in event)) continue;
            const contract = contractFor(event.instrument);
            if (contract === undefined) continue;
            const count = seen.get(event.instrument) ?? { prices: 0, off: 0 };
            for (const price of pricesOf(event)) {
              count.prices += 1;
              if (!isOnTick(contract, Decimal.parse(price))) count.off += 1;
            }
            seen.set(event.instrument, count);
          }
        }
      }
      const lines = [...seen]
        .filter(([, { prices }]) => prices > 0)
        .map(([id, { prices, off }]) => `${id}: ${prices} prices, ${off} off the tick`)
        .sort();
      process.stdout.write(`${lines.join('\n')}\n`);
      // Of the years when Binance's perpetual moved by a cent: its tick has been ten cents since.
      expect(lines.filter((line) => !line.includes(' 0 off'))).toEqual([
        'BTCUSDT-PERP@binance: 2702 prices, 8 off the tick',
      ]);
    },
  );
});
