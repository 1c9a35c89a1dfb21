import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askListings } from '@evenkeel/adapter-venues';
import { REPOSITORY } from '../stack/home';
import { withListedTerms } from '../run/listed-inputs';
import { checkListing, renderListingCheck } from './listing-check';
import { termsPage } from './terms-page';

const PAGE = join(REPOSITORY, 'docs', 'terms.md');

const OPTION = {
  instrument_name: 'BTC-27MAR26-90000-C',
  kind: 'option',
  instrument_type: 'reversed',
  settlement_period: 'month',
  settlement_currency: 'BTC',
  base_currency: 'BTC',
  counter_currency: 'USD',
  quote_currency: 'BTC',
  tick_size: 0.0001,
  tick_size_steps: [{ above_price: 0.005, tick_size: 0.0005 }],
  contract_size: 1.0,
  min_trade_amount: 0.1,
  expiration_timestamp: 1774598400000,
  strike: 90000.0,
  option_type: 'call',
  is_active: true,
};
const PERPETUAL = {
  instrument_name: 'BTC_USDC-PERPETUAL',
  kind: 'future',
  instrument_type: 'linear',
  settlement_period: 'perpetual',
  settlement_currency: 'USDC',
  base_currency: 'BTC',
  counter_currency: 'USDC',
  quote_currency: 'USDC',
  tick_size: 1.0,
  tick_size_steps: [],
  contract_size: 0.001,
  min_trade_amount: 0.001,
  maker_commission: 0.0,
  taker_commission: 0.0005,
  expiration_timestamp: 32503708800000,
  is_active: true,
};
const answer = (...result: object[]): string => JSON.stringify({ jsonrpc: '2.0', result });

/** Answers the first question with `body`, and every other (of another currency) with an empty list. */
async function served<T>(body: string, use: (url: string) => Promise<T>): Promise<T> {
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    response.end(asked === 1 ? body : answer());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  try {
    // A server that listens on a port has an address of this form.
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    await new Promise((closed) => server.close(closed));
  }
}

describe('the page of terms', () => {
  it('is as the tables have it', () => {
    if (process.env['EK_UPDATE_SCHEMAS'] === '1') writeFileSync(PAGE, termsPage());
    expect(readFileSync(PAGE, 'utf8')).toBe(termsPage());
  });
});

describe('a listing', () => {
  it('is compared with the tables: what agrees, what differs, what cannot be read', async () => {
    const check = await served(answer(OPTION, PERPETUAL, { instrument_name: 'X', kind: 'new' }), (restUrl) =>
      checkListing('deribit', { restUrl, timeoutMs: 5_000 }),
    );
    expect(check).toMatchObject({ feed: 'deribit', listed: 2, known: 2 });
    expect(renderListingCheck(check).split('\n')).toEqual([
      'deribit: 2 listed, 2 of them in our tables, 2 figures differ, 1 could not be read',
      '  BTC_USDC-PERPETUAL@deribit: contractSize 0.001, we have 0.0001',
      '  BTC_USDC-PERPETUAL@deribit: tickSize 1, we have 0.1',
      expect.stringMatching(/^ {2}not read: /),
      '',
    ]);
  });

  it('is read from a file too, which is refused where it holds none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keel-listing-'));
    try {
      const file = join(folder, 'listing.json');
      writeFileSync(file, answer(OPTION));
      expect((await checkListing('deribit', { file, timeoutMs: 1 })).differences).toEqual([]);
      writeFileSync(file, answer());
      await expect(checkListing('deribit', { file, timeoutMs: 1 })).rejects.toThrow(/holds no listing/);
      await expect(checkListing('nowhere', { timeoutMs: 1 })).rejects.toThrow(/must be one of deribit/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a live run', () => {
  const names = ['BTC-27MAR26-90000-C@deribit', 'BTC_USDC-PERPETUAL@deribit'];
  const ask = (body: string, instruments = names): ReturnType<typeof askListings> =>
    served(body, (url) =>
      askListings(instruments, { timeoutMs: 5_000, restUrls: new Map([['deribit', url]]) }),
    );

  it('takes the venue’s figures where they differ from ours, and says so', async () => {
    const { instruments, remarks } = withListedTerms(undefined, await ask(answer(OPTION, PERPETUAL)));
    expect(instruments?.instruments).toContainEqual({
      instrument: 'BTC_USDC-PERPETUAL@deribit',
      contractSize: '0.001',
      tickSize: '1',
      lotSize: '1',
      minQuantity: '1',
      makerFee: '0',
      takerFee: '0.0005',
    });
    expect(remarks).toEqual([
      'BTC_USDC-PERPETUAL@deribit is listed with contractSize 0.001, we have 0.0001: the listing holds',
      'BTC_USDC-PERPETUAL@deribit is listed with tickSize 1, we have 0.1: the listing holds',
    ]);
  });

  it('keeps the fees that a person wrote, and takes sizes from the venue all the same', async () => {
    const own = {
      instruments: [{ instrument: 'BTC_USDC-PERPETUAL@deribit', takerFee: '0.0002', contractSize: '10' }],
    };
    const { instruments } = withListedTerms(own, await ask(answer(OPTION, PERPETUAL)));
    const last = instruments?.instruments.at(-1);
    expect(last).toMatchObject({ instrument: 'BTC_USDC-PERPETUAL@deribit', contractSize: '0.001' });
    expect(last).not.toHaveProperty('takerFee');
  });

  it('is refused where an id means another contract than its venue lists', async () => {
    const asked = await ask(answer(OPTION, { ...PERPETUAL, settlement_currency: 'USDT' }));
    expect(() => withListedTerms(undefined, asked)).toThrow(
      /BTC_USDC-PERPETUAL@deribit.*settlement USDT, we have USDC/,
    );
  });

  it('says what its venue does not list, and which venue did not answer', async () => {
    const unlisted = withListedTerms(undefined, await ask(answer(OPTION)));
    expect(unlisted.remarks).toEqual([
      'BTC_USDC-PERPETUAL@deribit is not on the listing of its venue: our own terms hold',
    ]);
    const silent = withListedTerms(undefined, await ask('no JSON'));
    expect(silent.remarks).toEqual([
      expect.stringMatching(/^deribit was not asked for its listing .*: our own terms hold$/),
    ]);
    expect(silent.instruments).toBeUndefined();
  });
});
