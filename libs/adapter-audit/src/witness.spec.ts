import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CheckpointIssuer,
  TileLog,
  consistencyProof,
  formatAddCheckpoint,
  keyringOf,
  leafHashOf,
  nodesFromTiles,
  rfc6962,
  tilePath,
  verifyCheckpoint,
} from '@evenkeel/audit';
import type { Hash, SigningPort, TileId } from '@evenkeel/audit';
import { generateKeyPem } from '@evenkeel/signing-keys';
import { sha256, toHex, utf8 } from '@evenkeel/kernel';
import { signerFromFile, signerFromPem } from './ed25519-key';
import { HeadFolder } from './head-folder';
import { TileFolder } from './tile-folder';
import { WitnessClient } from './witness-client';
import { Witness, serveWitness } from './witness-server';
import type { RunningWitness } from './witness-server';

const ORIGIN = 'evenkeel.example/desk-1';
const missing = (tile: TileId, why: string): never => {
  throw new Error(`${tilePath(tile)} ${why}`);
};

/** A ledger in a folder: tiles, and the means to sign its heads. */
class Ledger {
  readonly tiles: TileFolder;
  readonly log: TileLog;
  readonly issuer: CheckpointIssuer;

  constructor(
    folder: string,
    private readonly signer: SigningPort,
  ) {
    this.tiles = new TileFolder(join(folder, 'tiles'));
    this.log = new TileLog(this.tiles.write, rfc6962);
    this.issuer = new CheckpointIssuer(ORIGIN, new HeadFolder(join(folder, 'heads')));
  }

  append(commits: readonly string[]): void {
    for (const commit of commits) {
      const commitHash = toHex(sha256(utf8(commit)));
      this.log.append(leafHashOf({ epoch: '1', seq: this.log.size + 1, commitHash }));
    }
    this.log.flush();
  }

  readonly proofFrom = (oldSize: number): readonly Hash[] =>
    consistencyProof(oldSize, this.log.size, nodesFromTiles(this.log.size, this.tiles.read, missing));

  async checkpoint(): Promise<string> {
    const last = (await this.issuer.last())?.size ?? 0;
    const head = { size: this.log.size, root: this.log.root() };
    const issued = await this.issuer.issue(head, this.proofFrom(last), [this.signer]);
    if (!issued.ok) throw new Error(issued.failure.code);
    return issued.value;
  }
}

const commitsOf = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, at) => `commit ${from + at}`);

