import { mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secp256k1 } from '@noble/curves/secp256k1';
import { addressOfSigner } from '../src/addresses';
import { bytesOf, hexOf } from '../src/hex';
import { ChainNode } from '../src/json-rpc';
import { digestSigner, fileSigner, remoteKey } from '../src/signer';
import type { ChainSigner, DigestKey } from '../src/signer';
import { PRIVATE_KEY } from './sending-desk';

/** SubjectPublicKeyInfo of an uncompressed point of secp256k1, as key management services give it. */
const SPKI = '3056301006072a8648ce3d020106052b8104000a034200';
const HALF = secp256k1.CURVE.n >> 1n;

/** Signs anew each time and gives the higher s as often as not, as such services do. */
const service: DigestKey = {
  publicKey: () => {
    const point = secp256k1.getPublicKey(PRIVATE_KEY, false);
    return Promise.resolve(bytesOf(`0x${SPKI}${hexOf(point).slice(2)}`));
  },
  signDigest: (digest) => {
    const { r, s } = secp256k1.sign(digest, PRIVATE_KEY, { lowS: false, extraEntropy: true });
    return Promise.resolve(new secp256k1.Signature(r, s).toDERRawBytes());
  },
};

describe('signers', () => {
  let folder: string;
  let file: ChainSigner;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'evenkeel-signer-'));
    writeFileSync(join(folder, 'key'), PRIVATE_KEY, { mode: 0o600 });
    file = fileSigner(join(folder, 'key'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const hashes = Array.from({ length: 64 }, (_, index) => new Uint8Array(32).fill(index + 1));

  it('of a file, of a service and of one behind a wire are one account with the lower s', async () => {
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const { id, method, params } = JSON.parse(Buffer.concat(parts).toString()) as {
          id: number;
          method: string;
          params: string[];
        }; // our own client's request
        const answer =
          method === 'signer_publicKey' ? service.publicKey() : service.signDigest(bytesOf(params[0] ?? ''));
        void answer.then((bytes) =>
          response.end(JSON.stringify({ jsonrpc: '2.0', id, result: hexOf(bytes) })),
        );
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo; // it listens on a port
    const wire = new ChainNode({ name: 'signer', url: `http://127.0.0.1:${port}` });
    const signers = [file, await digestSigner(service), await digestSigner(remoteKey(wire))];
    for (const signer of signers) {
      expect(signer.address).toBe(file.address);
      for (const hash of hashes) {
        const signature = await signer.sign(hash);
        expect(signature.s).toBeLessThanOrEqual(HALF);
        expect(addressOfSigner(hash, signature)).toBe(file.address);
      }
    }
    wire.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('refuse what another key signed, and what is no signature', async () => {
    const other = `${PRIVATE_KEY.slice(0, -1)}0`;
    const stranger = await digestSigner({
      ...service,
      signDigest: (digest) => Promise.resolve(secp256k1.sign(digest, other).toDERRawBytes()),
    });
    const noise = await digestSigner({ ...service, signDigest: () => Promise.resolve(new Uint8Array(70)) });
    for (const signer of [stranger, noise])
      await expect(signer.sign(new Uint8Array(32).fill(7))).rejects.toMatchObject({
        code: 'CHAIN.SIGNED_OTHERWISE',
      });
  });

  it('take no key file that others can read, and none that holds no key; neither error tells what is in it', () => {
    const bad = join(folder, 'bad');
    writeFileSync(bad, PRIVATE_KEY, { mode: 0o600 });
    chmodSync(bad, 0o640);
    expect(() => fileSigner(bad)).toThrow(/can be read by others/);
    chmodSync(bad, 0o600);
    writeFileSync(bad, `${PRIVATE_KEY}00`);
    expect(() => fileSigner(bad)).toThrow(/is not a private key/);
    expect(() => fileSigner(join(folder, 'none'))).toThrow(/does not exist/);
    for (const path of [bad, join(folder, 'none')])
      try {
        fileSigner(path);
      } catch (error) {
        expect(String(error)).not.toContain(PRIVATE_KEY.slice(0, 8));
      }
  });
});
