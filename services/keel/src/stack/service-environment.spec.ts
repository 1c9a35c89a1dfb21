import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostEnvironment } from '@evenkeel/config';
import { REPOSITORY } from './home';
import { OF_SERVICE, environmentOfService, plainEnvironment, requireFreePorts } from './service-environment';
import type { ServiceName } from './service-environment';

const SERVICES = Object.keys(OF_SERVICE) as ServiceName[]; // the table is exhaustive over the names

/** What lies in the environment of somebody who runs a desk. */
const OURS = {
  PATH: '/bin',
  DATABASE_URL: 'postgres://secret',
  DATABASE_URL_FILE: '/run/secrets/database',
  EK_MIGRATE_DATABASE_URL: 'postgres://owner',
  EK_AUDIT_KEY: 'secret',
  EK_AUDIT_KEY_FILE: '/run/secrets/audit',
  EK_DERIBIT_CLIENT_SECRET: 'secret',
  EK_DERIBIT_CLIENT_SECRET_FILE: '/run/secrets/deribit',
  EK_DERIBIT_DESK_KEY: 'one account’s',
  EK_OKX_PASSPHRASE_FILE: '/run/secrets/okx',
  EK_OIDC_TOKEN: 'secret',
  AWS_SECRET_ACCESS_KEY: 'secret',
  EK_LOG_LEVEL: 'debug',
  NATS_URL: 'nats://x',
};

describe('the environment of a service', () => {
  const secretsOf = (service: ServiceName): string[] =>
    Object.keys(environmentOfService(service, OURS)).filter(
      (name) => !['PATH', 'EK_LOG_LEVEL', 'NATS_URL'].includes(name),
    );

  it.each([
    ['price-ingest', []],
    ['risk', []],
    ['strategy', []],
    [
      'execution',
      [
        'EK_DERIBIT_CLIENT_SECRET',
        'EK_DERIBIT_CLIENT_SECRET_FILE',
        'EK_DERIBIT_DESK_KEY',
        'EK_OKX_PASSPHRASE_FILE',
      ],
    ],
    ['ledger', ['DATABASE_URL', 'DATABASE_URL_FILE', 'EK_AUDIT_KEY', 'EK_AUDIT_KEY_FILE']],
  ] as const)('of %s holds no secret but %p', (service, secrets) => {
    expect(secretsOf(service)).toEqual(secrets);
    expect(environmentOfService(service, OURS)).toMatchObject({ PATH: '/bin', EK_LOG_LEVEL: 'debug' });
  });

  it('gives no port to all of them', () => {
    expect(() => requireFreePorts({ EK_HTTP_PORT: '14222' })).toThrow(/EK_HTTP_PORT: is one port/);
    expect(() => requireFreePorts({ EK_HTTP_PORT_FILE: '/run/port' })).toThrow(/EK_HTTP_PORT_FILE/);
    for (const port of [undefined, '', '0'])
      expect(() => requireFreePorts({ EK_HTTP_PORT: port })).not.toThrow();
  });

  it('is only the surroundings for a program that is no service', () => {
    expect(plainEnvironment(OURS)).toEqual({ PATH: '/bin' });
  });

  it.each(SERVICES)('passes all that %s reads', (service) => {
    let source = '';
    try {
      source = readFileSync(join(REPOSITORY, 'services', service, 'src', 'config.ts'), 'utf8');
    } catch {
      // risk and strategy read what every service does
    }
    const read = [...source.matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name]) => name ?? '');
    const known = new Set([...Object.keys(hostEnvironment.shape), ...OF_SERVICE[service]]);
    expect(read.filter((name) => !known.has(name))).toEqual([]);
    expect(OF_SERVICE[service].filter((name) => !read.includes(name))).toEqual([]);
  });
});
