import { isLoopback, InvalidInputError } from '@evenkeel/kernel';
import { parseInstrument } from '@evenkeel/instruments';
import { z } from 'zod';

const printable = z.string().regex(/^[\x21-\x7e]{1,64}$/, 'must be 1 to 64 printable characters');

const schema = z.strictObject({
  session: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,15}$/, 'must be at most 16 small letters, digits and -')
    .describe('Names the session in trade ids: never to be changed while its trades are in a book.'),
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  tls: z.boolean().describe('Off only where the other end is on this machine, such as a TLS tunnel.'),
  senderCompId: printable.describe('Ours.'),
  targetCompId: printable.describe('Theirs.'),
  heartbeatSeconds: z.int().min(1).max(300).default(30),
  username: printable.optional(),
  passwordFile: z.string().optional().describe('A file that holds the password, for its owner alone.'),
  venue: z.string().describe('Whose grammar reads the symbols that the map does not hold.'),
  quantityUnit: z.literal('contracts').describe('What LastQty counts: contracts of the instrument’s terms.'),
  symbols: z.record(z.string(), z.string()).default({}).describe('Symbol (55) to instrument id.'),
});

export type DropCopySettings = z.infer<typeof schema>;

/** Throws `INPUT.INVALID` with every problem and its place. */
export function parseDropCopySettings(text: string, source: string): DropCopySettings {
  const fail = (path: string, message: string) => new InvalidInputError(source, [{ path, message }]);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw fail('(file)', `is not JSON: ${String(error)}`);
  }
  const read = schema.safeParse(json);
  if (!read.success)
    throw new InvalidInputError(
      source,
      read.error.issues.map(({ path, message }) => ({ path: path.join('.') || '(file)', message })),
    );
  const { symbols, tls, host } = read.data;
  const problems = Object.entries(symbols).flatMap(([symbol, id]) => {
    const parsed = parseInstrument(id);
    return parsed.ok ? [] : [{ path: `symbols.${symbol}`, message: parsed.failure.message }];
  });
  if (!tls && !isLoopback(`tcp://${host}`))
    problems.push({ path: 'tls', message: `must be true: ${host} is not this machine` });
  if ((read.data.username === undefined) !== (read.data.passwordFile === undefined))
    problems.push({ path: 'username', message: 'goes with passwordFile, and it with username' });
  if (problems.length > 0) throw new InvalidInputError(source, problems);
  return read.data;
}
