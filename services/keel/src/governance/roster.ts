import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatVerifierKey } from '@evenkeel/audit';
import type { SigningPort } from '@evenkeel/audit';
import { decideGovernance, initialGovernance } from '@evenkeel/governance';
import type { Enrolment, GovernanceOpened, RequiredOf, Role } from '@evenkeel/governance';
import { InvalidInputError, canonicalJson } from '@evenkeel/kernel';
import { signerFromFile } from '@evenkeel/adapter-audit';
import { z } from 'zod';

export const ROLES = ['viewer', 'trader', 'risk-officer', 'auditor', 'administrator'] as const;

const schema = z.array(
  z.strictObject({
    identity: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._@-]*$/),
    roles: z.array(z.enum(ROLES)).min(1),
    credentials: z
      .array(
        z.union([
          z.strictObject({ key: z.string() }),
          z.strictObject({ issuer: z.string(), subject: z.string() }),
        ]),
      )
      .min(1),
  }),
);

export interface NewIdentity {
  readonly identity: string;
  readonly roles: readonly Role[];
  /** An identity provider's account instead of a local key. */
  readonly account?: { readonly issuer: string; readonly subject: string };
}

/**
 * The people of one installation: `roster.json` with who may what, and in development a key file per person. The roster
 * is the first fact of an epoch; while one runs, it changes only by `keel propose roles`.
 */
export class Roster {
  constructor(private readonly dir: string) {}

  /** Everyone, by name. */
  all(): readonly Enrolment[] {
    const path = join(this.dir, 'roster.json');
    if (!existsSync(path)) return [];
    let value: unknown;
    try {
      value = JSON.parse(readFileSync(path, 'utf8'));
    } catch {
      throw new InvalidInputError(path, [{ path: '(file)', message: 'is not JSON' }]);
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw new InvalidInputError(
      path,
      parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
    );
  }

  /** How governance opens with these people; `undefined` where it could not. */
  opening(required?: RequiredOf): GovernanceOpened | undefined {
    const command = { type: 'OpenGovernance', at: new Date().toISOString(), enrolments: this.all() } as const;
    const level = required === undefined ? {} : { required };
    const opened = decideGovernance(initialGovernance(), { ...command, ...level });
    const [event] = opened.ok ? opened.value : [];
    return event?.type === 'GovernanceOpened' ? event : undefined;
  }

  /** Adds a person; with a fresh local key unless an account of an identity provider is named. */
  add({ identity, roles, account }: NewIdentity): Enrolment {
    const known = this.all();
    if (known.some((one) => one.identity === identity))
      throw new InvalidInputError('the command', [
        { path: 'name', message: `${identity} is enrolled already` },
      ]);
    const credential = account ?? { key: formatVerifierKey(this.signerOf(identity, true).key) };
    const enrolment: Enrolment = { identity, roles, credentials: [credential] };
    const parsed = schema.safeParse([enrolment]);
    if (!parsed.success)
      throw new InvalidInputError('the command', [
        { path: 'name', message: 'holds letters, digits, dots, dashes, underscores and @' },
      ]);
    const next = [...known, enrolment].sort((a, b) => (a.identity < b.identity ? -1 : 1));
    mkdirSync(this.dir, { recursive: true });
    writeFileSync(join(this.dir, 'roster.json'), `${canonicalJson(next)}\n`);
    return enrolment;
  }

  /** The local key of a person. Throws where there is none on this machine. */
  signerOf(identity: string, create = false): SigningPort {
    const path = join(this.dir, `${identity}.pem`);
    if (!create && !existsSync(path)) {
      throw new InvalidInputError('the command', [
        {
          path: '--as',
          message: `there is no key of ${identity} here (${path}): \`keel identity create ${identity} --role …\` makes one, or give --token`,
        },
      ]);
    }
    mkdirSync(this.dir, { recursive: true, mode: 0o700 });
    return signerFromFile(identity, path, 'notes');
  }
}
