import { field } from './json-rpc';
import type { Call, ChainNode } from './json-rpc';
import { quantity, readCount, readHex, readQuantity, unreadable } from './hex';

export interface BlockHeader {
  readonly number: number;
  readonly hash: string;
  readonly parentHash: string;
  /** Seconds since 1970, by the chain's clock. */
  readonly time: number;
  /** Wei a unit of gas, burnt. */
  readonly baseFee: bigint;
  readonly gasUsed: number;
  readonly gasLimit: number;
}

export interface ChainLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  /** Place in the block. */
  readonly logIndex: number;
  readonly transactionHash: string;
}

/** Blocks and logs as one node knows them. */
export class NodeBlocks {
  constructor(private readonly node: ChainNode) {}

  get name(): string {
    return this.node.name;
  }

  async head(): Promise<BlockHeader> {
    const head = readHeader(await this.node.call('eth_getBlockByNumber', ['latest', false]));
    if (head === undefined) throw unreadable('the latest block');
    return head;
  }

  /** The newest block that the node calls final; undefined where it calls none so. */
  async finalized(): Promise<BlockHeader | undefined> {
    return readHeader(await this.node.call('eth_getBlockByNumber', ['finalized', false]));
  }

  async at(number: number): Promise<BlockHeader | undefined> {
    return readHeader(await this.node.call('eth_getBlockByNumber', [quantity(number), false]));
  }

  /** From the first to the last, as far as the node has them. */
  async between(first: number, last: number): Promise<BlockHeader[]> {
    const calls: Call[] = [];
    for (let number = first; number <= last; number += 1)
      calls.push(['eth_getBlockByNumber', [quantity(number), false]]);
    const blocks = (await this.node.batch(calls)).map(readHeader);
    const missing = blocks.indexOf(undefined);
    return blocks.slice(0, missing < 0 ? undefined : missing).filter((block) => block !== undefined);
  }

  /** The logs of each block, asked for by its hash, so that they are those of no other. */
  async logs(blocks: readonly BlockHeader[], addresses: readonly string[]): Promise<ChainLog[][]> {
    if (addresses.length === 0) return blocks.map(() => []);
    const calls = blocks.map(({ hash }): Call => ['eth_getLogs', [{ blockHash: hash, address: addresses }]]);
    return (await this.node.batch(calls)).map(readLogs);
  }
}

function readHeader(value: unknown): BlockHeader | undefined {
  if (value === null) return undefined;
  return {
    number: readCount(field(value, 'number')),
    hash: readHex(field(value, 'hash'), 32),
    parentHash: readHex(field(value, 'parentHash'), 32),
    time: readCount(field(value, 'timestamp')),
    baseFee: readQuantity(field(value, 'baseFeePerGas')),
    gasUsed: readCount(field(value, 'gasUsed')),
    gasLimit: readCount(field(value, 'gasLimit')),
  };
}

/** In the order of the block. */
export function readLogs(value: unknown): ChainLog[] {
  if (!Array.isArray(value)) throw unreadable('a list of logs');
  return value.map(readLog).sort((a, b) => a.logIndex - b.logIndex);
}

function readLog(value: unknown): ChainLog {
  const topics = field(value, 'topics');
  if (!Array.isArray(topics)) throw unreadable('the topics of a log');
  return {
    address: readHex(field(value, 'address'), 20),
    topics: topics.map((topic) => readHex(topic, 32)),
    data: readHex(field(value, 'data')),
    logIndex: readCount(field(value, 'logIndex')),
    transactionHash: readHex(field(value, 'transactionHash'), 32),
  };
}
