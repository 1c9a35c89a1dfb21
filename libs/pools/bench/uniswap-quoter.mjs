// The contracts' own quoter as a peer: QuoterV2 on a local chain, asked in batches of 200, by the processor time of the node alone.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { measuredTree, requireMeasured } from '../../../tools/bench-tree.mjs';

const TICKS_A_SECOND = 100; // of the kernel's process times, on every Linux that Node runs on
const BATCH = 200;
const PLENTY = 10n ** 26n;

function childrenOf(pid) {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) => {
    const file = `/proc/${pid}/task/${task}/children`;
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').filter(Boolean) : [];
  });
}

/** Processor seconds of a process so far. */
function processorOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/**
 * The ranges of `open` minted on a local chain, the pool followed from its logs there, and the quoter. Undefined where there is no
 * local chain for this machine, or no process times to read.
 */
export async function quoterPool({ feePips, sqrtPrice, ranges }) {
  if (!existsSync(`/proc/${process.pid}/stat`)) return undefined;
  if (!existsSync(join(measuredTree, 'libs/adapter-chain-evm/dist/index.js'))) return undefined;
  const require = requireMeasured(import.meta.url);
  const evm = require('../../adapter-chain-evm/dist/index.js');
  const { PoolFollower } = require('../dist/index.js');
  if (evm.anvilBinary() === undefined) return undefined;
  const before = new Set(childrenOf(process.pid));
  const chain = await evm.LocalChain.start({ gasLimit: 200_000_000 });
  const [pid] = childrenOf(process.pid).filter((child) => !before.has(child));
  const [owner, provider] = [chain.account(0), chain.account(1)];
  const uniswap = await evm.deployUniswap(chain, owner);
  const tokens = await evm.deployTokens(chain, owner);
  await evm.fund(chain, [provider], tokens, [uniswap.positionManager], PLENTY);
  const deployed = await evm.createPool(chain, uniswap, tokens, feePips, sqrtPrice);
  const hashes = await chain.send(
    ranges.map(({ tickLower, tickUpper, amounts }) =>
      evm.mintRange(uniswap, deployed, provider, [tickLower, tickUpper], amounts),
    ),
  );
  await chain.mine();
  await chain.requireSuccess(hashes);
  const follower = new PoolFollower(deployed);
  const filter = { address: deployed.address, fromBlock: '0x0', toBlock: 'latest' };
  for (const log of await chain.node.call('eth_getLogs', [filter])) {
    const number = Number(log.blockNumber);
    // No quote depends on the time of a block.
    const event = evm.poolEventOf({ ...log, logIndex: Number(log.logIndex) }, { number, time: number });
    if (event !== undefined) follower.apply(event);
  }
  const ask = evm.abiFunction(
    'quoteExactInputSingle((address,address,uint256,uint24,uint160))',
    'uint256,uint160,uint32,uint256',
  );
  const callOf = ({ zeroForOne, amount }) => {
    const [tokenIn, tokenOut] = zeroForOne ? tokens : [tokens[1], tokens[0]];
    const data = ask.encode([tokenIn, tokenOut, amount, BigInt(feePips), 0n]);
    return ['eth_call', [{ to: uniswap.quoter, data }, 'latest']];
  };
  return {
    name: 'QuoterV2 on anvil, processor of the node',
    pool: follower.pool,
    /** What it quotes, and quotes a second of the node's processor. */
    quotes: async (orders) => {
      const started = processorOf(pid);
      const given = [];
      for (let from = 0; from < orders.length; from += BATCH) {
        const answers = await chain.node.batch(orders.slice(from, from + BATCH).map(callOf));
        given.push(...answers.map((answer) => ask.decode(answer)[0]));
      }
      return { given, rate: orders.length / (processorOf(pid) - started) };
    },
    stop: () => chain.stop(),
  };
}
