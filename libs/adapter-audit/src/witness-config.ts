import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { keyringOf, parseVerifierKey, rotateKeys } from '@evenkeel/audit';
import type { Keyring, VerifierKey, WitnessedLog } from '@evenkeel/audit';
import { decodedText } from '@evenkeel/config';
import { InvalidInputError } from '@evenkeel/kernel';
import type { InputProblem } from '@evenkeel/kernel';
import { z } from 'zod';
import { signerFromFile } from './ed25519-key';
import { Witness, serveWitness } from './witness-server';
import type { RunningWitness, WitnessOptions } from './witness-server';

const logSchema = z.strictObject({
  /** As in the log's checkpoints. */
  origin: z.string().min(1),
  /** Verifier keys the log signs with from the start. */
  keys: z.array(z.string()).min(1),
  /** Key-rotation notes, oldest first. */
  rotations: z.array(z.string()).default([]),
});

/** The file of `keel audit witness`; paths are relative to it. */
export const witnessConfigSchema = z.strictObject({
  /** Names this witness in its cosignatures, e.g. `auditor.example/w1`. */
  name: z.string().regex(/^[^\s+]+$/u, 'must have no spaces and no plus sign'),
  /** PKCS #8 PEM; made on first start. Keep a copy: a witness with another key is another witness. */
  keyFile: z.string().min(1),
  stateFolder: z.string().min(1),
  host: z.string().default('127.0.0.1'),
  port: z.number().int().min(0).max(65_535),
  logs: z.array(logSchema).min(1),
});

export type WitnessConfig = z.infer<typeof witnessConfigSchema>;

/** Reads a witness's configuration. Throws `INPUT.INVALID` with every problem and its path. */
export function loadWitnessConfig(path: string): WitnessConfig {
  let value: unknown;
  try {
    value = JSON.parse(decodedText(readFileSync(path)));
  } catch (error) {
    const message = error instanceof Error ? error.message : 'cannot be read';
    throw new InvalidInputError(path, [{ path: '(file)', message }]);
  }
  const parsed = witnessConfigSchema.safeParse(value);
  if (!parsed.success) {
    throw new InvalidInputError(
      path,
      parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
    );
  }
  const folder = dirname(resolve(path));
  const config = parsed.data;
  return {
    ...config,
    keyFile: resolve(folder, config.keyFile),
    stateFolder: resolve(folder, config.stateFolder),
  };
}

/** The logs of a configuration with their keyrings; every problem at once. */
export function witnessedLogs(config: WitnessConfig): ReadonlyMap<string, WitnessedLog> {
  const problems: InputProblem[] = [];
  const logs = new Map<string, WitnessedLog>();
  for (const [at, log] of config.logs.entries()) {
    const path = `logs.${at}`;
    if (logs.has(log.origin))
      problems.push({ path: `${path}.origin`, message: `${log.origin} is there twice` });
    const keyring = keyringOfConfig(log, path, problems);
    logs.set(log.origin, { keyring });
  }
  if (problems.length > 0) throw new InvalidInputError('the witness configuration', problems);
  return logs;
}

function keyringOfConfig(
  log: WitnessConfig['logs'][number],
  path: string,
  problems: InputProblem[],
): Keyring {
  const keys: VerifierKey[] = [];
  for (const [at, text] of log.keys.entries()) {
    const key = parseVerifierKey(text);
    if (key === undefined) problems.push({ path: `${path}.keys.${at}`, message: 'is not a verifier key' });
    else keys.push(key);
  }
  let keyring = keyringOf(log.origin, keys);
  for (const [at, note] of log.rotations.entries()) {
    const rotated = rotateKeys(keyring, note);
    if (rotated.ok) keyring = rotated.value;
    else problems.push({ path: `${path}.rotations.${at}`, message: rotated.failure.message });
  }
  return keyring;
}

export interface StartedWitness extends RunningWitness {
  /** What logs and auditors must know of this witness. */
  readonly key: VerifierKey;
}

/** Starts the witness of a configuration. `now`: POSIX seconds. */
export async function startWitness(
  config: WitnessConfig,
  now: () => number,
  onMisbehaviour?: WitnessOptions['onMisbehaviour'],
): Promise<StartedWitness> {
  const logs = witnessedLogs(config);
  const signer = signerFromFile(config.name, config.keyFile, 'cosignatures');
  const witness = new Witness({
    logs,
    signer,
    stateFolder: config.stateFolder,
    now,
    ...(onMisbehaviour === undefined ? {} : { onMisbehaviour }),
  });
  const running = await serveWitness(witness, config.port, config.host);
  return { ...running, key: signer.key };
}
