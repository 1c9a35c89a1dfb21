#!/usr/bin/env bash
# Guess: ccxt's `contractSize` of an OKX option is what one contract is of, 0.01 BTC, as OKX says it: ctVal 1 times ctMult 0.01. The
# cost of a trade is then contracts × size × price.
# Seen (ccxt 4.5.84): contractSize is ctVal alone, 1 BTC, a hundred times too much, and no field but the raw `info` has ctMult. The option
# being "inverse", as a future is, its cost is contracts × size / price: 85 contracts at 0.001 BTC, which cost 0.00085 BTC, are
# told as 85000, by parseTrade and by parseOrder.
# What it taught: a contract is ctVal × ctMult (libs/instruments/src/terms/okx.ts), and what a premium is paid in is a fact of the option
# of its own, never derived from its coin being what it settles in (libs/instruments/src/contract/premium.ts).
# Needs: node 20, npm. Installs into a temporary folder; talks to the package registry only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent --ignore-scripts -E ccxt@4.5.84
cat >seen.mjs <<'JS'
import ccxt from 'ccxt';
const okx = new ccxt.okx();
const instId = 'BTC-USD-220325-40000-C';
const market = okx.parseMarket({
  alias: '', baseCcy: '', category: '1', ctMult: '0.01', ctType: '', ctVal: '1', ctValCcy: 'BTC', expTime: '1648195200000', instId,
  instType: 'OPTION', lever: '', listTime: '1631262612280', lotSz: '1', minSz: '1', optType: 'C', quoteCcy: '', settleCcy: 'BTC',
  state: 'live', stk: '40000', tickSz: '0.0005', uly: 'BTC-USD',
});
okx.setMarkets([market]);
const trade = okx.parseTrade({ instId, tradeId: '81', px: '0.001', sz: '85', side: 'buy', ts: '1646138219181' });
const order = okx.parseOrder({
  accFillSz: '85', avgPx: '0.001', cTime: '1646138219181', uTime: '1646138219181', category: 'normal', ccy: '', clOrdId: '', fee: '-0.0001',
  feeCcy: 'BTC', fillPx: '0.001', fillSz: '85', fillTime: '1646138219181', instId, instType: 'OPTION', ordId: '1', ordType: 'limit',
  px: '0.001', pxUsd: '', pxVol: '', side: 'buy', state: 'filled', sz: '85', tdMode: 'cross', tgtCcy: '', lever: '',
});
const seen = { contractSize: market.contractSize, inverse: market.inverse, trade: trade.cost, order: order.cost };
console.log(seen);
process.exit(JSON.stringify(seen) === '{"contractSize":1,"inverse":true,"trade":85000,"order":85000}' ? 0 : 1);
JS
node seen.mjs || { echo 'this has changed'; exit 1; }
echo 'as described'
