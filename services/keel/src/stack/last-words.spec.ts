import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastWords } from './last-words';

it('tells why a service ended, by the last fatal line of its log', () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-words-'));
  const log = join(dir, 'execution.log');
  expect(lastWords(log)).toBeUndefined();
  appendFileSync(log, `${'x'.repeat(100_000)}\n{"level":30,"msg":"settled"}\n`);
  expect(lastWords(log)).toBeUndefined();
  appendFileSync(
    log,
    '{"level":60,"msg":"ended","err":{"message":"the journal is behind"}}\nnot json\n{"level":60,"ms',
  );
  expect(lastWords(log)).toBe('the journal is behind');
  appendFileSync(
    log,
    '\n{"level":60,"msg":"halted","err":{"code":"NATS.NOT_PERMITTED","message":"it may not"}}\n',
  );
  expect(lastWords(log)).toBe('NATS.NOT_PERMITTED: it may not');
  appendFileSync(
    log,
    '\nexecution: INPUT.INVALID: the environment of execution is not valid:\n  EK_VENUES: must say how\n  EK_KILL_DIR: must name\n',
  );
  expect(lastWords(log)).toBe(
    'INPUT.INVALID: the environment of execution is not valid: EK_VENUES: must say how EK_KILL_DIR: must name',
  );
  rmSync(dir, { recursive: true });
});
