import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OperationalError } from '@evenkeel/kernel';

const MIGRATIONS = join('infra', 'postgres', 'prisma', 'migrations');

/** The folder of SQL migrations: `EK_MIGRATIONS`, or the one of the checkout (or image) this file lies in. */
export function migrationsDir(): string {
  const named = process.env['EK_MIGRATIONS'];
  if (named !== undefined && named !== '') return named;
  for (let dir = __dirname; dirname(dir) !== dir; dir = dirname(dir)) {
    const candidate = join(dir, MIGRATIONS);
    if (existsSync(candidate)) return candidate;
  }
  throw new OperationalError({
    code: 'POSTGRES.NO_MIGRATIONS',
    message: `The SQL migrations (${MIGRATIONS}) are not beside this build; set EK_MIGRATIONS to their folder.`,
  });
}
