import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

  it('takes any variable from a file, as secrets are mounted, and says which file is of no use', () => {
    const dir = mkdtempSync(join(tmpdir(), 'evenkeel-environment-'));
    const file = join(dir, 'secret');
    const empty = join(dir, 'empty');
    writeFileSync(file, 'nats://from-a-file\n');
    writeFileSync(empty, '\n');
    const read = (environment: Record<string, string>) =>
      parseEnvironment(hostEnvironment, environment, 'risk');
    try {
      expect(read({ NATS_URL_FILE: file }).NATS_URL).toBe('nats://from-a-file');
      expect(() => read({ NATS_URL: 'nats://x', NATS_URL_FILE: file })).toThrow(
        /NATS_URL_FILE: is set, and so is NATS_URL/,
      );
      expect(() => read({ NATS_URL_FILE: empty })).toThrow(/NATS_URL_FILE: .*empty is empty/);
      expect(() => read({ NATS_URL_FILE: join(dir, 'none') })).toThrow(
        /NATS_URL_FILE: .*none cannot be read/,
      );
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
