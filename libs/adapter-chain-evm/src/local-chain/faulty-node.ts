import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { required } from '@evenkeel/kernel';
import type { Random } from '@evenkeel/kernel';
import { field } from '../json-rpc';
import type { ChainNode } from '../json-rpc';
import { quantity, readCount, readHex, readQuantity } from '../hex';
import { readWaiting } from './waiting-pool';
import type { WaitingPool } from './waiting-pool';

/** Parts of 1. */
export interface Faults {
  /** The connection ends before the call reaches the node. */
  readonly lostBefore: number;
  /** The node did it; the connection ends before it says so. */
  readonly lostAfter: number;
  /** A raw transaction that was sent earlier is sent again by somebody. */
  readonly replayed: number;
}

export const NO_FAULTS: Faults = { lostBefore: 0, lostAfter: 0, replayed: 0 };

interface Known {
  readonly block: unknown;
  readonly hash: string;
}

const KEPT_BLOCKS = 512;
const BLOCK_TAGS = new Set(['latest', 'pending', 'safe', 'finalized']);

/** A node as somebody out there runs it, in front of the local one: it loses calls, has a pool by geth's rules, and can lag. */
export class FaultyNode {
  faults: Faults = NO_FAULTS;
  private server: Server | undefined;
  /** Block by number, as this node has them. */
  private readonly blocks = new Map<number, Known>();
  /** Logs of the blocks that it has or had, by hash. */
  private readonly logs = new Map<string, unknown>();
  private height = -1;
  private readonly sent: string[] = [];

  constructor(
    private readonly behind: ChainNode,
    private readonly pool: WaitingPool,
    private readonly random: Random,
    /** Where private transactions wait: no node tells of them. */
    private readonly hidden: WaitingPool,
  ) {}

  async listen(): Promise<string> {
    const server = createServer((request, response) => void this.handle(request, response));
    this.server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo; // it listens on a port
    return `http://127.0.0.1:${port}/v3/${'k'.repeat(32)}`;
  }

