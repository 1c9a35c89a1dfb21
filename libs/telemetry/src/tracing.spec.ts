import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createTracing } from './tracing';

interface ExportedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
}

describe('tracing', () => {
  it('is off without an endpoint and passes the cause’s trace on', async () => {
    const tracing = createTracing('test', undefined);
    const parent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    expect(tracing.start('work', parent, {}).traceparent).toBe(parent);
    await tracing.shutdown();
  });

  it('exports one waterfall from the mark to what it caused', async () => {
    const spans: ExportedSpan[] = [];
    const collector = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = JSON.parse(Buffer.concat(chunks).toString()) as {
          resourceSpans: { scopeSpans: { spans: ExportedSpan[] }[] }[];
        };
        for (const resource of body.resourceSpans)
          for (const scope of resource.scopeSpans) spans.push(...scope.spans);
        response.end('{}');
      });
    });
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
    const { port } = collector.address() as AddressInfo; // a listening TCP server has one
    const script = join(__dirname, '..', 'test', 'export-spans.cjs');
    const child = spawn(process.execPath, [script, `http://127.0.0.1:${port}`], { stdio: 'inherit' });
    await new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => collector.close(resolve));
    const byName = new Map(spans.map((span) => [span.name, span]));
    const root = byName.get('publish market.instant');
    expect(spans).toHaveLength(3);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(byName.get('process instant')?.parentSpanId).toBe(root?.spanId);
    expect(byName.get('process commit')?.parentSpanId).toBe(byName.get('process instant')?.spanId);
  });
});
