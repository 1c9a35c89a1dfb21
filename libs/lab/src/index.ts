export { digestOf, runInProcess } from './in-process-run';
export type { LabRun, LabRunOptions, PolicyChange } from './in-process-run';
export { interestOf } from './market-source';
export type { RecordedMarket } from './market-source';
export { comparisonText, renderComparison, renderComparisonPage } from './compare/comparison-report';
export type { BookComparison, Comparison, FitRecord } from './compare/comparison-report';
export { outcomesOf } from './compare/compare-policies';
export type { OutcomeRequest } from './compare/compare-policies';
export { frontierChart } from './compare/frontier-chart';
export type { HedgeOutcome, HourlyPoint } from './compare/hedge-outcome';
export { policyName, yardstickText } from './compare/yardstick-text';
export type { PolicyRun } from './compare/yardstick-text';
export { metricsOf } from './compare/policy-metrics';
export type { MetricsOptions, NamedOutcomes, PolicyMetrics } from './compare/policy-metrics';
export { changesOfFolds, chooseByPast, variantsOf } from './compare/walk-forward';
export type { FittedPolicy, Fold, ParameterGrid } from './compare/walk-forward';
export { multiGreekEvidence } from './evidence/multi-greek-evidence';
export type { EvidenceOptions, EvidenceRow, MultiGreekEvidence } from './evidence/multi-greek-evidence';
export { runScenario } from './scenarios/run-scenario';
export type { ExpectationResult, ScenarioOptions, ScenarioResult } from './scenarios/run-scenario';
export { parseScenarioFile } from './scenarios/scenario-file';
export type { Expectation, ScenarioFile, Shock } from './scenarios/scenario-file';
export { shockedTape } from './scenarios/shocked-tape';
export type { PathOutcomes } from './simulate/hedge-account';
export { frontierJobs, frontierOf } from './simulate/frontier';
export type { ApproachRow, FrontierMargin, FrontierPoint, FrontierReport } from './simulate/frontier';
export { parseFrontier } from './simulate/frontier-config';
export type { FrontierConfig, FrontierPolicy, ParsedFrontier } from './simulate/frontier-config';
export { approachCurves, frontierCurves, renderFrontierPage } from './simulate/frontier-page';
export { outcomeBytes, outcomesIn, planSimulation, pnlOf, simulate, summarise } from './simulate/simulation';
export type { SimulationJob, SimulationPlan, SimulationResult, Spread } from './simulate/simulation';
export { parseSimulation } from './simulate/simulation-config';
export type { ParsedSimulation } from './simulate/simulation-config';
export type {
  HedgeConfig,
  SimulatedCosts,
  SimulatedOption,
  SimulatedPolicy,
  SimulationConfig,
} from './simulate/simulated-world';
export { renderSimulation } from './simulate/simulation-report';
export { readRecordedBook } from './whatif/recorded-book';
export type { RecordedBook } from './whatif/recorded-book';
export { whatIf } from './whatif/what-if';
export type { ControlRun, WhatIf, WhatIfOptions } from './whatif/what-if';
