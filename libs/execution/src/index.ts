export { parseInstructions } from './algorithms/instructions';
export type { ExecutionInstructions } from './algorithms/instructions';
export type { ChainReport } from './chain-account/chain-report';
export { nextOnChain, observeChain } from './chain-account/decide';
export { isChainAccountEvent } from './chain-account/events';
export type { ChainAccountEvent } from './chain-account/events';
export { evolveChainAccount } from './chain-account/evolve';
export { intendAction, withdrawAction } from './chain-account/intend';
export type { ChainStep, IntendRefusal, WantedAction } from './chain-account/intend';
export { blocksRestedOn, pendingEffects } from './chain-account/queries';
export type { ChainAccount, ChainEffect } from './chain-account/state';
export { signedTransaction, signingHash } from './chain-account/transaction';
export type { Signature, SignedTransaction, UnsignedTransaction } from './chain-account/transaction';
export { carriedExecution } from './carry';
export type { CarryExecution } from './carry';
export { carriedOrder, mayBeReported } from './hedge-order/carry';
export type { BookExecution, ExecutionState, ObservedPrice, VenueAccount } from './execution-state';
export { isHedgeOrderEvent } from './hedge-order/events';
export type { HedgeOrderEvent } from './hedge-order/events';
export { livingOrders } from './execution-state';
export { filledOf, isOpen, isResting, phaseOf, workingOf } from './hedge-order/queries';
export type { OrderPhase } from './hedge-order/queries';
export type { FillStanding, HedgeOrder, OrderFill, PendingAmend } from './hedge-order/state';
export {
  ENGAGEMENTS_MAX,
  withKill,
  engagementOf,
  LATCHES_LOST,
  UNREAD_BOARD,
  confirmed,
  isKillScope,
  isReleased,
  mayTrade,
  scopesOf,
  withEngagement,
  withRelease,
} from './kill-switch';
export type {
  Engagement,
  KillScope,
  Latch,
  LatchBoard,
  Release,
  TradedThing,
  TradingPermission,
} from './kill-switch';
export { UNTOLD, encodeLatchFile, latchFileName, latchOfFile } from './latch-file';
export type { FileLatch } from './latch-file';
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
export { amendOrder, clientOrderIdOf, placeOrder, proposalOf } from './order-placement';
export type { AmendTerms, OrderProposal } from './order-placement';
export {
  needsIndex,
  recallPrices,
  recallTime,
  recallVetting,
  reportBehind,
  wasVettedAt,
} from './market-on-record';
export { budgetLeft, spentOf } from './parent-budget';
export type { ParentBudget } from './parent-budget';
export { CONTROLS, isSoftControl } from './pre-trade/control-table';
export type { Control, ControlName, Hardness } from './pre-trade/control-table';
export { JOURNAL_GAP } from './venue-account/account-watch';
export type { AccountWatch } from './venue-account/account-watch';
export { openAccounts, tradableAt } from './venue-account/open-accounts';
export type { VenueEffect, VenueOrder } from './venue-effect';
export { DEFAULT_HORIZONS, JournalTca } from './tca/journal-tca';
export type { TcaOptions } from './tca/journal-tca';
export { observationsOf } from './tca/observations';
export type { FillObservation, ObservationOptions } from './tca/observations';
export { shortfallOf } from './tca/shortfall';
export type { FillForTca, Shortfall, TradeForTca } from './tca/shortfall';
export { tcaReport } from './tca/tca-report';
export type { MarkoutFigure, ShortfallUsd, TcaGroup, TcaReport, TradeLine } from './tca/tca-report';
export { tcaHtml, tcaText } from './tca/tca-text';
