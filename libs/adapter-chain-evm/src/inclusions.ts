import { OperationalError, required } from '@evenkeel/kernel';
import { field } from './json-rpc';
import type { Call, ChainNode } from './json-rpc';
import { NodeRefused } from './json-rpc';
import { quantity, readCount, readHex, readQuantity, unreadable } from './hex';
import { readLogs } from './node-blocks';
import type { ChainLog } from './node-blocks';
import { revertReason } from './revert-reason';
import { ERC20, TRANSFER } from './token';

/** Units of a token before and after one transaction; the coin has the empty name, and its gas is among the difference. */
export interface BalanceChange {
  readonly token: string;
  readonly before: bigint;
  readonly after: bigint;
}

/** A transaction of ours in a block of the followed chain. */
export interface Inclusion {
  readonly hash: string;
  readonly block: { readonly number: number; readonly hash: string };
  /** Of the block, seconds since 1970 by the chain's clock. */
  readonly time: number;
  /** Place in the block. */
  readonly index: number;
  readonly nonce: number;
  readonly gasUsed: number;
  /** Wei a unit. */
  readonly gasPrice: bigint;
  /** Undefined where it did what it should; else why it failed: `OUT_OF_GAS`, the contract's word, or `NO_REASON`. */
  readonly reverted: string | undefined;
  readonly balances: readonly BalanceChange[];
}

/** Whether a block is of the followed chain. */
export interface Followed {
  holds(block: { readonly number: number; readonly hash: string }): boolean | undefined;
}

interface Receipt {
  readonly hash: string;
  readonly block: { readonly number: number; readonly hash: string };
  readonly time: number;
  readonly index: number;
  readonly gasUsed: number;
  readonly gasPrice: bigint;
  readonly failed: boolean;
  readonly logs: readonly ChainLog[];
  readonly sent: Sent;
}

interface Sent {
  readonly to: string;
  readonly data: string;
  readonly nonce: number;
  readonly value: bigint;
  readonly gasLimit: number;
}

/** Each call keeps a 64th of its gas for itself (EIP-150), so one that runs out four calls deep leaves about four of them unused. */
const CALL_GAS_PARTS = 64;
const CALLS_DEEP = 4;

/** Reads what became of transactions of one account. A node's word counts where the followed chain has the block. */
export class InclusionReader {
  constructor(
    private readonly nodes: readonly ChainNode[],
    private readonly chain: Followed,
    private readonly account: string,
  ) {}

  /** Those of these transactions that are included, in the order of the chain. What is not among them may still wait, or be lost. */
  async read(hashes: readonly string[], tokens: readonly string[]): Promise<Inclusion[]> {
    const found = (await Promise.all(hashes.map((hash) => this.receipt(hash)))).filter(
      (receipt) => receipt !== undefined,
    );
    found.sort(
      (a, b) => a.receipt.block.number - b.receipt.block.number || a.receipt.index - b.receipt.index,
    );
    const included: Inclusion[] = [];
    for (const { node, receipt } of found) {
      const beside = found.filter((one) => one.receipt.block.hash === receipt.block.hash);
      const balances = await this.balances(
        node,
        receipt,
        beside.map((one) => one.receipt),
        tokens,
      );
      const { hash, block, time, index, gasUsed, gasPrice, sent } = receipt;
      const reverted = receipt.failed ? await this.whyFailed(node, receipt) : undefined;
      included.push({ hash, block, time, index, nonce: sent.nonce, gasUsed, gasPrice, reverted, balances });
    }
    return included;
  }

  /** How many nonces the account has used at a block of the chain. */
  async noncesAt(block: number): Promise<number> {
    const counts = await Promise.all(
      this.nodes.map(async (node) =>
        readCount(await node.call('eth_getTransactionCount', [this.account, quantity(block)])),
      ),
    );
    return Math.min(...counts);
  }

  private async receipt(hash: string): Promise<{ node: ChainNode; receipt: Receipt } | undefined> {
    for (const node of this.nodes) {
      const [receipt, transaction] = await node.batch([
        ['eth_getTransactionReceipt', [hash]],
        ['eth_getTransactionByHash', [hash]],
      ]);
      if (receipt === null || transaction === null) continue;
      const read = readReceipt(receipt, transaction);
      // Libraries answer with the receipt of whatever replaced it; a node may know a block that we do not follow.
      const time = read.hash === hash ? await this.timeOf(read.block) : undefined;
      if (time !== undefined) return { node, receipt: { ...read, time } };
    }
    return undefined;
  }

  /** When the block was made, if it is of the chain; of one older than the follower remembers, both nodes must say so. */
  private async timeOf(block: {
    readonly number: number;
    readonly hash: string;
  }): Promise<number | undefined> {
    const held = this.chain.holds(block);
    if (held === false) return undefined;
    const asked = held === true ? this.nodes.slice(0, 1) : this.nodes;
    const there = await Promise.all(
      asked.map((node) => node.call('eth_getBlockByNumber', [quantity(block.number), false])),
    );
    const same = there.every((one) => field(one, 'hash') === block.hash);
    return same ? readCount(field(there[0], 'timestamp')) : undefined;
  }

