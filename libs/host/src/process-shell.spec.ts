import { Server } from '@nestjs/microservices';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import { freePort } from '@evenkeel/adapter-nats';
import { Health, Stalls, createLogger, createMetrics, createTracing } from '@evenkeel/telemetry';
import { OperationalError } from '@evenkeel/kernel';
import { lastWords, serve } from './process-shell';
import type { ProcessShell } from './process-shell';
import { ServiceModule } from './service.module';

/** A transport that recovers until it is told that it has. */
class Recovering extends Server implements CustomTransportStrategy {
  private begun: (finish: () => void) => void = () => undefined;
  readonly recovery = new Promise<() => void>((resolve) => (this.begun = resolve));

  listen(finish: () => void): void {
    this.begun(finish);
  }
  close(): void {
    // nothing is open
  }
  on(): void {
    // nothing happens to it
  }
  unwrap<T>(): T {
    throw new Error('has nothing inside');
  }
}

describe('the last words of a process', () => {
  it('are a message and no stack, unless somebody asks for details', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:4222'), { code: 'ECONNREFUSED' });
    expect(lastWords(refused, undefined)).toBe(
      'connect ECONNREFUSED 127.0.0.1:4222 (ECONNREFUSED); EK_LOG_LEVEL=debug says where',
    );
    expect(lastWords(new OperationalError({ code: 'NATS.NO_EPOCH', message: 'none' }), 'debug')).toBe(
      'NATS.NO_EPOCH: none',
    );
    expect(lastWords(refused, 'debug')).toContain('process-shell.spec.ts');
  });
});

describe('a process that recovers', () => {
  it('is live meanwhile, and says how far it has come instead of being ready', async () => {
    const port = await freePort();
    const health = new Health();
    let read = 0;
    health.wait('recovering', () => `${read}/100`);
    const ended = new Promise((resolve) =>
      jest.spyOn(process, 'exit').mockImplementation((code) => resolve(code) as never),
    );
    const metrics = createMetrics('recovering');
    const shell = {
      health,
      metrics,
      stalls: new Stalls(createLogger('recovering', 'silent'), health, metrics.registry),
      logger: createLogger('recovering', 'silent'),
      tracing: createTracing('recovering', undefined),
      connection: { drain: () => Promise.resolve() },
      environment: { EK_HTTP_HOST: '127.0.0.1', EK_HTTP_PORT: port },
    };
    const strategy = new Recovering();
    const served = serve(shell as unknown as ProcessShell, { module: ServiceModule.with(shell), strategy }); // what it uses
    const finish = await strategy.recovery;
    const answer = async (what: string): Promise<readonly [status: number, body: unknown]> => {
      const response = await fetch(`http://127.0.0.1:${port}/health/${what}`);
      return [response.status, await response.json()];
    };
    read = 40;
    expect(await answer('live')).toEqual([200, { status: 'live' }]);
    expect(await answer('ready')).toEqual([
      503,
      { status: 'not ready', reasons: ['recovering 40/100'], waiting: [] },
    ]);
    finish();
    await served;
    expect(await answer('ready')).toEqual([200, { status: 'ready', reasons: [], waiting: [] }]);
    process.emit('SIGTERM');
    expect(await ended).toBe(0);
  });
});
