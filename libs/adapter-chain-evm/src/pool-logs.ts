import type { PoolEvent } from '@evenkeel/pools';
import { eventTopic } from './abi';
import { unreadable } from './hex';
import type { BlockHeader, ChainLog } from './node-blocks';

type Read = (words: Words) => PoolEventBody;
type PoolEventBody = PoolEvent extends infer Event
  ? Event extends PoolEvent
    ? Omit<Event, 'block' | 'time' | 'logIndex'>
    : never
  : never;

/** The events of a Uniswap v3 pool. All their fields are words of 32 bytes, so they are read as such: a hundred times quicker than by an ABI. */
const EVENTS: ReadonlyMap<string, Read> = new Map(
  (
    [
      [
        'Initialize(uint160,int24)',
        (words) => ({ kind: 'initialize', sqrtPrice: words.unsigned(0), tick: words.count(1) }),
      ],
      [
        'Mint(address,address,int24,int24,uint128,uint256,uint256)',
        // The first word is who paid.
        (words) => ({ kind: 'mint', ...range(words), liquidity: words.unsigned(1), ...amounts(words, 2) }),
      ],
      [
        'Burn(address,int24,int24,uint128,uint256,uint256)',
        (words) => ({ kind: 'burn', ...range(words), liquidity: words.unsigned(0), ...amounts(words, 1) }),
      ],
      [
        'Collect(address,address,int24,int24,uint128,uint128)',
        // The first word is who was paid.
        (words) => ({ kind: 'collect', ...range(words), ...amounts(words, 1) }),
      ],
      [
        'Swap(address,address,int256,int256,uint160,uint128,int24)',
        (words) => ({
          kind: 'swap',
          amount0: words.signed(0),
          amount1: words.signed(1),
          sqrtPrice: words.unsigned(2),
          liquidity: words.unsigned(3),
          tick: words.count(4),
        }),
      ],
      [
        'Flash(address,address,uint256,uint256,uint256,uint256)',
        (words) => ({ kind: 'flash', paid0: words.unsigned(2), paid1: words.unsigned(3) }),
      ],
      [
        'SetFeeProtocol(uint8,uint8,uint8,uint8)',
        (words) => ({ kind: 'setFeeProtocol', feeProtocol0: words.count(2), feeProtocol1: words.count(3) }),
      ],
      [
        'CollectProtocol(address,address,uint128,uint128)',
        (words) => ({ kind: 'collectProtocol', ...amounts(words, 0) }),
      ],
      [
        'IncreaseObservationCardinalityNext(uint16,uint16)',
        (words) => ({ kind: 'increaseObservationCardinality', cardinalityNext: words.count(1) }),
      ],
    ] satisfies [string, Read][]
  ).map(([signature, read]) => [eventTopic(signature), read]),
);

/** The event of a pool's log; undefined for a log that is none of a pool's. Throws `CHAIN.UNREADABLE_ANSWER` for one cut short. */
export function poolEventOf(log: ChainLog, { number, time }: BlockHeader): PoolEvent | undefined {
  const [topic = ''] = log.topics;
  const read = EVENTS.get(topic);
  if (read === undefined) return undefined;
  return { ...read(new Words(log)), block: number, time, logIndex: log.logIndex };
}

function range(words: Words): { owner: string; tickLower: number; tickUpper: number } {
  return { owner: words.topicAddress(1), tickLower: words.topicTick(2), tickUpper: words.topicTick(3) };
}

function amounts(words: Words, from: number): { amount0: bigint; amount1: bigint } {
  return { amount0: words.unsigned(from), amount1: words.unsigned(from + 1) };
}

const WORD_DIGITS = 64;
const ADDRESS_DIGITS = 40;

class Words {
  constructor(private readonly log: ChainLog) {}

  unsigned(index: number): bigint {
    return BigInt(`0x${this.word(index)}`);
  }

  signed(index: number): bigint {
    return BigInt.asIntN(256, this.unsigned(index));
  }

  count(index: number): number {
    return Number(this.signed(index));
  }

  topicAddress(index: number): string {
    return `0x${this.topic(index).slice(-ADDRESS_DIGITS)}`;
  }

  topicTick(index: number): number {
    return Number(BigInt.asIntN(256, BigInt(this.topic(index))));
  }

  private topic(index: number): string {
    const topic = this.log.topics[index];
    if (topic === undefined) throw unreadable(`topic ${index} of a pool's log`);
    return topic;
  }

  private word(index: number): string {
    const from = 2 + index * WORD_DIGITS;
    const word = this.log.data.slice(from, from + WORD_DIGITS);
    if (word.length < WORD_DIGITS) throw unreadable(`word ${index} of a pool's log`);
    return word;
  }
}
