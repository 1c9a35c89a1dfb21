import { foldersOfHome, hostEnvironment, parseEnvironment } from '@evenkeel/config';
import { parseVerifierKey } from '@evenkeel/audit';
import { isLoopback } from '@evenkeel/kernel';
import type { LogKeyOptions, WitnessEndpoint } from '@evenkeel/adapter-audit';
import { z } from 'zod';

const environment = hostEnvironment.extend({
  /** The ledger's database by the login that writes, `evenkeel_writer`. @secret */
  DATABASE_URL: z.string({
    error: 'must name the ledger’s PostgreSQL database, by the login evenkeel_writer',
  }),
  /** Folder of the installation, where others keep theirs apart from it. */
  EK_HOME: z.string().min(1).optional(),
  /** Tree, checkpoints and, in development, the signing key. `<EK_HOME>/audit` where `EK_HOME` is set. */
  EK_AUDIT_DIR: z.string({ error: 'must name the audit folder; with EK_HOME set it is <EK_HOME>/audit' }),
  /** Name of the log, e.g. `desk.example/evenkeel`; made up on first use unless told. */
  EK_AUDIT_ORIGIN: z
    .string()
    .regex(/^[^\s+]+$/u, 'must have no spaces and no plus sign')
    .optional(),
  /** PKCS #8 PEM of the Ed25519 signing key; without it or its file, a key is made in the audit folder. @secret */
  EK_AUDIT_KEY: z.string().optional(),
  /** A file of it, which is read when it is needed. */
  EK_AUDIT_KEY_FILE: z.string().optional(),
  /** Witnesses, separated by commas: `<cosignature verifier key> <url>`. */
  EK_WITNESSES: z
    .string()
    .default('')
    .transform((text, context) => witnessesOf(text, (message) => context.addIssue(message))),
  /** How long a witness may take to answer. */
  EK_WITNESS_TIMEOUT_MS: z.coerce.number().int().min(100).max(60_000).default(3_000),
});

export type LedgerEnvironment = z.infer<typeof environment>;

export const parseLedgerEnvironment = (): Readonly<LedgerEnvironment> =>
  parseEnvironment(environment, foldersOfHome(process.env, { EK_AUDIT_DIR: 'audit' }), 'ledger');

function witnessesOf(text: string, wrong: (message: string) => void): readonly WitnessEndpoint[] {
  const entries = text
    .split(/[,\n]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  const found: WitnessEndpoint[] = [];
  for (const entry of entries) {
    const [keyText = '', url = ''] = entry.split(/\s+/);
    const key = parseVerifierKey(keyText);
    if (key === undefined) wrong(`"${keyText}" is not a verifier key`);
    else if (!URL.canParse(url)) wrong(`"${entry}" names no URL after the key`);
    else if (!url.startsWith('https:') && !isLoopback(url))
      wrong(`${url} is spoken to in the clear: a witness on another machine has an https URL`);
    else found.push({ key, url });
  }
  return found;
}

/** Where the log lives and what it signs with. */
export function logKeyOptions(from: LedgerEnvironment): LogKeyOptions {
  return {
    folder: from.EK_AUDIT_DIR,
    ...(from.EK_AUDIT_ORIGIN === undefined ? {} : { origin: from.EK_AUDIT_ORIGIN }),
    ...(from.EK_AUDIT_KEY === undefined ? {} : { keyPem: from.EK_AUDIT_KEY }),
    ...(from.EK_AUDIT_KEY_FILE === undefined ? {} : { keyFile: from.EK_AUDIT_KEY_FILE }),
  };
}
