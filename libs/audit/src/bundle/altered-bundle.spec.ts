import { canonicalJson, createRandom, required, sha256, toHex, utf8, uuidV5 } from '@evenkeel/kernel';
import type { Random } from '@evenkeel/kernel';
import { textOf } from '../encoding/utf8-text';
import { toBase64 } from '../encoding/base64';
import { FIXTURE_TRUST, buildFixtureBundle, fixtureCheckpoint } from '../testing/bundle.test-support';
import type { FixtureBundle } from '../testing/bundle.test-support';
import { buildHistory, decodeFixture, encodeFixture } from '../testing/history.test-support';
import { sealLines } from './build-bundle';
import type { BundleLine, CommitLine, HeaderLine } from './bundle-lines';
import { checkBundle } from './check-bundle';
import type { BundleReport, BundleTrust } from './check-bundle';

const SOAK = process.env['EK_SOAK'] === '1';
const SEEDS = Array.from({ length: SOAK ? 24 : 6 }, (_, at) => `bundle ${at}`);

const check = (bytes: Uint8Array, trust: BundleTrust = FIXTURE_TRUST): BundleReport =>
  checkBundle(bytes, trust, decodeFixture);
const codes = (report: BundleReport): string[] =>
  report.findings.filter((finding) => finding.outcome === 'broken').map((finding) => finding.code);

function linesOf(bytes: Uint8Array): BundleLine[] {
  const texts = required(textOf(bytes), 'text').split('\n').slice(0, -2);
  return texts.map((text) => JSON.parse(text) as BundleLine); // lines this test's own bundle wrote
}

/** What a forger would do: change the lines, then put counts and seal right again. */
function reseal(lines: readonly BundleLine[]): Uint8Array {
  const count = (kind: BundleLine['kind']): number => lines.filter((line) => line.kind === kind).length;
  const counts = {
    commits: count('commit'),
    boundaries: count('boundary'),
    rotations: count('rotation'),
    attachments: count('attachment'),
  };
  return sealLines(lines.map((line) => (line.kind === 'header' ? { ...line, counts } : line)));
}

