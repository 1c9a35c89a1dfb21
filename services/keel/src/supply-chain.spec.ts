import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { REPOSITORY } from './stack/home';

interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly inBundle?: boolean;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
}

interface Judged {
  readonly installScripts: Readonly<Record<string, string>>;
  readonly licences: readonly string[];
  readonly licenceOf: Readonly<Record<string, string>>;
  readonly developmentOnly: Readonly<Record<string, string>>;
}

const read = (...path: string[]): string => readFileSync(join(REPOSITORY, ...path), 'utf8');
const json = <T>(...path: string[]): T => JSON.parse(read(...path)) as T; // our own files; what is read of them is asserted
const judged = json<Judged>('tools', 'supply-chain.json');
const nameOf = (path: string): string =>
  path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
const lockedIn = (...path: string[]): (readonly [string, Locked])[] =>
  Object.entries(json<{ packages: Record<string, Locked> }>(...path).packages).filter(
    ([at, { link }]) => at.includes('node_modules/') && link !== true,
  );
const ours = lockedIn('package-lock.json');
/** Also what compiles the contracts, which has a lock of its own. */
const locked = [...ours, ...lockedIn('contracts', 'package-lock.json')];
/** What `npm ci --omit=dev --omit=optional` installs. */
const shipped = ours.filter(
  ([, { dev, devOptional, optional }]) => dev !== true && devOptional !== true && optional !== true,
);

