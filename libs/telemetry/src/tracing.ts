import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import type { Span, SpanContext } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { ATTRIBUTES } from './attribute-keys';

/** A step of work as a span: started from the W3C traceparent of its cause, or as a root. */
export interface TracedStep {
  /** To be written into what this step publishes; empty while tracing is off. */
  readonly traceparent: string;
  end(): void;
}

export interface Tracing {
  start(name: string, parent: string, attributes: Readonly<Record<string, string | number>>): TracedStep;
  shutdown(): Promise<void>;
}

const OFF_STEP = (parent: string): TracedStep => ({ traceparent: parent, end: () => undefined });

/** Off unless an OTLP endpoint is configured. */
export function createTracing(service: string, endpoint: string | undefined): Tracing {
  if (endpoint === undefined)
    return { start: (_name, parent) => OFF_STEP(parent), shutdown: () => Promise.resolve() };
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.namespace': 'evenkeel' }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer('evenkeel');
  return {
    start(name, parent, attributes) {
      const remote = parseTraceparent(parent);
      const options = {
        kind: SpanKind.CONSUMER,
        attributes: { [ATTRIBUTES.messagingSystem]: 'nats', ...attributes },
        ...(remote === undefined ? { root: true } : { links: [{ context: remote }] }),
      };
      const context = remote === undefined ? undefined : trace.setSpanContext(ROOT_CONTEXT, remote);
      const span =
        context === undefined ? tracer.startSpan(name, options) : tracer.startSpan(name, options, context);
      return { traceparent: formatTraceparent(span), end: () => span.end() };
    },
    shutdown: () => provider.shutdown(),
  };
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

function parseTraceparent(text: string): SpanContext | undefined {
  const match = TRACEPARENT.exec(text);
  if (match === null) return undefined;
  return {
    traceId: match[1] ?? '',
    spanId: match[2] ?? '',
    traceFlags: Number.parseInt(match[3] ?? '0', 16),
    isRemote: true,
  };
}

function formatTraceparent(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
