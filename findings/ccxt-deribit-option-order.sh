#!/usr/bin/env bash
# Guess: with its markets loaded, ccxt brings the price of an option's order to the venue's tick, and reckons its fee as the venue does:
# at Deribit a multiple of 0.0005 above 0.005, and 0.0003 BTC for an option on one BTC.
# Seen (ccxt 4.5.84): tick_size_steps of the listing is read nowhere. A price of 0.0123 passes priceToPrecision and leaves in the order as
# it is, while the size is brought down to whole 0.1. The fee is 0.0003 of the premium, 0.000003 BTC for an option at 0.01, a
# hundredth of what the rate is of: the underlying.
# What it taught: a price is brought to the step that holds where it lies, and an option's fee is of the underlying, capped by the premium;
# both are terms of the contract (libs/instruments/src/contract/contract.ts, fees.ts).
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
// The two answers that loading the markets asks for, instead of the venue's.
deribit.has.fetchCurrencies = false;
deribit.publicGetGetCurrencies = async () => ({ result: [{ currency: 'BTC', coin_type: 'BITCOIN', fee_precision: 4 }] });
deribit.publicGetGetInstruments = async () => ({
  result: [
    {
      instrument_name: 'BTC-26MAR21-62000-C', kind: 'option', base_currency: 'BTC', quote_currency: 'BTC', counter_currency: 'USD',
      settlement_currency: 'BTC', contract_size: 1, min_trade_amount: 0.1, tick_size: 0.0001,
      tick_size_steps: [{ above_price: 0.005, tick_size: 0.0005 }], settlement_period: 'month', strike: 62000, option_type: 'call',
      is_active: true, instrument_type: 'reversed', price_index: 'btc_usd', creation_timestamp: 1609459200000,
      expiration_timestamp: 1616745600000, rfq: false, maker_commission: 0.0003, taker_commission: 0.0003,
    },
  ],
});
await deribit.loadMarkets();
const [{ symbol }] = Object.values(deribit.markets).filter(({ option }) => option);
let sent;
deribit.privateGetBuy = async (request) => {
  sent = request;
  return { result: { order: {}, trades: [] } };
};
await deribit.createOrder(symbol, 'limit', 'buy', 0.25, 0.0123);
const seen = {
  price: deribit.priceToPrecision(symbol, 0.0123),
  sent: { price: sent.price, amount: sent.amount },
  fee: deribit.calculateFee(symbol, 'limit', 'buy', 1, 0.01, 'taker').cost,
};
console.log(seen);
const described = { price: '0.0123', sent: { price: '0.0123', amount: '0.2' }, fee: 0.000003 };
process.exit(JSON.stringify(seen) === JSON.stringify(described) ? 0 : 1);
JS
node seen.mjs || { echo 'this has changed'; exit 1; }
echo 'as described'