describe('what we build on', () => {
  it('is locked by hash, every package of it', () => {
    const loose = locked.filter(
      ([, { integrity, inBundle }]) => integrity === undefined && inBundle !== true,
    );
    expect(locked.length).toBeGreaterThan(500);
    expect(loose.map(([path]) => path)).toEqual([]);
  });

  it('runs no install script, and each package that brings one was judged', () => {
    expect(read('.npmrc')).toMatch(/^ignore-scripts=true$/m);
    const isJudged = (name: string): boolean =>
      Object.keys(judged.installScripts).some((pattern) =>
        pattern.endsWith('/*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
      );
    const bringing = locked.filter(([, { hasInstallScript }]) => hasInstallScript === true);
    const names = bringing.map(([path]) => nameOf(path));
    expect(names.filter((name) => !isJudged(name))).toEqual([]);
    expect(shipped.filter(([, { hasInstallScript }]) => hasInstallScript === true)).toEqual([]);
  });

  it('has licences that we accept', () => {
    const refused = locked
      .map(([path, { license }]) => ({
        name: nameOf(path),
        license: license ?? judged.licenceOf[nameOf(path)],
      }))
      .filter(
        ({ name, license }) =>
          !judged.licences.includes(license ?? 'none') && judged.developmentOnly[name] === undefined,
      );
    expect(refused).toEqual([]);
    const developing = shipped.filter(([path]) => judged.developmentOnly[nameOf(path)] !== undefined);
    expect(developing).toEqual([]);
  });

  it('is written down as a bill of materials: every shipped package, nothing of the tools', () => {
    const bill = JSON.parse(
      execFileSync(process.execPath, [join(REPOSITORY, 'tools', 'sbom.mjs')], {
        maxBuffer: 64 << 20,
      }).toString(),
    ) as { bomFormat: string; components: { name: string; group?: string; purl: string }[] };
    expect(bill.bomFormat).toBe('CycloneDX');
    const purls = bill.components.map(({ purl }) => decodeURIComponent(purl));
    const missing = shipped.filter(
      ([path, { version }]) => !purls.includes(`pkg:npm/${nameOf(path)}@${version}`),
    );
    expect(missing.map(([path]) => path)).toEqual([]);
    expect(purls.filter((purl) => /pkg:npm\/(jest|eslint|prisma|esbuild)@/.test(purl))).toEqual([]);
  });
});

describe('the image', () => {
  let image: string;
  beforeAll(() => {
    image = join(mkdtempSync(join(tmpdir(), 'evenkeel-image-')), 'app');
    execFileSync(process.execPath, [join(REPOSITORY, 'tools', 'image.mjs'), image]);
    symlinkSync(join(REPOSITORY, 'node_modules'), join(image, 'node_modules'));
  });
  afterAll(() => rmSync(join(image, '..'), { recursive: true, force: true }));

  it('holds no sources, tests or tools', () => {
    const files = readdirSync(image, { recursive: true, encoding: 'utf8' }).filter(
      (file) => !file.startsWith('node_modules'),
    );
    expect(files.length).toBeGreaterThan(500);
    expect(files.filter((file) => /\.ts$|\.spec\.|test-support|^tools|(^|\/)test\//.test(file))).toEqual([]);
  });

  it.each(['price-ingest', 'risk', 'strategy', 'execution', 'ledger'])('starts %s', (service) => {
    const { PATH = '' } = process.env;
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      [join('services', service, 'dist', 'service.js')],
      { cwd: image, env: { PATH, NODE_ENV: 'production' }, encoding: 'utf8' },
    );
    expect(`${stdout}${stderr}`).toContain('NATS_URL: is not set');
    expect(status).toBe(2);
  });

  it('answers as keel without a compiler', () => {
    const { status, stdout } = spawnSync(process.execPath, ['services/keel/bin/keel.js', 'schema', 'book'], {
      cwd: image,
      env: { ...process.env, NODE_ENV: 'production' },
      encoding: 'utf8',
    });
    expect(status).toBe(0);
    expect(stdout).toContain('json-schema.org');
  });

  it('is built from images by digest, as root’s files run by another user', () => {
    const dockerfile = read('infra', 'docker', 'Dockerfile');
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
    expect(bases.filter((base) => !/@sha256:[0-9a-f]{64}$/.test(base ?? ''))).toEqual([]);
    expect(dockerfile).not.toMatch(/COPY[^\n]*--chown/);
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(existsSync(join(image, 'infra', 'nats', 'streams.json'))).toBe(true);
  });
});

describe('docker-compose.yml', () => {
  interface Container {
    readonly image?: string;
    readonly environment?: Readonly<Record<string, string>>;
    readonly read_only?: boolean;
    readonly cap_drop?: readonly string[];
    readonly security_opt?: readonly string[];
    readonly pids_limit?: number;
    readonly cpus?: number;
    readonly mem_limit?: string;
    readonly networks?: readonly string[];
    readonly ports?: readonly string[];
  }
  const text = read('docker-compose.yml');
  const { services } = parse(text, { merge: true }) as { services: Record<string, Container> }; // our own file; what is read of it is asserted
  const all = Object.entries(services);

  it('bounds every container, and lets none change its files or gain rights', () => {
    expect(all.length).toBeGreaterThan(8);
    const loose = all.filter(
      ([, one]) =>
        one.read_only !== true ||
        one.cap_drop?.[0] !== 'ALL' ||
        one.security_opt?.[0] !== 'no-new-privileges:true' ||
        one.pids_limit === undefined ||
        one.cpus === undefined ||
        one.mem_limit === undefined,
    );
    expect(loose.map(([name]) => name)).toEqual([]);
  });

  it('opens no port, and shows the database to those alone that use it', () => {
    expect(all.filter(([, { ports }]) => ports !== undefined)).toEqual([]);
    const near = all.filter(([, { networks }]) => networks?.includes('database') === true);
    expect(near.map(([name]) => name).sort()).toEqual(['epoch', 'ledger', 'postgres']);
  });

  it('holds no secret, and gives none to whom it does not belong', () => {
    expect(text).not.toMatch(/postgres:\/\/[^\s:]+:[^\s@]+@/);
    const holding = all.filter(([, { environment = {} }]) =>
      Object.keys(environment).some((name) => /DATABASE_URL|PASSWORD|SECRET/.test(name)),
    );
    expect(holding.map(([name]) => name).sort()).toEqual(['epoch', 'ledger', 'postgres']);
    const inClear = holding.flatMap(([, { environment = {} }]) =>
      Object.keys(environment).filter(
        (name) => /DATABASE_URL|PASSWORD|SECRET/.test(name) && !name.endsWith('_FILE'),
      ),
    );
    expect(inClear).toEqual([]);
  });
});
