import type { BundleCommit, FindingList } from '@evenkeel/audit';
import { decodeCommit } from '@evenkeel/contracts';
import { toHex } from '@evenkeel/kernel';
import { linesOf, textIn } from './pack-files';
import type { PackFiles } from './pack-files';
import { COMMON_COLUMNS, OWN_COLUMNS, PACK_TABLES, csvLine, packRows } from './pack-tables';
import type { PackTable } from './pack-tables';
import type { PackManifest } from './write-pack';

/** Every table as it follows from the commits; the first line that differs is named. */
export function checkTables(
  files: PackFiles,
  commits: readonly BundleCommit[],
  manifest: PackManifest,
  findings: FindingList,
): void {
  const made = tablesOf(commits);
  const wrong = new Set<string>();
  for (const table of PACK_TABLES) {
    const { csv, json } = made[table];
    const pairs = [
      [`${table}.csv`, csv, splitCsv(textIn(files, `${table}.csv`) ?? '')],
      [`${table}.jsonl`, json, linesOf(textIn(files, `${table}.jsonl`) ?? '')],
    ] as const;
    for (const [name, wanted, found] of pairs) {
      const at = firstDifference(wanted, found);
      if (at === undefined) continue;
      wrong.add(name);
      const seen =
        found[at] === undefined ? 'ends' : wanted[at] === undefined ? 'goes on' : 'says something else';
      findings.broken(
        'PACK.ROW_DIFFERS',
        `${name}, line ${at + 1}: the file ${seen} where the commits say ${(wanted[at] ?? 'nothing more').trim().slice(0, 160)}.`,
      );
    }
    if (json.length !== manifest.rows[table])
      findings.broken(
        'PACK.MANIFEST_WRONG',
        `The manifest counts ${manifest.rows[table]} rows of ${table}, the commits make ${json.length}.`,
      );
  }
  if (commits.length !== manifest.commits)
    findings.broken(
      'PACK.MANIFEST_WRONG',
      `The manifest counts ${manifest.commits} commits, here are ${commits.length}.`,
    );
  if (wrong.size === 0)
    findings.established(
      'PACK.ROWS_FOLLOW',
      `Every row of the ${PACK_TABLES.length} tables is what its commit says, and none is missing.`,
    );
}

type Tables = Readonly<Record<PackTable, { readonly csv: string[]; readonly json: string[] }>>;

function tablesOf(commits: readonly BundleCommit[]): Tables {
  const tables = Object.fromEntries(
    PACK_TABLES.map((table) => [
      table,
      { csv: [csvLine([...COMMON_COLUMNS, ...OWN_COLUMNS[table]])], json: [] as string[] },
    ]),
  ) as Tables; // one entry per table
  for (const { bytes, seq, hash } of commits)
    for (const [table, cells] of packRows({ commit: decodeCommit(bytes), seq, sha256: toHex(hash) })) {
      const columns = [...COMMON_COLUMNS, ...OWN_COLUMNS[table]];
      tables[table].csv.push(csvLine(columns.map((name) => cells[name])));
      tables[table].json.push(JSON.stringify(cells));
    }
  return tables;
}

function firstDifference(wanted: readonly string[], found: readonly string[]): number | undefined {
  const length = Math.max(wanted.length, found.length);
  for (let at = 0; at < length; at += 1) if (wanted[at] !== found[at]) return at;
  return undefined;
}

/** Rows of a CSV file with their line ends; a line end inside of quotes belongs to its cell. */
function splitCsv(text: string): readonly string[] {
  const rows: string[] = [];
  let from = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') isQuoted = !isQuoted;
    else if (text[at] === '\n' && !isQuoted) {
      rows.push(text.slice(from, at + 1));
      from = at + 1;
    }
  }
  return from < text.length ? [...rows, text.slice(from)] : rows;
}
