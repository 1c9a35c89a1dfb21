export { abiFunction, decodeArguments, encodeArguments, eventTopic } from './abi';
export type { AbiFunction, AbiValue } from './abi';
export { BlockFollower } from './block-follower';
export type { ChainSink, Finality, FollowStep, FollowerSettings, HaltReason } from './block-follower';
export { ChainNode, NodeRefused, NodeSilent } from './json-rpc';
export type { NodeSettings, Refusal } from './json-rpc';
export { anvilBinary, startAnvil } from './local-chain/anvil';
export type { AnvilSettings } from './local-chain/anvil';
export { NO_FAULTS } from './local-chain/faulty-node';
export type { Faults } from './local-chain/faulty-node';
export { LocalChain } from './local-chain/local-chain';
export type { Sending } from './local-chain/local-chain';
export { LocalWorld } from './local-chain/local-world';
export { PoolTraffic, tickOf } from './local-chain/pool-traffic';
export {
  createPool,
  deployTokens,
  deployUniswap,
  fund,
  mintRange,
  read,
  swapData,
} from './local-chain/uniswap';
export type { DeployedPool, LocalSwap, Uniswap } from './local-chain/uniswap';
export { NodeBlocks } from './node-blocks';
export type { BlockHeader, ChainLog } from './node-blocks';
export { poolEventOf } from './pool-logs';
