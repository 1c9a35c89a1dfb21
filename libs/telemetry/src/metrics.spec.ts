import { createMetrics, sampleGauge } from './metrics';

describe('a sampled gauge', () => {
  it('shows what is read at each scrape, and nothing where nothing can be read', async () => {
    const { registry } = createMetrics('test');
    let answer = (): Promise<ReadonlyMap<string, number>> => Promise.resolve(new Map([['EK_MARKET', 3]]));
    sampleGauge(registry, { name: 'sampled', help: 'h', label: 'stream', read: () => answer() });
    expect(await registry.metrics()).toContain('sampled{stream="EK_MARKET",service="test"} 3');
    answer = () => Promise.reject(new Error('away'));
    expect(await registry.metrics()).not.toContain('sampled{');
  });
});
