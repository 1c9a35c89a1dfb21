import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { required } from '@evenkeel/kernel';
import type { Outcome } from './test-chain';

/** An act of the table with the means to try it: in a state where nothing but who asks can refuse it. */
export interface Act {
  readonly name: string;
  readonly attempt: (from: string) => Promise<Outcome>;
}

export interface Rights {
  readonly acts: readonly string[];
  /** Columns of accounts, then of conditions. */
  readonly columns: readonly string[];
  may(act: string, column: string): boolean;
}

/** The table below a heading of contracts/README.md: acts in rows; `yes` or `no` in every cell. */
export function readRights(heading: string): Rights {
  const page = readFileSync(join(__dirname, '..', 'README.md'), 'utf8');
  const lines = required(page.split(`## ${heading}\n`)[1], `the heading ${heading}`).split('\n');
  const rows = lines
    .slice(
      lines.findIndex((line) => line.startsWith('|')),
      lines.findIndex((line, index) => line === '' && (lines[index - 1] ?? '').startsWith('|')),
    )
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const [header = [], , ...body] = rows;
  const cells = new Map(body.map(([act = '', ...values]) => [act.replaceAll('`', ''), values]));
  const columns = header.slice(1);
  return {
    acts: [...cells.keys()],
    columns,
    may: (act, column) => {
      const cell = required(cells.get(act)?.[columns.indexOf(column)], `${act} × ${column}`);
      if (cell !== 'yes' && cell !== 'no') throw new Error(`${act} × ${column} says ${cell}`);
      return cell === 'yes';
    },
  };
}

const REFUSALS = new Set([
  'NotAllowed',
  'OwnableUnauthorizedAccount',
  'EnforcedPause',
  'IsStopped',
  'NoHeartbeat',
]);

/** Whether somebody may: done, or refused for who he is or what stands still. Any other end is a fault of the test. */
export function allowed({ reverted }: Outcome): boolean {
  if (reverted === undefined) return true;
  if (!REFUSALS.has(reverted)) throw new Error(`refused for another reason: ${reverted}`);
  return false;
}