  async close(): Promise<void> {
    const { server } = this;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  /** Takes over the chain as it is now, but for its newest `lag` blocks. A node that is not told stays where it was. */
  async sync(lag = 0): Promise<void> {
    const target = readCount(await this.behind.call('eth_blockNumber')) - lag;
    let number = Math.min(target, this.height);
    // What it has may be of a branch that is gone.
    while (number >= 0 && !(await this.has(number))) number -= 1;
    for (number = Math.max(number + 1, target - KEPT_BLOCKS); number <= target; number += 1)
      await this.learn(number);
    this.height = target;
  }

  private async has(number: number): Promise<boolean> {
    const there = await this.behind.call('eth_getBlockByNumber', [quantity(number), false]);
    return this.blocks.get(number)?.hash === field(there, 'hash');
  }

  private async learn(number: number): Promise<void> {
    const block = await this.behind.call('eth_getBlockByNumber', [quantity(number), false]);
    const hash = readHex(field(block, 'hash'), 32);
    if (this.blocks.get(number)?.hash === hash) return;
    this.blocks.set(number, { block, hash });
    this.blocks.delete(number - KEPT_BLOCKS);
    this.logs.set(hash, await this.behind.call('eth_getLogs', [{ blockHash: hash }]));
    if (this.logs.size > KEPT_BLOCKS) this.logs.delete(required([...this.logs.keys()][0], 'the oldest'));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer); // a request's stream is of bytes
    if (this.random.next() < this.faults.lostBefore) return void response.destroy();
    const body = JSON.parse(Buffer.concat(parts).toString('utf8')) as unknown;
    const answer = Array.isArray(body)
      ? await Promise.all(body.map((one) => this.answer(one)))
      : await this.answer(body);
    if (this.random.next() < this.faults.lostAfter) return void response.destroy();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  private async answer(call: unknown): Promise<unknown> {
    const id = field(call, 'id');
    const method = String(field(call, 'method'));
    const params = (field(call, 'params') ?? []) as readonly unknown[]; // our own client sends a list
    try {
      return { jsonrpc: '2.0', id, result: await this.result(method, params) };
    } catch (error) {
      const data = field(error, 'revertData');
      const message = error instanceof Refused ? error.message : String(field(error, 'refusal') ?? 'failed');
      const refused = { code: -32_000, message: message.replaceAll('_', ' ').toLowerCase() };
      return { jsonrpc: '2.0', id, error: data === undefined ? refused : { ...refused, code: 3, data } };
    }
  }

  private result(method: string, params: readonly unknown[]): Promise<unknown> | unknown {
    switch (method) {
      case 'eth_blockNumber':
        return quantity(this.height);
      case 'eth_getBlockByNumber':
        return this.blockAt(params[0]);
      case 'eth_getLogs':
        return this.logsOf(params[0]);
      case 'eth_sendRawTransaction':
        return this.send(String(params[0]));
      case 'eth_sendPrivateTransaction':
        return this.send(String(field(params[0], 'tx')), this.hidden);
      case 'eth_getTransactionCount':
        return this.count(String(params[0]).toLowerCase(), params[1]);
      case 'eth_getTransactionByHash':
        return this.waiting(String(params[0])) ?? this.unlessAhead(method, params);
      case 'eth_getTransactionReceipt':
        return this.unlessAhead(method, params);
      default:
        return this.behind.call(
          method,
          params.map((one) => (one === 'latest' ? quantity(this.height) : one)),
        );
    }
  }

  private waiting(hash: string): unknown {
    const found = this.pool.get(hash);
    if (found === undefined) return undefined;
    return { hash, from: found.from, nonce: quantity(found.nonce), blockNumber: null };
  }

  /** By tag or number, as far as this node is. */
  private async blockAt(tag: unknown): Promise<unknown> {
    if (typeof tag === 'string' && !BLOCK_TAGS.has(tag))
      return this.blocks.get(readCount(tag))?.block ?? null;
    const newest = this.blocks.get(this.height)?.block ?? null;
    if (tag === 'latest' || tag === 'pending') return newest;
    const there = await this.behind.call('eth_getBlockByNumber', [tag, false]);
    const number = Math.min(this.height, readCount(field(there, 'number')));
    return this.blocks.get(number)?.block ?? null;
  }

  private logsOf(filter: unknown): unknown {
    const logs = this.logs.get(String(field(filter, 'blockHash')));
    if (!Array.isArray(logs)) throw new Refused('unknown block');
    const wanted = field(filter, 'address');
    const addresses = (Array.isArray(wanted) ? wanted : [wanted]).map((one) => String(one).toLowerCase());
    return logs.filter((log) => addresses.includes(String(field(log, 'address')).toLowerCase()));
  }

  private async unlessAhead(method: string, params: readonly unknown[]): Promise<unknown> {
    const found = await this.behind.call(method, params);
    const number = field(found, 'blockNumber');
    return typeof number === 'string' && readCount(number) > this.height ? null : found;
  }

  private async send(raw: string, pool = this.pool): Promise<string> {
    const transaction = readWaiting(raw);
    if (transaction === undefined) throw new Refused('transaction type not supported');
    await this.admit(raw, pool);
    if (pool === this.hidden) return transaction.hash;
    if (this.sent.length > 0 && this.random.next() < this.faults.replayed) {
      const again = required(
        this.sent[Math.floor(this.random.next() * this.sent.length)],
        'one sent earlier',
      );
      await this.admit(again, pool).catch(() => undefined);
    }
    this.sent.push(raw);
    return transaction.hash;
  }

  private async admit(raw: string, pool: WaitingPool): Promise<void> {
    const transaction = required(readWaiting(raw), 'a transaction that was read before');
    const { from } = transaction;
    const [nonce, balance] = await this.behind.batch([
      ['eth_getTransactionCount', [from, 'latest']],
      ['eth_getBalance', [from, 'latest']],
    ]);
    const state = { nonce: readCount(nonce), balance: readQuantity(balance) };
    const why = pool.add(transaction, state);
    if (why !== undefined) throw new Refused(why);
  }

  private async count(account: string, tag: unknown): Promise<string> {
    const at = tag === 'latest' || tag === 'pending' ? quantity(this.height) : tag;
    const nonce = readCount(await this.behind.call('eth_getTransactionCount', [account, at]));
    return quantity(tag === 'pending' ? this.pool.pendingNonce(account, nonce) : nonce);
  }
}

class Refused extends Error {}
