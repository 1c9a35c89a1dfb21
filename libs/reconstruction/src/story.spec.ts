import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openPackFolder } from '@evenkeel/adapter-audit';
import {
  LedgerEpochs,
  LedgerHistory,
  listDecisions,
  reconstruct,
  decisionContextOf,
} from '@evenkeel/adapter-postgres';
import { fromBase64, leafHashOf, verifyInclusion } from '@evenkeel/audit';
import { Decimal, formatInstant, parseInstant, required, sha256, toHex } from '@evenkeel/kernel';
import { runInProcess } from '@evenkeel/lab';
import { busyDemonstration } from '@evenkeel/testkit';
import { checkPack, packCheckText } from './check-pack';
import type { PackFiles } from './pack-files';
import { PACK_TABLES, csvLine } from './pack-tables';
import { stateAsOf, stateText } from './state-as-of';
import { storyPage } from './story-page';
import { asEpoch, ledgerOf } from './test-ledger.test-support';
import type { TestLedger } from './test-ledger.test-support';
import { writePack } from './write-pack';
import type { PackManifest } from './write-pack';

describe('what was, told from the ledger', () => {
  const market = busyDemonstration('story', 1);
  const { book } = market.book;
  const books = [{ file: market.book, source: 'the demonstration book' }];
  const journal = asEpoch(runInProcess({ tape: market.tape, books }).journal.all);
  let ledger: TestLedger;
  beforeAll(async () => {
    ledger = await ledgerOf(journal);
  }, 120_000);
  afterAll(() => ledger.close());
  const history = (): LedgerHistory => new LedgerHistory(ledger.pool);
  const epochs = (): LedgerEpochs => new LedgerEpochs(ledger.pool);

  it('is the state of a book at any sequence: the positions that its fills add up to', async () => {
    for (const share of [0.1, 0.5, 0.9, 1]) {
      const until = Math.floor(journal.length * share);
      const state = await stateAsOf(history(), epochs(), { book, asOf: String(until) });
      const expected = new Map<string, Decimal>();
      for (const { commit } of journal.slice(0, until)) {
        for (const { event } of commit.events) {
          if (event.type !== 'FillApplied' && event.type !== 'PositionAdopted') continue;
          const { instrument, quantity } = event.payload;
          expected.set(
            instrument,
            (expected.get(instrument) ?? Decimal.parse('0')).plus(Decimal.parse(quantity)),
          );
        }
      }
      const open = [...expected].filter(([, quantity]) => !quantity.isZero());
      expect(new Map(state.positions.map((one) => [one.instrument, Number(one.quantity)]))).toEqual(
        new Map(open.map(([instrument, quantity]) => [instrument, Number(quantity.toString())])),
      );
    }
  });

  it('is the same by time as by the last sequence of that time, with an order that was open then', async () => {
    const intent = required(
      journal.find(({ commit }) => commit.events.some(({ event }) => event.type === 'OrderIntended')),
      'an order',
    );
    const asOf = formatInstant(intent.commit.clock.eventTime);
    const byTime = await stateAsOf(history(), epochs(), { book, asOf });
    const bySequence = await stateAsOf(history(), epochs(), { book, asOf: String(byTime.seq) });
    expect(byTime).toEqual(bySequence);
    expect(byTime.openOrders).toHaveLength(1);
    expect(byTime.policy?.setBy).toBe('human:operator');
    expect(stateText(byTime)).toMatch(/set without a second person/);
    await expect(stateAsOf(history(), epochs(), { book: 'nobody', asOf: '1' })).rejects.toThrow(
      /epoch 1 has no book "nobody": it has demonstration/,
    );
  });

  it('is one page about a decision that needs nothing else, with its band and its hashes', async () => {
    const [decision] = await listDecisions(ledger.pool, { epoch: '1', outcome: 'HEDGED', limit: 1 });
    const { decisionId, seq } = required(decision, 'a hedge');
    const story = await reconstruct(ledger.pool, decisionId);
    const page = storyPage(story, await decisionContextOf(ledger.pool, '1', book, seq));
    expect(page).toContain('fill="var(--band)"');
    expect(page).toContain(story.decision.commit.hash);
    expect(page).not.toMatch(/<script|https?:\/\/|NaN|undefined/);
    expect(page.match(/<svg/g)?.length).toBeGreaterThanOrEqual(2);
  });

  it('is the regulator’s pack: every row names a commit that its proof puts into the signed tree', async () => {
    const out = join(ledger.dir, 'pack');
    const options = {
      source: history(),
      log: ledger.folder,
      openFolder: () => openPackFolder(out),
      madeAt: '2026-02-01T00:00:00Z',
    };
    const { manifest } = await writePack({
      ...options,
      epochs: ['1'],
      from: parseInstant('2020-01-01T00:00:00Z'),
      to: parseInstant('2030-01-01T00:00:00Z'),
    });
    const lines = (name: string): string[] => readFileSync(join(out, name), 'utf8').trim().split('\n');
    const count = (type: string): number =>
      journal.flatMap(({ commit }) => commit.events).filter(({ event }) => event.type === type).length;
    expect(manifest.rows.decisions).toBe(count('HedgeDecided') + count('HedgeDeclined'));
    expect(lines('orders.csv')[0]).toMatch(/^epoch,seq,sha256,event_time/);
    expect(lines('orders.jsonl').filter((line) => line.includes('"type":"OrderFilled"'))).toHaveLength(
      count('OrderFilled'),
    );
    expect(manifest.rows.checks).toBeGreaterThan(manifest.rows.orders / 10);
    expect(manifest.rows.config_changes).toBe(3);
    const head = required(ledger.folder.newest(), 'a checkpoint').head;
    const proven = new Set<string>();
    for (const line of lines('commits.jsonl')) {
      const { epoch, seq, index, bytes, proof } = JSON.parse(line) as Record<string, string> & {
        seq: number;
        index: number;
        proof: string[];
      };
      const sha = toHex(sha256(required(fromBase64(bytes ?? ''), 'base64')));
      const leafHash = leafHashOf({ epoch: epoch ?? '', seq, commitHash: sha });
      const hashes = proof.map((hash) => required(fromBase64(hash), 'base64'));
      if (verifyInclusion({ index, size: head.size, leafHash, proof: hashes }, head.root))
        proven.add(`${seq} ${sha}`);
    }
    for (const table of PACK_TABLES) {
      for (const line of lines(`${table}.jsonl`).filter((text) => text !== '')) {
        const row = JSON.parse(line) as { seq: number; sha256: string };
        expect(proven.has(`${row.seq} ${row.sha256}`)).toBe(true);
      }
    }
    for (const [name, { sha256: wanted }] of Object.entries(manifest.files))
      expect(toHex(sha256(readFileSync(join(out, name))))).toBe(wanted);
  });

  it('checks a pack with a key alone: whatever of it is changed, taken out or swapped is found', async () => {
    const out = join(ledger.dir, 'checked-pack');
    await writePack({
      source: history(),
      log: ledger.folder,
      openFolder: () => openPackFolder(out),
      madeAt: '2026-02-01T00:00:00Z',
      epochs: ['1'],
      from: parseInstant('2026-01-05T00:00:00Z'),
      to: parseInstant('2026-01-05T02:00:00Z'),
    });
    const sound: PackFiles = new Map(readdirSync(out).map((name) => [name, readFileSync(join(out, name))]));
    const check = (files: PackFiles) => checkPack(files, { keys: [ledger.key] });
    expect(check(sound).findings.filter(({ outcome }) => outcome === 'broken')).toEqual([]);
    expect(check(sound)).toMatchObject({ verdict: 'clean' });
    const later = required(sound.get('manifest.json'), 'the manifest').toString();
    const told = packCheckText(
      check(
        new Map(sound).set(
          'manifest.json',
          new TextEncoder().encode(later.replace(/("to": ?")[^"]+/, '$12027-01-01T00:00:00Z')),
        ),
      ),
      'a pack',
    );
    const at = told.indexOf('Not established');
    expect(told.slice(0, at)).not.toContain('2027-01-01');
    expect(told.slice(at)).toMatch(/2027-01-01T00:00:00Z.*nobody signed that/);
    const caught = new Map<string, readonly string[]>();
    const plant = (name: string, files: PackFiles): void => {
      const { verdict, findings } = check(files);
      const broken = findings.filter(({ outcome }) => outcome === 'broken').map(({ code }) => code);
      caught.set(name, verdict === 'divergent' ? broken : []);
    };
    for (const [name, bytes] of sound) {
      if (name === 'manifest.json') continue;
      const changed = Uint8Array.from(bytes);
      const at = changed.length >> 1;
      if (changed.length > 0) changed[at] = (changed[at] ?? 0) ^ 1;
      if (changed.length > 0) plant(`${name} changed`, new Map(sound).set(name, changed));
      plant(`${name} gone`, new Map([...sound].filter(([other]) => other !== name)));
      const lines = bytes.toString().split('\n');
      // Nobody reads log.json but for rotations, each of which is signed by a key in office.
      if (lines.length < 5 || name === 'log.json') continue;
      const without = lines.filter((_, line) => line !== 2);
      const swapped = [lines[0], lines[2], lines[1], ...lines.slice(3)];
      // As a forger would, who makes the manifest anew: only what the commits say is left to find it.
      plant(`${name} a row short`, sealedAgain(sound, name, without.join('\n')));
      plant(`${name} rows swapped`, sealedAgain(sound, name, swapped.join('\n')));
    }
    for (const field of ['"commits": ', '"size": ', '"decisions": ']) {
      const text = required(sound.get('manifest.json'), 'the manifest').toString();
      const altered = text.replace(new RegExp(`${field}(\\d+)`), `${field}1$1`);
      plant(`manifest ${field}`, new Map(sound).set('manifest.json', new TextEncoder().encode(altered)));
    }
    process.stderr.write(`pack: ${caught.size} changes planted, each caught\n`);
    expect([...caught].filter(([, codes]) => codes.length === 0)).toEqual([]);
    expect(caught.get('orders.csv a row short')).toEqual(['PACK.ROW_DIFFERS']);
    expect(check(new Map())).toMatchObject({ verdict: 'unreadable' });
  });

  it('writes cells that no spreadsheet runs and every parser reads', () => {
    expect(csvLine(['=1+1', 'a "b", c', -2, '-0.5', undefined, true])).toBe(
      '\'=1+1,"a ""b"", c",-2,-0.5,,true\r\n',
    );
  });
});

/** The pack with another text for a file, and a manifest that agrees. */
function sealedAgain(files: PackFiles, name: string, text: string): PackFiles {
  const bytes = new TextEncoder().encode(text);
  const manifest = JSON.parse(
    required(files.get('manifest.json'), 'the manifest').toString(),
  ) as PackManifest;
  const listed = { ...manifest.files, [name]: { sha256: toHex(sha256(bytes)), bytes: bytes.length } };
  const sealed = new TextEncoder().encode(JSON.stringify({ ...manifest, files: listed }));
  return new Map(files).set(name, bytes).set('manifest.json', sealed);
}
