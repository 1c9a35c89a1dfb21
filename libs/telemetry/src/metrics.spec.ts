import { createMetrics, sampleGauge } from './metrics';

describe('a sampled gauge', () => {
  it('shows what is read at each scrape, and nothing where nothing can be read', async () => {
    const { registry } = createMetrics('test');
    let answer = (): Promise<ReadonlyMap<string, number>> => Promise.resolve(new Map([['EK_MARKET', 3]]));
    sampleGauge(registry, 'evenkeel_stream_consumers', () => answer());
    const page = 'evenkeel_stream_consumers{stream="EK_MARKET",service="test"} 3';
    expect(await registry.metrics()).toContain(page);
    answer = () => Promise.reject(new Error('away'));
    expect(await registry.metrics()).not.toContain('evenkeel_stream_consumers{');
  });
});
