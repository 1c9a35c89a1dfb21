export { parseInstructions } from './algorithms/instructions';
export type { ExecutionInstructions } from './algorithms/instructions';
export { routeSplit } from './routing/split';
export type { RouteAllocation, Routing, RoutingOptions } from './routing/split';
export { costOf } from './routing/route';
export type { DepthLevel, Route, RouteCost, RoutingProblem, VenueHealth, VenueRoom } from './routing/route';
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
  correlationOf,
  nextTimeout,
  openIntents,
  openOrdersUnder,
  recoveryActions,
  recoveryCancels,
} from './open-orders';
export type { RecoveryAction } from './open-orders';
export { createOrderCore } from './order-core';
export type { OrderCoreConfig } from './order-core';
export { clientOrderIdOf } from './order-placement';
export type { VenueEffect, VenueOrder } from './venue-effect';
