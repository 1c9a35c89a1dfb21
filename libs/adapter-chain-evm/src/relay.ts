import { quantity } from './hex';
import type { ChainNode } from './json-rpc';

/** Takes transactions past the public pool, where whoever looks could trade ahead of them. */
export interface PrivateRelay {
  readonly name: string;
  /** Answers the hash. After `lastBlock` the relay gives it up; that proves nothing: who has seen the bytes can still send them. */
  send(raw: string, lastBlock?: number): Promise<unknown>;
}

/** A relay that speaks `eth_sendPrivateTransaction`. */
export function privateRelay(node: ChainNode): PrivateRelay {
  return {
    name: node.name,
    send: (raw, lastBlock) => {
      const until = lastBlock === undefined ? {} : { maxBlockNumber: quantity(lastBlock) };
      return node.call('eth_sendPrivateTransaction', [{ tx: raw, ...until }]);
    },
  };
}