describe('a witness over HTTP', () => {
  const logPem = generateKeyPem();
  const log = signerFromPem(ORIGIN, logPem, 'notes');
  const witnessSigner = signerFromPem('auditor.example/w1', generateKeyPem(), 'cosignatures');
  const logs = new Map([[ORIGIN, { keyring: keyringOf(ORIGIN, [log.key]) }]]);
  const trust = { log: keyringOf(ORIGIN, [log.key]), witnesses: [witnessSigner.key], witnessQuorum: 1 };
  let folder = '';
  let running: RunningWitness;
  const misbehaviour: string[] = [];
  const newWitness = (): Witness =>
    new Witness({
      logs,
      signer: witnessSigner,
      stateFolder: join(folder, 'witness'),
      now: () => 1_760_000_000,
      onMisbehaviour: (message) => misbehaviour.push(message),
    });
  const clientOf = (): WitnessClient =>
    new WitnessClient([{ key: witnessSigner.key, url: running.url }], 5_000);

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'evenkeel-witness-'));
    misbehaviour.length = 0;
    running = await serveWitness(newWitness(), 0);
  });

  afterEach(async () => {
    await running.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('cosigns a growing log, relearns its size when asked from the wrong one, and the result verifies', async () => {
    const ledger = new Ledger(join(folder, 'log'), log);
    const client = clientOf();
    for (const [from, to] of [
      [0, 3],
      [3, 300],
      [300, 301],
      [301, 301],
    ] as const) {
      ledger.append(commitsOf(from, to));
      // Every other publication comes from a client that remembers nothing.
      const published = await (to === 301 ? clientOf() : client).publish(
        await ledger.checkpoint(),
        to,
        ledger.proofFrom,
      );
      expect(published.alerts).toEqual([]);
      const verified = verifyCheckpoint(published.note, trust);
      expect(verified.ok && verified.value.witnessed).toEqual([
        { witness: 'auditor.example/w1', timeSeconds: 1_760_000_000 },
      ]);
    }
  });

  it('catches an operator who holds the database and the signing key and rewrites history', async () => {
    const honest = new Ledger(join(folder, 'log'), log);
    honest.append(commitsOf(0, 300));
    expect((await clientOf().publish(await honest.checkpoint(), 300, honest.proofFrom)).alerts).toEqual([]);
    const signed = await honest.checkpoint();

    // Row 17 altered, every hash and tile recomputed, the memory of signed heads thrown away, the same key.
    const rewritten = commitsOf(0, 400);
    rewritten[17] = 'a more convenient truth';
    const sameSize = new Ledger(join(folder, 'rewritten'), log);
    sameSize.append(rewritten.slice(0, 300));
    const first = await clientOf().publish(await sameSize.checkpoint(), 300, sameSize.proofFrom);
    expect(first.alerts.map((alert) => alert.code)).toEqual(['AUDIT.WITNESS_REFUSED_FORK']);
    expect(first.cosignedBy).toEqual([]);

    sameSize.append(rewritten.slice(300));
    const second = await clientOf().publish(await sameSize.checkpoint(), 400, sameSize.proofFrom);
    expect(second.alerts.map((alert) => alert.code)).toEqual(['AUDIT.WITNESS_REFUSED_FORK']);
    expect(verifyCheckpoint(second.note, trust)).toMatchObject({
      failure: { code: 'AUDIT.WITNESSES_TOO_FEW' },
    });

    const shorter = new Ledger(join(folder, 'shorter'), log);
    shorter.append(commitsOf(0, 290));
    const third = await clientOf().publish(await shorter.checkpoint(), 290, shorter.proofFrom);
    expect(third.alerts.map((alert) => alert.code)).toEqual(['AUDIT.WITNESS_AHEAD']);

    // Both signed trees are kept: the witness's evidence and the honest checkpoint contradict each other.
    expect(misbehaviour).toHaveLength(2);
    const kept = readdirSync(join(folder, 'witness')).filter((name) => name.startsWith('misbehaviour-'));
    expect(kept).toHaveLength(2);
    expect(readFileSync(join(folder, 'witness', kept[0] ?? ''), 'utf8')).toContain(ORIGIN);
    expect(signed).toContain(ORIGIN);
  });

  it('remembers over a restart, and refuses to go on when its memory is damaged', async () => {
    const ledger = new Ledger(join(folder, 'log'), log);
    ledger.append(commitsOf(0, 10));
    await clientOf().publish(await ledger.checkpoint(), 10, ledger.proofFrom);
    await running.close();
    running = await serveWitness(newWitness(), 0);
    const note = await ledger.checkpoint();
    const ask = (body: string): Promise<Response> =>
      fetch(`${running.url}/add-checkpoint`, { method: 'POST', body });
    const conflict = await ask(formatAddCheckpoint({ oldSize: 0, proof: [], note }));
    expect([conflict.status, conflict.headers.get('content-type'), await conflict.text()]).toEqual([
      409,
      'text/x.tlog.size',
      '10\n',
    ]);
    const [file] = readdirSync(join(folder, 'witness')).filter((name) => name.endsWith('.head'));
    const path = join(folder, 'witness', file ?? '');
    writeFileSync(path, readFileSync(path, 'utf8').replace('10', '9'));
    const damaged = await clientOf().publish(note, 10, ledger.proofFrom);
    expect(damaged.alerts[0]).toMatchObject({
      code: 'AUDIT.WITNESS_UNREACHABLE',
      message: expect.stringContaining('500'),
    });
  });

  it('answers two racing requests one after the other', async () => {
    const ledger = new Ledger(join(folder, 'log'), log);
    ledger.append(commitsOf(0, 5));
    const small = formatAddCheckpoint({ oldSize: 0, proof: [], note: await ledger.checkpoint() });
    ledger.append(commitsOf(5, 9));
    const large = formatAddCheckpoint({ oldSize: 0, proof: [], note: await ledger.checkpoint() });
    const witness = newWitness();
    const statuses = (await Promise.all([witness.addCheckpoint(large), witness.addCheckpoint(small)])).map(
      (r) => r.status,
    );
    expect(statuses).toEqual([200, 409]);
  });

  it.each([
    ['old 0\n\nnonsense', 400],
    ['', 400],
    ['old 01\n\n', 400],
  ])('answers %j with %i', async (body, status) => {
    expect((await newWitness().addCheckpoint(body)).status).toBe(status);
  });

  it('knows no strangers: another origin is 404, another key 403, an old size beyond the tree 400', async () => {
    const stranger = signerFromPem(ORIGIN, generateKeyPem(), 'notes');
    const forged = new Ledger(join(folder, 'forged'), stranger);
    forged.append(['x']);
    const note = await forged.checkpoint();
    const request = formatAddCheckpoint({ oldSize: 0, proof: [], note });
    expect((await newWitness().addCheckpoint(request)).status).toBe(403);
    expect((await newWitness().addCheckpoint(request.replace(`${ORIGIN}\n1`, 'other\n1'))).status).toBe(404);
    const ledger = new Ledger(join(folder, 'log'), log);
    ledger.append(['x']);
    const beyond = formatAddCheckpoint({ oldSize: 2, proof: [], note: await ledger.checkpoint() });
    expect((await newWitness().addCheckpoint(beyond)).status).toBe(400);
    expect((await fetch(`${running.url}/add-checkpoint`)).status).toBe(405);
    expect((await fetch(`${running.url}/elsewhere`)).status).toBe(404);
  });

  it('turns an absent, a silent and a lying witness into alerts without holding anything up', async () => {
    const ledger = new Ledger(join(folder, 'log'), log);
    ledger.append(commitsOf(0, 4));
    const note = await ledger.checkpoint();
    const silent = createServer(() => undefined);
    const lying = createServer((_request, response) => response.end('\u2014 auditor.example/w1 AAAA\n'));
    const listen = (server: typeof silent): Promise<string> =>
      new Promise((resolve) =>
        server.listen(0, '127.0.0.1', () => {
          const address = server.address();
          resolve(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`);
        }),
      );
    const endless = createServer((_request, response) => {
      const more = (): void =>
        void (response.write(Buffer.alloc(64 * 1024, 'x'))
          ? setImmediate(more)
          : response.once('drain', more));
      more();
    });
    const urls = [await listen(silent), await listen(lying), 'http://127.0.0.1:1', await listen(endless)];
    const endpoints = urls.map((url) => ({ key: witnessSigner.key, url }));
    const published = await new WitnessClient(endpoints, 200).publish(note, 4, ledger.proofFrom);
    for (const server of [silent, lying, endless]) {
      server.close();
      server.closeAllConnections();
    }
    expect(published.note).toBe(note);
    expect(published.alerts.map((alert) => alert.code)).toEqual([
      'AUDIT.WITNESS_UNREACHABLE',
      'AUDIT.WITNESS_COSIGNATURE_INVALID',
      'AUDIT.WITNESS_UNREACHABLE',
      'AUDIT.WITNESS_UNREACHABLE',
    ]);
    expect(published.alerts[3]?.message).toMatch(/longer than 65536 bytes/);
  });

  it('keeps its key in a file made on first use', () => {
    const path = join(folder, 'key.pem');
    const made = signerFromFile('w', path, 'cosignatures');
    expect(signerFromFile('w', path, 'cosignatures').key).toEqual(made.key);
  });
});
