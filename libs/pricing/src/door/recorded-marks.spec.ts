import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { itWithSharedData, sharedDir } from '@evenkeel/testkit';
import { createLegBatch } from '../batch/leg-batch';

const it = itWithSharedData('data/crypto-options-2026-01');
const YEAR_MS = 365 * 24 * 3600 * 1000;

interface Row {
  readonly [column: string]: string;
}

function rows(path: string): Row[] {
  const text = gunzipSync(readFileSync(join(sharedDir() ?? '', 'data', path))).toString('utf8');
  const [header = '', ...lines] = text.trimEnd().split('\n');
  const names = header.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i], cell])));
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

function report(what: string, errors: readonly number[]): void {
  const at = (share: number): string => quantile(errors, share).toExponential(2);
  process.stderr.write(
    `pricing: ${what}: ${errors.length} rows, |error| median ${at(0.5)}, p99 ${at(0.99)}\n`,
  );
}

interface Quote {
  readonly isCall: boolean;
  readonly forward: number;
  readonly strike: number;
  readonly years: number;
  readonly volatility: number;
}

function valued(quotes: readonly Quote[]): ReturnType<typeof createLegBatch> {
  const batch = createLegBatch(quotes.length);
  quotes.forEach(({ isCall, forward, strike, years, volatility }, i) => {
    batch.isCall[i] = isCall ? 1 : 0;
    batch.underlying[i] = forward;
    batch.strike[i] = strike;
    batch.expiryYears[i] = years;
    batch.volatility[i] = volatility;
  });
  expect(batch.valueAll(quotes.length)).toBe(0);
  return batch;
}

describe('on recorded Deribit markets', () => {
  it.each(['BTC', 'ETH'])(
    'implied volatility reproduces %s mark prices to a median under 1e-5 coin',
    (currency) => {
      const chain = rows(`crypto-options-2026-01/deribit_${currency}_chain_20251230_20260130.csv.gz`).filter(
        (row) =>
          Number(row['underlying']) > 0 && Number(row['implied_volatility']) > 0 && row['mark_price'] !== '',
      );
      const batch = valued(
        chain.map((row) => ({
          isCall: row['option_type'] === 'call',
          forward: Number(row['underlying']),
          strike: Number(row['strike']),
          years: (Date.parse(row['expiry_datetime'] ?? '') - Date.parse(row['timestamp'] ?? '')) / YEAR_MS,
          volatility: Number(row['implied_volatility']),
        })),
      );
      const errors = chain.map((row, i) => Math.abs((batch.valueCoin[i] ?? NaN) - Number(row['mark_price'])));
      report(`${currency} mark prices`, errors);
      expect(chain.length).toBeGreaterThan(70_000);
      expect(quantile(errors, 0.5)).toBeLessThan(1e-5);
    },
  );

  it('deltas agree with the exchange’s to a median under 5e-4', () => {
    const book = rows('deribit-book-2026-01/options.csv.gz').filter(
      (row) =>
        Number(row['underlying_price']) > 0 &&
        Number(row['mark_iv']) > 0 &&
        row['greeks_delta'] !== '' &&
        Number.isFinite(Number(row['greeks_delta'])) &&
        Number(row['expiration_timestamp']) > Number(row['timestamp']),
    );
    const batch = valued(
      book.map((row) => ({
        isCall: row['option_type'] === 'CALL',
        forward: Number(row['underlying_price']),
        strike: Number(row['strike']),
        years: (Number(row['expiration_timestamp']) - Number(row['timestamp'])) / YEAR_MS,
        volatility: Number(row['mark_iv']) / 100,
      })),
    );
    const error = (mine: Float64Array, theirs: string): number[] =>
      book.map((row, i) => Math.abs((mine[i] ?? NaN) - Number(row[theirs])));
    const deltas = error(batch.delta, 'greeks_delta');
    report('BTC book deltas', deltas);
    report('BTC book gammas', error(batch.gamma, 'greeks_gamma'));
    report(
      'BTC book vegas per point',
      error(
        batch.vega.map((vega) => vega / 100),
        'greeks_vega',
      ),
    );
    expect(book.length).toBeGreaterThan(5_000);
    expect(quantile(deltas, 0.5)).toBeLessThan(5e-4);
  });
});
