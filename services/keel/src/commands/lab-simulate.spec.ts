import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from '../stack/home';

const dir = mkdtempSync(join(tmpdir(), 'evenkeel-simulate-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const written = {
  paths: 5000,
  seed: 3,
  market: { model: 'heston', S0: 100, v0: 0.09, kappa: 2, theta: 0.09, sigma: 0.5, rho: -0.6 },
  positions: [{ type: 'call', K: 100, T: 0.1, quantity: -1 }],
  hedge: { policy: { kind: 'time', interval: 'P1D' }, modelVolatility: 0.3, costs: { proportional: 0.001 } },
};

const simulated = (config: unknown, ...flags: readonly string[]) => keel('simulate', config, ...flags);

function keel(command: 'simulate' | 'frontier', config: unknown, ...flags: readonly string[]) {
  const file = join(dir, 'simulation.json');
  writeFileSync(file, JSON.stringify(config));
  const program = join(REPOSITORY, 'services', 'keel', 'bin', 'keel.js');
  return spawnSync(process.execPath, [program, 'lab', command, '--config', file, ...flags], {
    encoding: 'utf8',
    env: { ...process.env, EK_HOME: join(dir, 'home') },
  });
}

describe('keel lab simulate', () => {
  it('prints the same bytes for any number of worker threads', () => {
    const [one, three] = ['1', '3'].map((workers) => simulated(written, '--json', '--workers', workers));
    expect(one?.status).toBe(0);
    expect(three?.status).toBe(0);
    expect(three?.stdout).toBe(one?.stdout);
    // The type of what was printed is what summarise gives; the fields below are those of its contract.
    const result = JSON.parse(one?.stdout ?? '{}') as Record<string, unknown>;
    for (const field of [
      'hedgeCostPv',
      'pnl',
      'performance',
      'trades',
      'turnover',
      'costs',
      'standardErrors',
    ])
      expect(result).toHaveProperty(field);
  });

  it('names every problem of a configuration, and a policy that cannot be simulated, with exit code 2', () => {
    const { status, stderr } = simulated({
      ...written,
      paths: 'many',
      hedge: { ...written.hedge, policy: { kind: 'multi-greek' } },
    });
    expect(status).toBe(2);
    expect(stderr).toContain('paths: must be a whole number');
    expect(stderr).toContain('hedge.policy.kind: "multi-greek" cannot be simulated');
  });

  it('says what failed on any of its threads, with exit code 1', () => {
    const wild = { ...written, market: { model: 'gbm', S0: 100, sigma: 20 } };
    const far = { ...wild, positions: [{ type: 'call', K: 100, T: 10, quantity: -1 }] };
    const { status, stderr } = simulated(far, '--workers', '3');
    expect(status).toBe(1);
    expect(stderr).toContain('SIMULATION.OUT_OF_RANGE: a simulated path left the range');
  });
});

describe('keel lab frontier', () => {
  it('prints the same bytes whether threads stay for all of its simulations or there is one', () => {
    const config: unknown = JSON.parse(readFileSync(join(REPOSITORY, 'samples', 'frontier.json'), 'utf8'));
    // Blocks of 1,024 paths: four for three threads.
    const wide = Object.assign({}, config, { paths: 4000 });
    const [one, three] = ['1', '3'].map((workers) =>
      keel('frontier', wide, '--json', '--out', join(dir, 'out'), '--workers', workers),
    );
    expect(one?.status).toBe(0);
    expect(three?.status).toBe(0);
    expect(three?.stdout).toBe(one?.stdout);
  });
});