describe('an altered evidence bundle', () => {
  let bundles: FixtureBundle[] = [];
  beforeAll(async () => {
    bundles = await Promise.all(SEEDS.map((seed, at) => buildFixtureBundle(seed, 6 + at * 5)));
  });

  type ByteMutation = (bytes: Uint8Array, at: number, random: Random) => Uint8Array;
  const BYTE_MUTATIONS: Readonly<Record<string, ByteMutation>> = {
    'flip a bit': (bytes, at, random) =>
      bytes.map((byte, p) => (p === at ? byte ^ (1 << random.integer(8)) : byte)),
    'delete a byte': (bytes, at) => Uint8Array.from([...bytes.slice(0, at), ...bytes.slice(at + 1)]),
    'duplicate a byte': (bytes, at) => Uint8Array.from([...bytes.slice(0, at + 1), ...bytes.slice(at)]),
    'swap two bytes': (bytes, at, random) => {
      const copy = Uint8Array.from(bytes);
      let other = random.integer(bytes.length);
      while (bytes[other] === bytes[at]) other = (other + 1) % bytes.length;
      [copy[at], copy[other]] = [bytes[other] ?? 0, bytes[at] ?? 0];
      return copy;
    },
    'insert a byte': (bytes, at, random) =>
      Uint8Array.from([...bytes.slice(0, at), random.integer(256), ...bytes.slice(at)]),
    'truncate the file': (bytes, at) => bytes.slice(0, at),
    'append a byte': (bytes, _at, random) => Uint8Array.from([...bytes, random.integer(256)]),
    'delete a line': (bytes, at) => {
      const lines = linesText(bytes);
      return joinLines(lines.filter((_, p) => p !== at % lines.length));
    },
    'duplicate a line': (bytes, at) => {
      const lines = linesText(bytes);
      return joinLines(lines.flatMap((line, p) => (p === at % lines.length ? [line, line] : [line])));
    },
    'swap two lines': (bytes, at) => {
      const lines = linesText(bytes);
      const [a, b] = [at % lines.length, (at + 1) % lines.length];
      return joinLines(
        lines.map((line, p) => (p === a ? (lines[b] ?? '') : p === b ? (lines[a] ?? '') : line)),
      );
    },
  };
  const linesText = (bytes: Uint8Array): string[] => required(textOf(bytes), 'text').split('\n').slice(0, -1);
  const joinLines = (lines: readonly string[]): Uint8Array => utf8(lines.map((line) => `${line}\n`).join(''));

  it.each(Object.keys(BYTE_MUTATIONS))('is detected: %s', (name) => {
    const mutate = required(BYTE_MUTATIONS[name], name);
    for (const [at, { bytes }] of bundles.entries()) {
      const random = createRandom(`${SEEDS[at] ?? ''} ${name}`);
      for (let round = 0; round < (SOAK ? 60 : 12); round += 1) {
        const position = random.integer(bytes.length);
        const altered = mutate(bytes, position, random);
        const report = check(altered);
        if (report.verdict === 'clean')
          throw new Error(`${SEEDS[at] ?? ''}, ${name} at ${position} went unnoticed`);
        expect(
          report.findings.filter(({ outcome }) => outcome === 'broken').map(({ message }) => message),
        ).not.toEqual([]);
        expect(report.findings.filter(({ message }) => message === '')).toEqual([]);
      }
    }
  });

  it('is detected at every single byte of a whole bundle', () => {
    const { bytes } = required(bundles[0], 'a bundle');
    const random = createRandom('every byte');
    for (let at = 0; at < bytes.length; at += SOAK ? 2 : 13) {
      const bit = 1 << random.integer(8);
      if (check(bytes.map((byte, p) => (p === at ? byte ^ bit : byte))).verdict === 'clean')
        throw new Error(`byte ${at}`);
    }
  });

  it('is refused when a line is spelt otherwise, even when it was sealed again', () => {
    const { bytes } = required(bundles[0], 'a bundle');
    const lines = linesText(bytes);
    const spellings: ((line: string) => string)[] = [
      (line) => line.replace(',', ', '),
      (line) => line.replace('"epoch":"1"', '"epoch":"\\u0031"'),
      (line) => line.replace('{"bytes"', '{"bytes":"AAAA","bytes"'),
      (line) => line.replace(/^\{(.*),("seq":\d+)\}$/, '{$2,$1}'),
      (line) => line.replace(/"seq":(\d+)/, '"seq":$1.0'),
    ];
    const at = lines.findIndex((line) => line.includes('"kind":"commit"'));
    for (const respell of spellings) {
      const respelt = lines.slice(0, -1).map((line, p) => (p === at ? respell(line) : line));
      expect(respelt[at]).not.toBe(lines[at]);
      const body = respelt.map((line) => `${line}\n`).join('');
      const seal = { kind: 'seal', lines: respelt.length, sha256: toHex(sha256(utf8(body))) };
      const report = check(utf8(`${body}${canonicalJson(seal)}\n`));
      expect(report.verdict).toBe('divergent');
      expect(report.findings[0]?.message).toContain(`Line ${at + 1} `);
    }
  });

  it('names the commit when its bytes or its proof were altered', () => {
    for (const { bytes } of bundles) {
      const lines = linesOf(bytes);
      const commit = required(
        lines.find((line) => line.kind === 'commit'),
        'a commit',
      );
      const flipped = commit.bytes.startsWith('e')
        ? `f${commit.bytes.slice(1)}`
        : `e${commit.bytes.slice(1)}`;
      const text = required(textOf(bytes), 'text').replace(commit.bytes, flipped);
      const report = check(utf8(text));
      expect(codes(report)).toContain('AUDIT.BUNDLE_SEAL_BROKEN');
      expect(report.findings).toContainEqual(
        expect.objectContaining({ code: 'AUDIT.INCLUSION_INVALID', seq: commit.seq }),
      );
    }
  });

  /** Forgeries that put counts and seal right again: what is left to catch them is the cryptography and the closure. */
  type LineMutation = (lines: BundleLine[], random: Random, bundle: FixtureBundle) => BundleLine[];
  const pick = (lines: readonly BundleLine[], random: Random): CommitLine => {
    const commits = lines.filter((line): line is CommitLine => line.kind === 'commit');
    return required(commits[random.integer(commits.length)], 'a commit');
  };
  const change = <K extends BundleLine['kind']>(
    lines: BundleLine[],
    kind: K,
    how: (line: Extract<BundleLine, { kind: K }>) => BundleLine,
  ): BundleLine[] =>
    // narrowing by a type parameter is beyond the compiler; the comparison before vouches for it
    lines.map((line) => (line.kind === kind ? how(line as Extract<BundleLine, { kind: K }>) : line));
  const FORGERIES: Readonly<Record<string, LineMutation>> = {
    'alter a commit': (lines, random) => {
      const target = pick(lines, random);
      return lines.map((line) => {
        if (line !== target) return line;
        const decoded = decodeFixture(Buffer.from(target.bytes, 'base64'));
        const altered = encodeFixture({
          ...decoded,
          prevHash: toHex(decoded.prevHash),
          payload: 'a kinder story',
        });
        return { ...target, bytes: toBase64(altered) };
      });
    },
    'alter a proof': (lines, random) => {
      const target = pick(lines, random);
      const hash = toBase64(Uint8Array.from({ length: 32 }, () => random.integer(256)));
      return lines.map((line) =>
        line === target ? { ...target, proof: [hash, ...target.proof.slice(1)] } : line,
      );
    },
    'claim another sequence': (lines, random) => {
      const target = pick(lines, random);
      return lines.map((line) => (line === target ? { ...target, seq: target.seq + 1 } : line));
    },
    'claim another place in the tree': (lines, random) => {
      const target = pick(lines, random);
      return lines.map((line) => (line === target ? { ...target, index: target.index + 1 } : line));
    },
    'take a commit out': (lines, random) => {
      const target = pick(lines, random);
      return lines.filter((line) => line !== target);
    },
    'put a commit in twice': (lines, random) => {
      const target = pick(lines, random);
      return lines.flatMap((line) => (line === target ? [target, target] : [line]));
    },
    'swap two commits': (lines) => {
      const commits = lines.filter((line): line is CommitLine => line.kind === 'commit').reverse();
      return lines.map((line) => (line.kind === 'commit' ? required(commits.shift(), 'a commit') : line));
    },
    'swap the contents of two commits': (lines) => {
      const commits = lines.filter((line): line is CommitLine => line.kind === 'commit');
      const [first, last] = [
        required(commits[0], 'a commit'),
        required(commits[commits.length - 1], 'a commit'),
      ];
      return lines.map((line) =>
        line === first
          ? { ...first, bytes: last.bytes }
          : line === last
            ? { ...last, bytes: first.bytes }
            : line,
      );
    },
    'put in a sound commit that nothing leads to': (lines, _random, bundle) => {
      const known = new Set(bundle.contents.commits.map((commit) => commit.index));
      const index = bundle.history.rows.findIndex((_, at) => !known.has(at));
      const row = required(bundle.history.rows[index], 'a row outside the closure');
      const proof = bundle.contents.proofOf(index).map(toBase64);
      const stranger: CommitLine = {
        kind: 'commit',
        epoch: row.epoch,
        seq: row.seq,
        index,
        bytes: toBase64(row.bytes),
        proof,
      };
      const commits = [...lines.filter((line) => line.kind === 'commit'), stranger].sort(
        (a, b) => a.index - b.index,
      );
      return lines.flatMap((line) =>
        line.kind !== 'commit' ? [line] : (commits.splice(0, commits.length) as BundleLine[]),
      );
    },
    'put in a commit made up': (lines, random) => {
      const target = pick(lines, random);
      const forged = { ...target, seq: 9_999, index: 9_998, bytes: toBase64(utf8('{}')) };
      const at = lines.findIndex((line) => line.kind === 'attachment' || line.kind === 'boundary');
      return [...lines.slice(0, at), forged, ...lines.slice(at)];
    },
    'declare a boundary that is none': (lines) => {
      const at = lines.findIndex((line) => line.kind === 'attachment');
      const boundary = {
        kind: 'boundary',
        what: 'cause',
        epoch: '1',
        seq: 1,
        commitId: uuidV5('x'),
      } as const;
      return [...lines.slice(0, at), boundary, ...lines.slice(at)];
    },
    'alter the checkpoint': (lines) =>
      change(lines, 'checkpoint', (line) => ({
        ...line,
        note: line.note.replace(/\n(\d+)\n/, (_, size) => `\n${Number(size) + 1}\n`),
      })),
    'take the checkpoint of another tree': (lines, _random, bundle) =>
      change(lines, 'checkpoint', (line) => ({
        ...line,
        note: fixtureCheckpoint(
          bundle.history.rows.length,
          buildHistory('other', bundle.history.rows.length).root,
        ),
      })),
    'strip the cosignature': (lines) =>
      change(lines, 'checkpoint', (line) => ({
        ...line,
        note: line.note.split('\n').slice(0, -2).join('\n').concat('\n'),
      })),
    'take out the key rotation': (lines) => lines.filter((line) => line.kind !== 'rotation'),
    'alter the key rotation': (lines) =>
      change(lines, 'rotation', (line) => ({ ...line, note: line.note.replace('from 2', 'from 1') })),
    'name another kernel': (lines) =>
      change(lines, 'software', (line) => ({ ...line, kernels: ['0'.repeat(64)] })),
    'name another policy': (lines) => change(lines, 'software', (line) => ({ ...line, policies: [] })),
    'attach another kernel': (lines) =>
      change(lines, 'attachment', (line) => ({ ...line, bytes: toBase64(utf8('other')) })),
    'be about something that is not there': (lines) =>
      change(lines, 'header', (line) => ({
        ...line,
        subjects: [...line.subjects, { epoch: '1', seq: 9_999 }],
      })),
    'be about nothing': (lines) => change(lines, 'header', (line): HeaderLine => ({ ...line, subjects: [] })),
    'claim another origin': (lines) => change(lines, 'header', (line) => ({ ...line, origin: 'elsewhere' })),
  };

  it.each(Object.keys(FORGERIES))('is detected even when it was sealed again: %s', (name) => {
    const forge = required(FORGERIES[name], name);
    for (const [at, bundle] of bundles.entries()) {
      const lines = linesOf(bundle.bytes);
      if (lines.filter((line) => line.kind === 'commit').length < 2) continue;
      if (name.includes('nothing leads to') && bundle.contents.commits.length === bundle.history.rows.length)
        continue;
      expect(check(reseal(lines)).verdict).toBe('clean');
      const report = check(reseal(forge(lines, createRandom(`${at} ${name}`), bundle)));
      if (report.verdict === 'clean') throw new Error(`${SEEDS[at] ?? ''}: ${name} went unnoticed`);
      expect(codes(report)).not.toContain('AUDIT.BUNDLE_SEAL_BROKEN');
    }
  });
});
