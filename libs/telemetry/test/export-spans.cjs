// Run as a process of its own by tracing.spec.ts: the exporter loads its parts by dynamic import, which Jest's sandbox lacks.
const { createTracing } = require('../dist/index.js');

const tracing = createTracing('test', process.argv[2]);
const mark = tracing.start('publish market.instant', '', {});
const risk = tracing.start('process instant', mark.traceparent, {});
const strategy = tracing.start('process commit', risk.traceparent, {});
for (const step of [strategy, risk, mark]) step.end();
tracing.shutdown();
