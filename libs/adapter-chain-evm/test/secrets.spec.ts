import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { readHex } from '../src/hex';
import { ChainNode } from '../src/json-rpc';
import { NodeBlocks } from '../src/node-blocks';
import { FileOutbox } from '../src/outbox';
import { privateRelay } from '../src/relay';
import { ChainSender } from '../src/sender';
import { digestSigner, fileSigner, remoteKey } from '../src/signer';
import { signingHash } from '@evenkeel/execution';
import { PRIVATE_KEY } from './sending-desk';

const URL_KEY = 'sk-5f2e9d7c4b1a8f3e6d0c';
const USER_KEY = 'p4ssw0rd-of-the-node';

/** How nodes and what stands in front of them fail; each repeats as much as it can of what it was asked, and where. */
const FAILURES: readonly ((
  body: string,
  url: string,
) => { status: number; text: string } | 'cut' | 'wait')[] = [
  (body, url) => ({ status: 500, text: `<h1>upstream ${url}</h1>${body}` }),
  (body, url) => ({ status: 429, text: JSON.stringify({ error: `key ${url} is over its limit`, body }) }),
  (body, url) => ({ status: 200, text: refusal(`nope: ${url} ${body}`) }),
  (body, url) => ({ status: 200, text: refusal(`execution reverted at ${url}`, `${url} ${body}`) }),
  (body) => ({ status: 200, text: refusal('invalid transaction', rawOf(body)) }),
  (body) => ({ status: 200, text: refusal('replacement transaction underpriced', rawOf(body)) }),
  (body, url) => ({ status: 200, text: `not json ${url} ${body}` }),
  (body, url) => ({ status: 200, text: JSON.stringify({ jsonrpc: '2.0', id: 0, result: `${url} ${body}` }) }),
  (body, url) => ({ status: 200, text: answered(body, { hash: url, number: body }) }),
  (body, url) => ({ status: 200, text: answered(body, `${url}${body}`) }),
  () => 'cut',
  () => 'wait',
];

function refusal(message: string, data?: string): string {
  return JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code: -32_000, message, data } });
}

function rawOf(body: string): string {
  return /0x02[0-9a-f]+/.exec(body)?.[0] ?? '';
}

function answered(body: string, result: unknown): string {
  const asked = JSON.parse(body) as { id?: number } | { id: number }[]; // our own client's request
  const answer = (id: number | undefined): unknown => ({ jsonrpc: '2.0', id, result });
  return JSON.stringify(Array.isArray(asked) ? asked.map(({ id }) => answer(id)) : answer(asked.id));
}

describe('secrets', () => {
  let server: Server;
  let url: string;
  let failing = 0;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'evenkeel-secrets-'));
    server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const answer = FAILURES[failing]?.(Buffer.concat(parts).toString(), url) ?? 'cut';
        if (answer === 'cut') return void response.destroy();
        if (answer !== 'wait') response.writeHead(answer.status, { 'x-upstream': url }).end(answer.text);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo; // it listens on a port
    url = `http://desk:${USER_KEY}@127.0.0.1:${port}/v3/${URL_KEY}?apikey=${URL_KEY}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  /** All that a logger, a journal or a person could make of it. */
  const shown = (value: unknown): string => {
    const plain = (_: string, one: unknown): unknown => (typeof one === 'bigint' ? String(one) : one);
    const error = value instanceof Error ? `${value.stack} ${shown(value.cause)}` : '';
    const own = typeof value === 'object' && value !== null ? Object.getOwnPropertyNames(value) : [];
    const named = own.map((name) => String(Reflect.get(Object(value), name)));
    return [
      inspect(value, { depth: 12, showHidden: true }),
      JSON.stringify(value, plain),
      error,
      ...named,
    ].join('\n');
  };

  it('are in nothing that comes out, however nodes fail: no URL, no key, no signed bytes', async () => {
    const path = join(folder, 'key');
    writeFileSync(path, PRIVATE_KEY, { mode: 0o600 });
    const signer = fileSigner(path);
    const outbox = new FileOutbox(join(folder, 'outbox'));
    const out: string[] = [];
    const gather = async (work: () => Promise<unknown>): Promise<void> => {
      out.push(shown(await work().catch((error: unknown) => error)));
    };
    const transaction = {
      chainId: 1,
      nonce: 7,
      to: signer.address,
      value: 1n,
      data: '0x',
      gasLimit: 21_000,
      maxFeePerGas: 9n,
      maxPriorityFeePerGas: 1n,
    };
    const dead = 'http://127.0.0.1:9/';
    for (failing = 0; failing < FAILURES.length; failing += 1) {
      for (const at of [url, `${dead}${URL_KEY}`]) {
        const node = new ChainNode({ name: 'provider', url: at, timeoutMs: 200 });
        const sender = new ChainSender(signer, outbox, [node], privateRelay(node));
        const hash = await sender.sign(transaction, signingHash(transaction));
        await gather(() => sender.broadcast(hash, 'public'));
        await gather(() => sender.broadcast(hash, 'private', 99));
        await gather(async () =>
          readHex(await node.call('eth_call', [{ to: signer.address, data: '0x' }, 'latest'])),
        );
        await gather(() => new NodeBlocks(node).head());
        await gather(() => new NodeBlocks(node).between(1, 3));
        await gather(() => digestSigner(remoteKey(node)));
        out.push(shown(node), shown(sender), shown(signer), shown(outbox));
        node.close();
      }
    }
    await gather(() =>
      Promise.resolve().then(() => new ChainNode({ name: 'provider', url: `ws://x/${URL_KEY}` })),
    );
    await gather(() => Promise.resolve().then(() => new ChainNode({ name: 'provider', url: URL_KEY })));
    const raw =
      outbox.get(await new ChainSender(signer, outbox, []).sign(transaction, signingHash(transaction))) ?? '';
    const text = out.join('\n');
    expect(raw.length).toBeGreaterThan(200);
    expect(out.length).toBeGreaterThan(200);
    // It was looked for in what should have it: names and reasons are there.
    expect(text).toContain('provider');
    expect(text).toMatch(/CHAIN\.NODE_(?:SILENT|REFUSED)/);
    const secrets = [
      URL_KEY,
      USER_KEY,
      '127.0.0.1',
      PRIVATE_KEY,
      BigInt(`0x${PRIVATE_KEY}`).toString(),
      raw.slice(2),
    ];
    // A part of the bytes would do as well: r, which nothing else holds.
    secrets.push(raw.slice(-140, -90));
    for (const secret of secrets) expect({ secret: text.includes(secret) }).toEqual({ secret: false });
  }, 60_000);
});
