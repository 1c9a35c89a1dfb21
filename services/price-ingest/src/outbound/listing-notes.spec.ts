import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { askListings } from '@evenkeel/adapter-venues';
import { ConnectionNotes } from '@evenkeel/venues';
import { ListingNotes } from './listing-notes';

const LISTED = {
  instrument_name: 'BTC-PERPETUAL',
  kind: 'future',
  instrument_type: 'reversed',
  settlement_period: 'perpetual',
  settlement_currency: 'BTC',
  base_currency: 'BTC',
  counter_currency: 'USD',
  quote_currency: 'USD',
  tick_size: 1.0,
  contract_size: 10,
  min_trade_amount: 10,
  expiration_timestamp: 32503708800000,
  is_active: true,
};

describe('the listing of a venue that is followed', () => {
  async function noted(body: string, standIns: ReadonlyMap<string, string> = new Map()): Promise<string[]> {
    let questions = 0;
    const server = createServer((_, response) => {
      questions += 1;
      response.end(questions === 1 ? body : '{"jsonrpc":"2.0","result":[]}');
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    // A server that listens on a port has an address of this form.
    const restUrls = new Map([['deribit', `http://127.0.0.1:${(server.address() as AddressInfo).port}`]]);
    const notes = new ConnectionNotes();
    try {
      await new ListingNotes(notes, standIns, (instruments, options) =>
        askListings(instruments, { ...options, restUrls }),
      ).compare(['BTC-PERPETUAL@deribit', 'BTC-27MAR26-90000-C@deribit', 'btc_usd@deribit']);
    } finally {
      await new Promise((closed) => server.close(closed));
    }
    return notes
      .take(0n)
      .flatMap(({ events }) => events)
      .map((event) =>
        event.type === 'ConnectionNoted'
          ? `${event.payload.venue} ${event.payload.what} ${event.payload.instrument}: ${event.payload.detail}`
          : event.type,
      );
  }

  it('is on record where it differs from what we have, and where it lacks what a book names', async () => {
    expect(await noted(JSON.stringify({ jsonrpc: '2.0', result: [LISTED] }))).toEqual([
      'deribit terms-differ BTC-PERPETUAL@deribit: the venue lists tickSize 1, we have 0.5',
      'deribit terms-unlisted BTC-27MAR26-90000-C@deribit: the venue does not list it',
    ]);
  });

  it('is on record as not compared where the venue says nothing that can be read', async () => {
    expect(await noted('busy')).toEqual([expect.stringMatching(/^deribit terms-unchecked : /)]);
  });

  it('is not asked for where something stands in for the venue', async () => {
    expect(await noted('busy', new Map([['deribit', 'ws://127.0.0.1:1']]))).toEqual([]);
  });
});
