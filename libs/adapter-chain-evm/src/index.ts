export { AccountHost, accountOnRecord, blockToFollowFrom } from './account-host';
export type { AccountPorts, AccountRecord } from './account-host';
export { abiFunction, decodeArguments, encodeArguments, eventTopic } from './abi';
export type { AbiFunction, AbiValue } from './abi';
export { BlockFollower } from './block-follower';
export type { ChainSink, Finality, FollowStep, FollowerSettings, HaltReason } from './block-follower';
export { ChainWatch, nextBaseFee } from './chain-watch';
export type { OpenNonce, Watched } from './chain-watch';
export { InclusionReader } from './inclusions';
export type { BalanceChange, Followed, Inclusion } from './inclusions';
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
export { FileOutbox } from './outbox';
export type { Outbox } from './outbox';
export { poolEventOf } from './pool-logs';
export { privateRelay } from './relay';
export type { PrivateRelay } from './relay';
export { revertReason } from './revert-reason';
export { ChainSender } from './sender';
export type { Broadcast, Way } from './sender';
export { digestSigner, fileSigner, remoteKey } from './signer';
export type { ChainSigner, DigestKey } from './signer';
