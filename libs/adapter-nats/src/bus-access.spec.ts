import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createHash } from 'node:crypto';
import { nkeys } from '@nats-io/nats-core';
import type { NatsConnection } from '@nats-io/nats-core';
import { createClientCertificate } from './server/client-certificate.test-support';
import { connectNats } from './connection';
import { parseBusAddress } from './bus-address';
import { ensureBusKeys } from './server/bus-keys';
import { startEmbeddedNats } from './server/embedded-nats';
import { findNatsServer } from './server/nats-server-binary';

type Pair = ReturnType<typeof nkeys.createUser>;

const toolsDir = resolve(__dirname, '..', '..', '..', '.evenkeel', 'bin');
const binary = findNatsServer(toolsDir, (line) => process.stderr.write(`${line}\n`));
const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JWT as the tools of NATS write it. */
function jwt(issuer: Pair, subject: Pair, name: string, type: string, nats: object): string {
  const claims = {
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
    name,
    iat: 1_767_225_600,
    jti: '',
  };
  const body = { ...claims, nats: { ...nats, type, version: 2 } };
  const jti = createHash('sha256').update(JSON.stringify(body)).digest('hex');
  const text = `${base64({ typ: 'JWT', alg: 'ed25519-nkey' })}.${base64({ ...body, jti })}`;
  return `${text}.${Buffer.from(issuer.sign(new TextEncoder().encode(text))).toString('base64url')}`;
}

async function identityOn(connection: NatsConnection): Promise<string> {
  const { data } = (await connection.request('$SYS.REQ.USER.INFO')).json<{ data: { user: string } }>();
  await connection.close();
  return data.user;
}

describe('access to the bus', () => {
  let dir: string;
  beforeAll(() => (dir = mkdtempSync(join(tmpdir(), 'evenkeel-access-'))));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('reads a JWT with its seed from a .creds file', async () => {
    const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()];
    const system = nkeys.createAccount();
    const limits = { subs: -1, data: -1, payload: -1, conn: -1, leaf: -1, imports: -1, exports: -1 };
    const accountJwt = jwt(operator, account, 'desk', 'account', { limits });
    const userJwt = jwt(account, user, 'risk', 'user', { pub: {}, sub: {}, subs: -1, data: -1, payload: -1 });
    const credsFile = join(dir, 'risk.creds');
    const seed = Buffer.from(user.getSeed()).toString();
    writeFileSync(
      credsFile,
      `-----BEGIN NATS USER JWT-----\n${userJwt}\n------END NATS USER JWT------\n\n` +
        `-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`,
    );
    const server = await startEmbeddedNats({
      binary,
      dir: join(dir, 'jwt'),
      settings: [
        `operator: ${jwt(operator, operator, 'installation', 'operator', {})}`,
        'resolver: MEMORY',
        `system_account: ${system.getPublicKey()}`,
        'resolver_preload: {',
        `  ${account.getPublicKey()}: ${accountJwt}`,
        `  ${system.getPublicKey()}: ${jwt(operator, system, 'system', 'account', { limits })}`,
        '}',
      ],
    });
    try {
      const access = { url: server.url, credsFile };
      expect(await identityOn(await connectNats(access, 'x'))).toBe(user.getPublicKey());
      writeFileSync(
        credsFile,
        readFileSync(credsFile, 'utf8').replace(seed, seed.split('').reverse().join('')),
      );
      await expect(connectNats(access, 'x')).rejects.toThrow();
      await expect(connectNats(server.url, 'x')).rejects.toMatchObject({ code: 'NATS.NOT_AUTHORISED' });
    } finally {
      await server.stop();
    }
  });

  it('shows a certificate of its own to a server that asks for one', async () => {
    const identityDir = join(dir, 'identity');
    const { caFile, certFile, keyFile } = ensureBusKeys(identityDir);
    const client = createClientCertificate(identityDir, 'risk');
    const server = await startEmbeddedNats({
      binary,
      dir: join(dir, 'mutual'),
      identityDir,
      settings: [
        `tls { cert_file: "${certFile}", key_file: "${keyFile}", ca_file: "${caFile}", verify: true }`,
      ],
    });
    try {
      const access = server.access('risk');
      const connection = await connectNats({ ...access, ...client }, 'x');
      expect(await identityOn(connection)).toBe(ensureBusKeys(identityDir).users.get('risk'));
      const { certFile: half } = client;
      await expect(
        connectNats({ ...access, url: 'nats://nats:4222', certFile: half }, 'x'),
      ).rejects.toMatchObject({
        code: 'INPUT.INVALID',
      });
    } finally {
      await server.stop();
    }
  });

  it.each([
    ['nats://one:4222, nats://two', ['one:4222', 'two:4222'], false],
    ['127.0.0.1:4222,[::1]:4223,localhost', ['127.0.0.1:4222', '[::1]:4223', 'localhost:4222'], true],
    ['nats://127.0.0.1,nats://10.0.0.1', ['127.0.0.1:4222', '10.0.0.1:4222'], false],
    ['nats://localhost.example:1', ['localhost.example:1'], false],
  ])('reads %s', (url, servers, isLoopback) => {
    expect(parseBusAddress(url)).toMatchObject({ servers, isLoopback });
  });
});
