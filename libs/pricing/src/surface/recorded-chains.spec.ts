import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseInstant, yearsBetween } from '@evenkeel/kernel';
import { itWithSharedData, sharedDir } from '@evenkeel/testkit';
import { priceBlack76 } from '../door/black76';
import { surfaceArbitrage } from '../smile/arbitrage';
import { medianOf } from './fit-quality';
import type { OptionChain, OptionQuote } from './option-quotes';
import { volatilityQuotes } from './option-quotes';
import { createSurface, surfaceSmile } from './surface';
import { fitSurface } from './surface-fit';

const FOLDER = 'data/crypto-options-2026-01';
const recorded = itWithSharedData(FOLDER);
/** Every snapshot with EK_SOAK=1, otherwise every twelfth: two or three whole chains a week of each currency. */
const STRIDE = process.env['EK_SOAK'] === '1' ? 1 : 12;

interface QuoteRow {
  readonly timestamp: string;
  readonly expiry: string;
  readonly forward: number;
  readonly quote: OptionQuote;
}

function snapshotsOf(currency: string): QuoteRow[][] {
  const file = join(sharedDir() ?? '', FOLDER, `deribit_${currency}_chain_20251230_20260130.csv.gz`);
  const [header = '', ...lines] = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n');
  const names = header.split(',');
  const indexes = new Map(names.map((name, index) => [name, index]));
  const column = (row: readonly string[], name: string): string => row[indexes.get(name) ?? -1] ?? '';
  const snapshots = new Map<string, QuoteRow[]>();
  for (const line of lines) {
    const fields = line.split(',');
    const timestamp = column(fields, 'timestamp');
    const rows = snapshots.get(timestamp) ?? [];
    snapshots.set(timestamp, rows);
    rows.push({
      timestamp,
      expiry: column(fields, 'expiry_datetime'),
      forward: Number(column(fields, 'underlying')),
      quote: {
        type: column(fields, 'option_type') === 'call' ? 'call' : 'put',
        strike: Number(column(fields, 'strike')),
        bid: Number(column(fields, 'bid_price')),
        ask: Number(column(fields, 'ask_price')),
      },
    });
  }
  return [...snapshots.values()];
}

function chainsOf(rows: readonly QuoteRow[]): OptionChain[] {
  const byExpiry = new Map<string, QuoteRow[]>();
  for (const row of rows) {
    const list = byExpiry.get(row.expiry);
    if (list === undefined) byExpiry.set(row.expiry, [row]);
    else list.push(row);
  }
  return [...byExpiry].map(([expiry, list]) => ({
    expiry,
    years: yearsBetween(parseInstant(list[0]?.timestamp ?? ''), parseInstant(expiry)),
    forward: medianOf(list.map((row) => row.forward)),
    unit: 'coin',
    quotes: list.map((row) => row.quote),
  }));
}

describe('surfaces fitted to whole recorded chains', () => {
  recorded('SSVI: no arbitrage, few slices moved for it, and a median error under half the spread', () => {
    const errors: number[] = [];
    let slices = 0;
    let moved = 0;
    const snapshots = snapshotsOf('BTC').filter((_, index) => index % (4 * STRIDE) === 0);
    for (const rows of snapshots) {
      const fit = fitSurface(chainsOf(rows).map(volatilityQuotes), { model: 'ssvi' });
      expect(fit.arbitrage).toEqual([]);
      moved += fit.slices.filter((slice) => slice.repair !== 'none').length;
      slices += fit.slices.length;
      errors.push(...fit.slices.map((slice) => slice.quality.medianErrorInSpreads));
    }
    process.stderr.write(
      `BTC, SSVI: ${snapshots.length} chains, ${slices} slices, ${moved} moved by the expiry before them; median over slices of the median |volatility error| = ` +
        `${medianOf(errors).toFixed(4)} of the spread\n`,
    );
    expect(medianOf(errors)).toBeLessThan(0.5);
  });

  recorded.each(['BTC', 'ETH'])('%s: median error under half the spread, and no arbitrage', (currency) => {
    const all: number[] = [];
    const bySnapshot: number[] = [];
    const counts = {
      chains: 0,
      slices: 0,
      refused: 0,
      borrowed: 0,
      findingsBefore: 0,
      constrained: 0,
      parallel: 0,
      inside: 0,
      converged: 0,
      movedAway: 0,
    };
    const snapshots = snapshotsOf(currency).filter((_, index) => index % STRIDE === 0);
    for (const rows of snapshots) {
      const chains = chainsOf(rows);
      const fit = fitSurface(chains.map(volatilityQuotes));
      expect(fit.arbitrage).toEqual([]);
      expect(surfaceArbitrage(fit.slices)).toEqual([]);
      const surface = createSurface(fit.slices);
      const errors: number[] = [];
      for (const slice of fit.slices) {
        const chain = chains.find((candidate) => candidate.expiry === slice.expiry);
        for (const { type, strike, bid = 0, ask = 0 } of chain?.quotes ?? []) {
          if (!(bid > 0) || !(ask > bid)) continue;
          const at = { strike, years: slice.years, forward: slice.forward };
          const sigma = surfaceSmile(surface, at).volatility;
          const value =
            priceBlack76({ type, F: slice.forward, K: strike, T: slice.years, sigma }).value / slice.forward;
          errors.push(Math.abs(value - (bid + ask) / 2) / (ask - bid));
          if (value >= bid && value <= ask) counts.inside++;
        }
      }
      expect(medianOf(errors)).toBeLessThan(0.5);
      bySnapshot.push(medianOf(errors));
      all.push(...errors);
      counts.chains++;
      counts.slices += fit.slices.length;
      counts.refused += fit.refused.length;
      counts.findingsBefore += fit.beforeRepair.length;
      counts.constrained += fit.slices.filter((slice) => slice.repair === 'constrained').length;
      counts.borrowed += fit.slices.filter((slice) => slice.repair === 'borrowed').length;
      counts.converged += fit.slices.filter((slice) => slice.converged).length;
      counts.movedAway += fit.slices.filter((slice) => !slice.converged && slice.repair !== 'none').length;
      counts.parallel += fit.slices.filter((slice) => slice.repair === 'parallel').length;
    }
    const median = medianOf(all);
    const insideShare = counts.inside / all.length;
    process.stderr.write(
      `${currency}: ${counts.chains} chains, ${counts.slices} slices (${counts.refused} refused, ${counts.constrained} constrained, ` +
        `${counts.parallel} parallel, ${counts.borrowed} borrowed; ${counts.converged} within a half-spread of half their quotes, ${counts.movedAway} moved out of it), ${all.length} two-sided quotes; median |price error| = ${median.toFixed(4)} of the spread ` +
        `(worst chain ${Math.max(...bySnapshot).toFixed(4)}), ${(100 * insideShare).toFixed(1)} % inside bid–ask; ` +
        `arbitrage findings ${counts.findingsBefore} before repair, 0 after\n`,
    );
    expect(median).toBeLessThan(0.25);
    expect(insideShare).toBeGreaterThan(0.8);
    expect(counts.refused).toBeLessThan(0.02 * counts.slices + 1);
  });
});
