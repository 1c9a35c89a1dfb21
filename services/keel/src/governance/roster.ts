import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { formatVerifierKey } from '@evenkeel/audit';
import type { SigningPort } from '@evenkeel/audit';
import { decideGovernance, initialGovernance } from '@evenkeel/governance';
import type { Enrolment, GovernanceOpened, RequiredOf, Role } from '@evenkeel/governance';
import { EvenkeelError, InvalidInputError, canonicalJson } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';
import { signerFromFile, writeDurably } from '@evenkeel/adapter-audit';
import { makeFolder, pinnedRoster } from '@evenkeel/config';
import { z } from 'zod';

export const ROLES = ['viewer', 'trader', 'risk-officer', 'auditor', 'administrator'] as const;

const schema = z.array(
  z.strictObject({
    // A person's name, or the issuer of an identity provider.
    identity: z.string().regex(/^([A-Za-z0-9][A-Za-z0-9._@-]*|https:\/\/[A-Za-z0-9._~:/-]+)$/),
    roles: z.array(z.enum(ROLES)),
    credentials: z
      .array(
        z.union([
          z.strictObject({ key: z.string() }),
          z.strictObject({ issuer: z.string(), subject: z.string() }),
          z.strictObject({ jwk: z.string(), audience: z.string() }),
        ]),
      )
      .min(1),
  }),
);

const jwkSet = z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })).min(1) });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export interface NewIdentity {
  readonly identity: string;
  readonly roles: readonly Role[];
  /** An identity provider's account instead of a local key. */
  readonly account?: { readonly issuer: string; readonly subject: string };
}

/** Where an installation writes down by which roster its services judge. */
export function rosterPinPath(governanceDir: string): string {
  return join(governanceDir, 'roster.sha256');
}

/**
 * The people of one installation: `roster.json` with who may what, and in development a key file per person. The roster
 * is the first fact of an epoch; while one runs, it changes only by `keel propose roles`.
 */
export class Roster {
  /** Where it is written. */
  readonly path: string;
  /** Holds the hash of the roster that services are to judge by. */
  readonly pinPath: string;

  constructor(private readonly dir: string) {
    this.path = join(dir, 'roster.json');
    this.pinPath = rosterPinPath(dir);
  }

  /** The hash that the roster on record must descend from: `EK_ROSTER_HASH`, or what this installation wrote down. */
  pin(): string | undefined {
    const { EK_ROSTER_HASH: hash } = process.env;
    return pinnedRoster({
      ...(hash === undefined || hash === '' ? {} : { EK_ROSTER_HASH: hash }),
      EK_ROSTER_HASH_FILE: this.pinPath,
    });
  }

  /** Writes down by which roster the services of this installation judge. */
  keepPin(hash: string): void {
    makeFolder(this.dir, 0o700);
    writeDurably(this.pinPath, `${hash}\n`);
  }

  /** Where orders leave for real venues, no two people's keys lie in one folder. Throws `GOVERNANCE.KEYS_TOGETHER`. */
  requireApart(venues: readonly string[]): void {
    if (!existsSync(this.dir)) return;
    const keys = readdirSync(this.dir).filter((name) => name.endsWith('.pem'));
    if (keys.length < 2) return;
    throw new EvenkeelError({
      code: 'GOVERNANCE.KEYS_TOGETHER',
      message: `${this.dir} holds the keys of ${keys.map((name) => basename(name, '.pem')).join(', ')}: whoever reads it is all of them, and orders would leave for ${venues.join(', ')}. Keep one person's key per user, or enrol accounts of an identity provider`,
    });
  }

  /** Everyone, by name. */
  all(): readonly Enrolment[] {
    const { path } = this;
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

  /** Adds a person while governance has not begun here; from then on two administrators do. With a fresh local key unless an account of an identity provider is named. */
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
    this.write(enrolment);
    return enrolment;
  }

  /**
   * Enrols an identity provider by the keys that it signs tokens with; a key that is left out is not trusted any more from then on.
   * Throws `INPUT.INVALID` for what is no JWK set.
   */
  addProvider(issuer: string, jwks: string, audience: string): Enrolment {
    const set = jwkSet.safeParse(parseJson(jwks));
    const keys = set.success ? set.data.keys : [];
    const credentials = keys.map((key) => ({ jwk: canonicalJson(key as Json), audience })); // parsed JSON
    const enrolment: Enrolment = { identity: issuer, roles: [], credentials };
    if (!schema.safeParse([enrolment]).success)
      throw new InvalidInputError('the command', [
        {
          path: '--jwks',
          message: 'must name a JWK set with the provider’s public keys, and the issuer an https address',
        },
      ]);
    this.write(enrolment);
    return enrolment;
  }

  private write(enrolment: Enrolment): void {
    const { identity } = enrolment;
    makeFolder(this.dir);
    if (this.pin() !== undefined) {
      writeFileSync(this.waitingPath(identity), `${canonicalJson([enrolment as unknown as Json])}\n`);
      return;
    }
    const others = this.all().filter((one) => one.identity !== identity);
    const next = [...others, enrolment].sort((a, b) => (a.identity < b.identity ? -1 : 1));
    writeFileSync(this.path, `${canonicalJson(next as unknown as Json)}\n`); // names, roles and credentials
  }

  /** Where an enrolment waits for `keel propose roles`; `undefined` for a person who is in the roster. */
  waits(identity: string): string | undefined {
    const path = this.waitingPath(identity);
    return existsSync(path) ? path : undefined;
  }

  private waitingPath(identity: string): string {
    return join(this.dir, `${identity.replace(/[^A-Za-z0-9._@-]/g, '_')}.enrolment.json`);
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
    makeFolder(this.dir, 0o700);
    return signerFromFile(identity, path, 'notes');
  }
}
