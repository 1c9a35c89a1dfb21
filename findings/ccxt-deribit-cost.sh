#!/usr/bin/env bash
# Guess: the unified `cost` of a filled order or trade at Deribit is what was paid: for an option 0.1 × 0.007 BTC; for an inverse
# perpetual of which 400 of 1,000 dollars are filled at 50,000, 0.008 BTC.
# Seen (ccxt 4.5.84): the option is taken for an inverse future, and its cost is amount / price: 14.29 of nothing. The cost of the order
# that is filled in part is that of all of it, 0.02, as soon as a single dollar of it is filled.
# What it taught: the premium of an option has a rule of its own (libs/instruments/src/contract/premium.ts), and money comes from
# fills, never from a sum that somebody else made of an order.
# Needs: node 20, npm. Installs into a temporary folder; talks to the package registry only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent --ignore-scripts -E ccxt@4.5.84
cat >seen.mjs <<'JS'
import ccxt from 'ccxt';
const deribit = new ccxt.deribit();
const listed = (instrument_name, kind, more) => ({
  instrument_name, kind, base_currency: 'BTC', counter_currency: 'USD', settlement_currency: 'BTC', price_index: 'btc_usd', is_active: true,
  instrument_type: 'reversed', creation_timestamp: 1609459200000, rfq: false, maker_commission: 0.0003, taker_commission: 0.0003, ...more,
});
const option = 'BTC-26MAR21-62000-C';
const perpetual = 'BTC-PERPETUAL';
// The two answers that loading the markets asks for, instead of the venue's.
deribit.has.fetchCurrencies = false;
deribit.publicGetGetCurrencies = async () => ({ result: [{ currency: 'BTC', coin_type: 'BITCOIN', fee_precision: 4 }] });
deribit.publicGetGetInstruments = async () => ({
  result: [
    listed(option, 'option', { quote_currency: 'BTC', contract_size: 1, min_trade_amount: 0.1, tick_size: 0.0001, settlement_period: 'month', strike: 62000, option_type: 'call', expiration_timestamp: 1616745600000 }),
    listed(perpetual, 'future', { quote_currency: 'USD', contract_size: 10, min_trade_amount: 10, tick_size: 0.5, settlement_period: 'perpetual', expiration_timestamp: 32503708800000 }),
  ],
});
await deribit.loadMarkets();
const trade = deribit.parseTrade({
  trade_seq: 1706, trade_id: '137488100', timestamp: 1616321732986, tick_direction: 0, price: 0.007, mark_price: 0.00670817, iv: 78.44,
  instrument_name: option, index_price: 56151.63, direction: 'buy', amount: 0.1,
});
const order = (filled_amount) =>
  deribit.parseOrder({
    instrument_name: perpetual, order_id: '1', order_type: 'limit', order_state: 'open', time_in_force: 'good_til_cancelled', direction: 'buy',
    price: 50000, average_price: 50000, amount: 1000, filled_amount, commission: 0, label: '', api: true, post_only: false,
    reduce_only: false, creation_timestamp: 1616321732986, last_update_timestamp: 1616321732986,
  }).cost;
const seen = { option: trade.cost, inverse: deribit.market(trade.symbol).inverse, filled400: order(400), filled1000: order(1000) };
console.log(seen);
process.exit(JSON.stringify(seen) === '{"option":14.285714285714286,"inverse":true,"filled400":0.02,"filled1000":0.02}' ? 0 : 1);
JS
node seen.mjs || { echo 'this has changed'; exit 1; }
echo 'as described'
