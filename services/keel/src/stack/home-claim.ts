import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning, makeFolder, processIdentity } from '@evenkeel/config';
import type { ProcessIdentity } from '@evenkeel/config';
import { required } from '@evenkeel/kernel';

/** What one process at a time may be in a home: the keeper of its stack, its run, the end of a FIX session. */
export type ClaimName = 'keeper' | 'run' | `drop-copy-${string}`;

/** Who holds a claim, and what it says about itself. */
export interface Holder {
  readonly process: ProcessIdentity;
  /** Wall time, ISO. */
  readonly since: string;
  readonly about: Readonly<Record<string, string>>;
}

/** Held until released, or until this process is gone. */
export interface Claim {
  /** Says more about the holder. */
  tell(about: Readonly<Record<string, string>>): void;
  release(): void;
}

/**
 * Takes a claim, or says who holds it. Each claim is a file of its own with a number one above the last, made whole or not at all;
 * nobody removes the newest. So of two who find that its holder is gone, one takes the next number, and neither can take away what the
 * other has just taken.
 */
export function takeClaim(
  folder: string,
  name: ClaimName,
  about: Readonly<Record<string, string>> = {},
): Claim | Holder {
  makeFolder(folder, 0o700);
  const me = required(processIdentity(process.pid), 'the identity of this process');
  const record = { process: me, since: new Date().toISOString(), about };
  for (;;) {
    const { number, holder } = newestOf(folder, name);
    if (holder !== undefined) return holder;
    const path = join(folder, `${name}.${number + 1}`);
    if (!linkWhole(folder, path, record)) continue;
    // Somebody was quicker by more than one number.
    if (newestOf(folder, name).number !== number + 1) {
      rmSync(path, { force: true });
      continue;
    }
    for (const older of numbersOf(folder, name).filter((one) => one <= number))
      rmSync(join(folder, `${name}.${older}`), { force: true });
    return {
      tell: (more) => replace(folder, path, { ...record, about: { ...about, ...more } }),
      release: () => writeFileSync(path, ''),
    };
  }
}

/** Who holds a claim now. */
export function holderOf(folder: string, name: ClaimName): Holder | undefined {
  return newestOf(folder, name).holder;
}

export function isClaim(taken: Claim | Holder): taken is Claim {
  return 'release' in taken;
}

function newestOf(folder: string, name: ClaimName): { readonly number: number; readonly holder?: Holder } {
  const number = Math.max(0, ...numbersOf(folder, name));
  const holder = number === 0 ? undefined : readHolder(join(folder, `${name}.${number}`));
  return holder === undefined || !isRunning(holder.process) ? { number } : { number, holder };
}

function numbersOf(folder: string, name: ClaimName): readonly number[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    return []; // nobody ever claimed anything here
  }
  return names
    .filter((one) => one.startsWith(`${name}.`))
    .map((one) => Number(one.slice(name.length + 1)))
    .filter((number) => Number.isSafeInteger(number));
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder; // written whole by takeClaim
  } catch {
    return undefined; // released, or taken away by a newer one
  }
}

function linkWhole(folder: string, path: string, record: Holder): boolean {
  const fresh = writeFresh(folder, record);
  try {
    linkSync(fresh, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false; // what the file system throws
    throw error;
  } finally {
    rmSync(fresh, { force: true });
  }
}

function replace(folder: string, path: string, record: Holder): void {
  renameSync(writeFresh(folder, record), path);
}

function writeFresh(folder: string, record: Holder): string {
  const fresh = join(folder, `.${randomUUID()}`);
  writeFileSync(fresh, JSON.stringify(record), { mode: 0o600 });
  return fresh;
}
