import { hostEnvironment, parseEnvironment } from './environment';

describe('the environment of a service', () => {
  it('reports every problem at once, by variable', () => {
    const read = () =>
      parseEnvironment(hostEnvironment, { EK_HTTP_PORT: '99999', EK_PARTITIONS: '7' }, 'risk');
    expect(read).toThrow(/NATS_URL: is not set[\s\S]*EK_HTTP_PORT[\s\S]*EK_PARTITIONS: must be two-digit/);
  });
  it('fills in defaults and cannot be changed afterwards', () => {
    const config = parseEnvironment(
      hostEnvironment,
      { NATS_URL: 'nats://x', EK_PARTITIONS: '00,07', EK_LOG_LEVEL: '' },
      'risk',
    );
    expect(config).toMatchObject({ EK_HTTP_PORT: 0, EK_LOG_LEVEL: 'info', EK_PARTITIONS: ['00', '07'] });
    expect(Object.isFrozen(config)).toBe(true);
  });
});
