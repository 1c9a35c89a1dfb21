export type { PathOutcomes } from './hedge-account';
export { frontierJobs, frontierOf } from './frontier';
export type { ApproachRow, FrontierMargin, FrontierPoint, FrontierReport } from './frontier';
export { parseFrontier } from './frontier-config';
export type { FrontierConfig, FrontierPolicy, ParsedFrontier } from './frontier-config';
export { approachCurves, frontierCurves, renderFrontierPage } from './frontier-page';
export { runSharedBlocks, sharedOutcomes, shareSimulation } from './shared-simulation';
export type { SharedSimulation } from './shared-simulation';
export { planSimulation, pnlOf, simulate, summarise } from './simulation';
export type { SimulationJob, SimulationPlan, SimulationResult, Spread } from './simulation';
export { parseSimulation } from './simulation-config';
export type { ParsedSimulation } from './simulation-config';
export type {
  HedgeConfig,
  SimulatedCosts,
  SimulatedOption,
  SimulatedPolicy,
  SimulationConfig,
} from './simulated-world';
export { renderSimulation } from './simulation-report';
