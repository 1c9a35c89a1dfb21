import { hostEnvironment, parseEnvironment } from '@evenkeel/config';
import { z } from 'zod';

const environment = hostEnvironment.extend({
  DATABASE_URL: z.string().min(1, 'must name a PostgreSQL database'),
});

export type LedgerEnvironment = z.infer<typeof environment>;

export const parseLedgerEnvironment = (): Readonly<LedgerEnvironment> =>
  parseEnvironment(environment, process.env, 'ledger');