  private async balances(
    node: ChainNode,
    receipt: Receipt,
    beside: readonly Receipt[],
    tokens: readonly string[],
  ): Promise<BalanceChange[]> {
    const { number } = receipt.block;
    const held = async (block: number): Promise<bigint[]> => {
      const at = quantity(block);
      const calls = tokens.map((to): Call => {
        return ['eth_call', [{ to, data: ERC20.balanceOf.encode(this.account) }, at]];
      });
      const [coin, ...rest] = await node.batch([['eth_getBalance', [this.account, at]], ...calls]);
      return [
        readQuantity(coin),
        ...rest.map((one) => BigInt(String(ERC20.balanceOf.decode(readHex(one))[0]))),
      ];
    };
    const [before, after] = [await held(number - 1), await held(number)];
    const moved = await this.moved(node, receipt.block.hash, tokens);
    return ['', ...tokens].map((token, at): BalanceChange => {
      const start = required(before[at], 'a balance');
      const whole = required(after[at], 'a balance') - start;
      const own = (one: Receipt): bigint =>
        token === '' ? coinOf(one) : netOf(one.logs, token, this.account);
      const told =
        token === '' ? beside.reduce((sum, one) => sum + own(one), 0n) : netOf(moved, token, this.account);
      if (told === whole) {
        const earlier = beside
          .filter(({ index }) => index < receipt.index)
          .reduce((sum, one) => sum + own(one), 0n);
        return { token, before: start + earlier, after: start + earlier + own(receipt) };
      }
      // What logs tell is not what arrived (a fee on transfer, coin from a contract). Alone in its block, the difference is its doing.
      const others = beside.length > 1 || (token !== '' && hasOthers(moved, receipt, token));
      if (others) throw unexplained(receipt.hash, token);
      return { token, before: start, after: start + whole };
    });
  }

  /** Transfers of the block from and to the account. */
  private async moved(node: ChainNode, blockHash: string, tokens: readonly string[]): Promise<ChainLog[]> {
    if (tokens.length === 0) return [];
    const logs = readLogs(await node.call('eth_getLogs', [{ blockHash, address: tokens }]));
    return logs.filter((log) => isOf(log, this.account));
  }

  /** The node's trace where it keeps one; else the call is made again on the state before its block, then after it. */
  private async whyFailed(node: ChainNode, { hash, block, gasUsed, sent }: Receipt): Promise<string> {
    if (gasUsed * CALL_GAS_PARTS >= sent.gasLimit * (CALL_GAS_PARTS - CALLS_DEEP)) return 'OUT_OF_GAS';
    const traced = await node
      .call('debug_traceTransaction', [hash, { tracer: 'callTracer' }])
      .then((trace) => field(trace, 'output'))
      .catch(unlessSilent);
    if (typeof traced === 'string' && traced.length > 2) return revertReason(readHex(traced));
    const { to, data, value } = sent;
    const request = { from: this.account, to, data, value: quantity(value) };
    for (const at of [block.number - 1, block.number]) {
      const again = await node.call('eth_call', [request, quantity(at)]).catch(unlessSilent);
      if (again instanceof NodeRefused && again.revertData !== undefined)
        return revertReason(again.revertData);
    }
    return 'NO_REASON';
  }
}

/** A refusal is an answer; no answer is none. */
function unlessSilent(error: unknown): NodeRefused {
  if (error instanceof NodeRefused) return error;
  throw error;
}

function readReceipt(receipt: unknown, transaction: unknown): Omit<Receipt, 'time'> {
  const status = readQuantity(field(receipt, 'status'));
  const to = field(transaction, 'to');
  if (typeof to !== 'string') throw unreadable('the receiver of a transaction');
  return {
    hash: readHex(field(receipt, 'transactionHash'), 32),
    block: {
      number: readCount(field(receipt, 'blockNumber')),
      hash: readHex(field(receipt, 'blockHash'), 32),
    },
    index: readCount(field(receipt, 'transactionIndex')),
    gasUsed: readCount(field(receipt, 'gasUsed')),
    gasPrice: readQuantity(field(receipt, 'effectiveGasPrice')),
    failed: status === 0n,
    logs: readLogs(field(receipt, 'logs')),
    sent: {
      to: readHex(to, 20),
      data: readHex(field(transaction, 'input')),
      nonce: readCount(field(transaction, 'nonce')),
      value: readQuantity(field(transaction, 'value')),
      gasLimit: readCount(field(transaction, 'gas')),
    },
  };
}

/** Gas and what was sent along; what a contract sends back shows in the balance alone. */
function coinOf({ gasUsed, gasPrice, failed, sent }: Receipt): bigint {
  return -(BigInt(gasUsed) * gasPrice) - (failed ? 0n : sent.value);
}

const topicOf = (account: string): string => `0x${account.slice(2).padStart(64, '0')}`;

function isOf(log: ChainLog, account: string): boolean {
  const [topic, from, to] = log.topics;
  return topic === TRANSFER && (from === topicOf(account) || to === topicOf(account));
}

/** What transfers of the token brought the account, less what they took, as its logs tell. */
function netOf(logs: readonly ChainLog[], token: string, account: string): bigint {
  const own = logs.filter((log) => log.address === token && isOf(log, account));
  return own.reduce((sum, { topics, data }) => {
    const amount = BigInt(data);
    const arrived = topics[2] === topicOf(account) ? amount : 0n;
    return sum + arrived - (topics[1] === topicOf(account) ? amount : 0n);
  }, 0n);
}

function hasOthers(moved: readonly ChainLog[], receipt: Receipt, token: string): boolean {
  return moved.some((log) => log.address === token && log.transactionHash !== receipt.hash);
}

function unexplained(hash: string, token: string): OperationalError {
  return new OperationalError({
    code: 'CHAIN.BALANCE_UNEXPLAINED',
    message: `what ${hash} did to ${token === '' ? 'the coin' : token} cannot be told from others in its block`,
  });
}
