// The SDK of Uniswap's authors as a peer. It brings 300 MB of dependencies, so it is installed for the bench alone, at its first run.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from '../../../tools/root.mjs';

const VERSION = '3.31.5';
const folder = join(root, '.evenkeel', 'bench', `uniswap-v3-sdk-${VERSION}`);

function installed() {
  if (!existsSync(join(folder, 'node_modules', '@uniswap', 'v3-sdk', 'package.json'))) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"private":true}\n');
    const exact = ['--save-exact', '--ignore-scripts', '--no-audit', '--no-fund'];
    execFileSync('npm', ['install', ...exact, `@uniswap/v3-sdk@${VERSION}`], {
      cwd: folder,
      stdio: 'ignore',
    });
  }
  return createRequire(join(folder, 'package.json'));
}

/** The pool of a snapshot in the SDK, and what it quotes for exact amounts in. */
export async function sdkPool({ feePips, tickSpacing, sqrtPrice, liquidity, tick, ticks }) {
  const require = installed();
  const { Pool, TickListDataProvider } = require('@uniswap/v3-sdk');
  const { CurrencyAmount, Token } = require('@uniswap/sdk-core');
  const token0 = new Token(1, '0x0000000000000000000000000000000000000001', 18);
  const token1 = new Token(1, '0x0000000000000000000000000000000000000002', 6);
  const listed = ticks.map(({ tick: index, gross, net }) => ({
    index,
    liquidityGross: String(gross),
    liquidityNet: String(net),
  }));
  const provider = new TickListDataProvider(listed, tickSpacing);
  const pool = new Pool(token0, token1, feePips, String(sqrtPrice), String(liquidity), tick, provider);
  const quotes = async (orders) => {
    const given = [];
    for (const { zeroForOne, amount } of orders) {
      const input = CurrencyAmount.fromRawAmount(zeroForOne ? token0 : token1, String(amount));
      const [output] = await pool.getOutputAmount(input);
      given.push(BigInt(String(output.quotient)));
    }
    return given;
  };
  return { name: `@uniswap/v3-sdk ${VERSION} getOutputAmount`, quotes };
}
