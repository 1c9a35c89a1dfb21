#!/usr/bin/env bash
# Guess: anvil_rollback and anvil_reorg put a local chain back to what it was that many blocks ago, however long it has run.
# Seen (anvil 1.7.1): they do for about a thousand blocks. From then on, who goes back more than ten blocks finds balances and nonces right and
# every contract without its code; calls answer "0x" and no error is given. anvil keeps 500 states, then one less a block down to ten, and
# what it wrote to the disk comes back without code. --preserve-historical-states changes nothing; --prune-history 256 keeps 256 whole.
# What it taught: a local chain that is reorganised in tests is started with --prune-history (libs/adapter-chain-evm/src/local-chain/anvil.ts).
# Needs: node 20, npm; Linux on amd64. Talks to the loopback only, and to the package registry. About 20 s.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent --ignore-scripts @foundry-rs/anvil-linux-amd64@1.7.1
cat >seen.mjs <<'JS'
import { spawn } from 'node:child_process';
const RICH = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266';
const CONTRACT = '0x5fbdb2315678afecb367f032d93f642f64180aa3';
const seen = async (blocks, depth, flags) => {
  const anvil = spawn('node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil', ['--no-mining', '--port', '0', ...flags]);
  const url = await new Promise((resolve) => {
    let said = '';
    anvil.stdout.on('data', (part) => {
      said += part;
      const address = /Listening on (\S+)/.exec(said)?.[1];
      if (address) resolve(`http://${address}`);
    });
  });
  const call = async (method, params = []) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const headers = { 'content-type': 'application/json' };
    return (await (await fetch(url, { method: 'POST', headers, body })).json()).result;
  };
  await call('eth_sendTransaction', [{ from: RICH, data: '0x600160005360016000f3', gas: '0x100000' }]);
  await call('evm_mine');
  for (let block = 0; block < blocks; block += 1) {
    await call('eth_sendTransaction', [{ from: RICH, to: CONTRACT, value: '0x1', gas: '0x7530' }]);
    await call('evm_mine');
  }
  await call('anvil_rollback', [depth]);
  const code = await call('eth_getCode', [CONTRACT, 'latest']);
  anvil.kill('SIGKILL');
  return code;
};
const found = {
  'young, 12 back': await seen(100, 12, []),
  'old, 9 back': await seen(1_100, 9, []),
  'old, 12 back': await seen(1_100, 12, []),
  'old, 12 back, --prune-history 256': await seen(1_100, 12, ['--prune-history', '256']),
};
console.log(JSON.stringify(found));
process.exit(Object.values(found).join() === '0x01,0x01,0x,0x01' ? 0 : 1);
JS
node seen.mjs || { echo 'this has changed'; exit 1; }
echo 'as described'
