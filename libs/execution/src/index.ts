export type {
  BookExecution,
  ExecutionState,
  ObservedPrice,
  TradableTerms,
  VenueAccount,
} from './execution-state';
export { isHedgeOrderEvent } from './hedge-order/events';
export type { HedgeOrderEvent } from './hedge-order/events';
export { isOpen, isResting } from './hedge-order/queries';
export type { HedgeOrder, OrderStatus } from './hedge-order/state';
export {
  UNREAD_BOARD,
  confirmed,
  decodeLatch,
  encodeLatch,
  isKillScope,
  mayTrade,
  scopesOf,
  withLatch,
} from './kill-switch';
export type { KillScope, Latch, LatchBoard, TradedThing, TradingPermission } from './kill-switch';
export {
  clientOrderIdOf,
  correlationOf,
  createOrderCore,
  nextTimeout,
  openIntents,
  openOrdersUnder,
  recoveryActions,
  recoveryCancels,
} from './order-core';
export type { OrderCoreConfig, RecoveryAction, VenueEffect, VenueOrder } from './order-core';
