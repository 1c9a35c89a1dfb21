export { ATTRIBUTES } from './attribute-keys';
export { Health } from './health';
export { HEALTH, HealthController, METRICS } from './health.controller';
export { createLogger } from './logging';
export type { Logger } from './logging';
export { createMetrics, sampleGauge } from './metrics';
export type { ServiceMetrics } from './metrics';
export { createTracing } from './tracing';
export type { TracedStep, Tracing } from './tracing';
