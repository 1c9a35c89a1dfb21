import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { formatVerifierKey } from '@evenkeel/audit';
import { signerFromPem } from '@evenkeel/adapter-audit';
import { killOrderIn } from '@evenkeel/governance';
import { generateKeyPem } from '@evenkeel/signing-keys';
import { directUrls, killDirectly } from './direct-kill';

const servers: Server[] = [];
afterAll(() => servers.forEach((server) => server.close()));

/** A process that answers every order in one way; what it was sent. */
async function answering(status: number, body: string): Promise<{ url: string; heard: string[] }> {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      heard.push(text);
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(body);
    });
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard }; // it listens on TCP
}

describe('a direct order to stop', () => {
  const signer = signerFromPem('tess', generateKeyPem(), 'notes');
  const engagement = {
    engagement: '6f0c1f0e-0000-4000-8000-000000000001',
    by: 'tess',
    reason: 'the bus\nis "down"',
    at: new Date().toISOString(),
  };

  it('reaches every process, and says of each what it answered', async () => {
    const good = await answering(200, '{"process":"execution-0","stopped":true,"kept":true}');
    const full = await answering(200, '{"process":"execution-1","stopped":true,"kept":false}');
    const strict = await answering(403, '{"stopped":false,"message":"tess is not enrolled."}');
    const odd = await answering(200, '<html>');
    const moved = await answering(302, '');
    const urls = [good.url, full.url, strict.url, odd.url, moved.url, 'http://127.0.0.1:1'];
    const answers = await killDirectly(urls, 'firm', engagement, signer);
    expect(answers.map(({ stopped }) => stopped)).toEqual([true, true, false, false, false, false]);
    expect(answers.map(({ said }) => said)).toEqual([
      'execution-0 has stopped',
      'execution-1 has stopped, but could not write it down: it would not outlive a restart',
      'refused (403): tess is not enrolled.',
      'refused (200): no reason given',
      expect.stringMatching(/^no answer/),
      expect.stringMatching(/^no answer/),
    ]);
    const enrolment = {
      identity: 'tess',
      roles: ['trader' as const],
      credentials: [{ key: formatVerifierKey(signer.key) }],
    };
    const now = BigInt(Date.now()) * 1_000_000n;
    const order = await killOrderIn(good.heard[0] ?? '', () => Promise.resolve(enrolment), now);
    expect(order).toEqual({ ok: true, value: { scope: 'firm', ...engagement } });
  });

  it('takes addresses and nothing else', () => {
    expect(directUrls('http://a:9464/x, https://b')).toEqual(['http://a:9464', 'https://b']);
    for (const bad of ['', 'execution-0', 'ftp://a', 'http://a,nats://b'])
      expect(() => directUrls(bad)).toThrow(/--direct/);
  });
});
