import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { keccak_256 } from '@noble/hashes/sha3';
import { makeFolder } from '@evenkeel/config';
import { bytesOf, hexOf } from './hex';
import type { SignedTransaction } from '@evenkeel/execution';

/**
 * The bytes of signed transactions by their hash. They are on no journal: whoever reads that must not be able to send an attempt that was
 * given up. Losing them is safe, since signing again makes another attempt of the same nonce, and only one of those is ever included.
 */
export interface Outbox {
  put(transaction: SignedTransaction): void;
  /** Undefined where it holds none, or other bytes than the hash says. */
  get(hash: string): string | undefined;
  remove(hash: string): void;
}

const HASH = /^0x[0-9a-f]{64}$/;

/** A folder that its owner alone can read; what was put is on the disk when `put` returns. */
export class FileOutbox implements Outbox {
  constructor(private readonly folder: string) {
    makeFolder(folder, 0o700);
  }

  put({ hash, raw }: SignedTransaction): void {
    const path = this.pathOf(hash);
    const beside = `${path}.${process.pid}`;
    const file = openSync(beside, 'w', 0o600);
    try {
      writeSync(file, raw);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
    const folder = openSync(this.folder, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }

  get(hash: string): string | undefined {
    const path = this.pathOf(hash);
    if (!existsSync(path)) return undefined;
    const raw = readFileSync(path, 'utf8');
    const whole = /^0x(?:[0-9a-f]{2})+$/.test(raw) && hexOf(keccak_256(bytesOf(raw))) === hash;
    return whole ? raw : undefined;
  }

  remove(hash: string): void {
    rmSync(this.pathOf(hash), { force: true });
  }

  private pathOf(hash: string): string {
    if (!HASH.test(hash)) throw new RangeError('a transaction is named by 64 hex digits');
    return join(this.folder, hash.slice(2));
  }
}
