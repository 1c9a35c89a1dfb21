import { isVenueKey } from '@evenkeel/adapter-venues';
import { hostEnvironment } from '@evenkeel/config';
import { InvalidInputError } from '@evenkeel/kernel';

export type ServiceName = 'price-ingest' | 'risk' | 'strategy' | 'execution' | 'ledger';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Several services on one machine cannot share one port: what `keel run` starts takes free ones.
 * Throws `INPUT.INVALID` where the environment wants another.
 */
export function requireFreePorts(ours: Environment): void {
  const problems = ['EK_HTTP_PORT', 'EK_HTTP_PORT_FILE']
    .filter((name) => !['', '0', undefined].includes(ours[name]))
    .map((path) => ({
      path,
      message:
        'is one port, and a run starts five services: unset it, and each takes a free one and says which',
    }));
  if (problems.length > 0) throw new InvalidInputError('the environment', problems);
}

/** What any program of ours needs of its surroundings. */
const SURROUNDINGS = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS'];

const EVERY_SERVICE = [...SURROUNDINGS, ...Object.keys(hostEnvironment.shape), 'EK_NATS_REPLICAS'];

/** What each service reads besides; the schemas in `services/<name>/src/config.ts` are held against it by a test. */
export const OF_SERVICE: Readonly<Record<ServiceName, readonly string[]>> = {
  'price-ingest': [
    'EK_TAPE',
    'EK_MARKET_SEED',
    'EK_MARKET_DAYS',
    'EK_SPEED',
    'EK_MARKET_MODE',
    'EK_LIVE_WITNESSES',
    'EK_LIVE_URLS',
    'EK_LIVE_INTERVAL_MS',
    'EK_LIVE_RHYTHM_MS',
    'EK_LIVE_CLOCK_OFFSET_MS',
    'EK_LIVE_FOR_MS',
  ],
  risk: [],
  strategy: [],
  execution: [
    'EK_VENUES',
    'EK_LIVE_CLOCK_OFFSET_MS',
    'EK_GOVERNANCE',
    'EK_HOME',
    'EK_KILL_DIR',
    'EK_KILL_MAX_AGE_MS',
    'EK_TAKE_BACK_AFTER_MS',
  ],
  ledger: [
    'DATABASE_URL',
    'EK_HOME',
    'EK_AUDIT_DIR',
    'EK_AUDIT_ORIGIN',
    'EK_AUDIT_KEY',
    'EK_AUDIT_KEY_FILE',
    'EK_WITNESSES',
    'EK_WITNESS_TIMEOUT_MS',
  ],
};

/**
 * What a service gets of our own environment: what it reads, and nothing that is not its business. The database's
 * login and the signing key are the ledger's alone, the keys of venues execution's alone.
 */
export function environmentOfService(service: ServiceName, ours: Environment): Record<string, string> {
  const allowed = new Set([...EVERY_SERVICE, ...OF_SERVICE[service]]);
  return only(ours, (name) => {
    if (service === 'execution' && isVenueKey(name)) return true;
    return allowed.has(name) || allowed.has(name.replace(/_FILE$/, ''));
  });
}

/** What a program of ours gets that is no service and holds nothing. */
export function plainEnvironment(ours: Environment): Record<string, string> {
  return only(ours, (name) => SURROUNDINGS.includes(name));
}

function only(ours: Environment, passes: (name: string) => boolean): Record<string, string> {
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(ours))
    if (value !== undefined && passes(name)) given[name] = value;
  return given;
}
