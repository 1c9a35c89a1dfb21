#!/usr/bin/env bash
# Guess: one field of a library that makes venues alike has one unit: implied volatilities of Deribit and OKX come out on one scale, and
# so do their Greeks. Both venues' options are settled in coin.
# Seen (ccxt 4.5.84, parseGreeks; tardis-dev 13.35.3, normalizeOptionsSummary): each hands on what its venue says. Deribit's volatility
# comes out as 67.7, OKX's as 0.779. OKX's delta is the one in coin, which lacks the premium in coin (0.19757), although the
# message holds Black and Scholes' too (deltaBS, 0.20383); Deribit's is Black and Scholes'. Vega and theta are in dollars from Deribit
# and in coin from OKX: 20.05 beside 0.0002.
# What it taught: the unit of a volatility is the format's, never the field's name (PER_CENT in libs/market/src/import/formats/tardis.ts);
# Greeks of a venue are not imported, ours come from the one kernel.
# Needs: node 20, npm. Installs into a temporary folder; talks to the package registry only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent --ignore-scripts -E ccxt@4.5.84 tardis-dev@13.35.3
cat >seen.mjs <<'JS'
import ccxt from 'ccxt';
import tardis from 'tardis-dev';
const ticker = {
  instrument_name: 'BTC-30SEP22-60000-C', state: 'open', timestamp: 1654161839367, stats: { volume: 16.7, price_change: -18.1818, low: 0.009, high: 0.011 },
  underlying_price: 30220.5, underlying_index: 'BTC-30SEP22', index_price: 29939.43, estimated_delivery_price: 29939.43,
  settlement_price: 0.01, open_interest: 1767.5, min_price: 0.0001, max_price: 0.038, last_price: 0.009, interest_rate: 0,
  mark_price: 0.0084, mark_iv: 67.7, bid_iv: 67.16, best_bid_price: 0.008, best_bid_amount: 2.8, ask_iv: 68.65, best_ask_price: 0.009,
  best_ask_amount: 18.5, greeks: { vega: 20.05335, theta: -5.65962, rho: 4.91491, gamma: 0.00001, delta: 0.05785 },
};
const summary = {
  instType: 'OPTION', instId: 'ETH-USD-211222-4000-C', uly: 'ETH-USD', delta: '0.1975745164', gamma: '4.7290833601', vega: '0.0002005415',
  theta: '-0.004262964', lever: '162.472613953', markVol: '0.7794507758', bidVol: '0.7421960156', askVol: '0.8203208593', realVol: '',
  deltaBS: '0.2038286081', gammaBS: '0.0013437829', thetaBS: '-16.4798150221', vegaBS: '0.7647227087', ts: '1640001659301',
};
const named = (iv, { delta, vega }) => ({ iv, delta, vega });
const ofCcxt = (greeks) => named(greeks.markImpliedVolatility, greeks);
const at = new Date('2022-06-02T09:24:00Z');
const ofTardis = (exchange, message) => {
  const [said] = [...tardis.normalizeOptionsSummary(exchange, at).map(message, at)];
  return named(said.markIV, said);
};
const seen = {
  'ccxt deribit': ofCcxt(new ccxt.deribit().parseGreeks(ticker)),
  'ccxt okx': ofCcxt(new ccxt.okx().parseGreeks(summary)),
  'tardis-dev deribit': ofTardis('deribit', { jsonrpc: '2.0', method: 'subscription', params: { channel: 'ticker.BTC-30SEP22-60000-C.raw', data: ticker } }),
  'tardis-dev okex-options': ofTardis('okex-options', { arg: { channel: 'opt-summary', uly: 'ETH-USD' }, data: [summary] }),
};
console.log(seen);
const deribit = JSON.stringify({ iv: 67.7, delta: 0.05785, vega: 20.05335 });
const okx = JSON.stringify({ iv: 0.7794507758, delta: 0.1975745164, vega: 0.0002005415 });
process.exit(Object.values(seen).map((one) => JSON.stringify(one)).join() === [deribit, okx, deribit, okx].join() ? 0 : 1);
JS
node seen.mjs || { echo 'this has changed'; exit 1; }
echo 'as described'
