import { generateKeyPem } from '@evenkeel/signing-keys';
import { formatVerifierKey } from '@evenkeel/audit';
import { signerFromPem } from '@evenkeel/adapter-audit';
import { parseLedgerEnvironment } from './config';

describe('the folder of a ledger', () => {
  const before = { ...process.env };
  afterEach(() => {
    process.env = { ...before };
  });

  it('lies in EK_HOME or where it is told, and never in the working directory; all that is missing is said at once', () => {
    for (const name of ['EK_HOME', 'EK_AUDIT_DIR', 'NATS_URL', 'DATABASE_URL']) delete process.env[name];
    expect(parseLedgerEnvironment).toThrow(
      /NATS_URL[\s\S]*DATABASE_URL: must name[\s\S]*EK_AUDIT_DIR: must name.*EK_HOME/,
    );
    Object.assign(process.env, { NATS_URL: 'nats://x', DATABASE_URL: 'postgres://x', EK_HOME: '/desk' });
    expect(parseLedgerEnvironment().EK_AUDIT_DIR).toBe('/desk/audit');
    process.env['EK_AUDIT_DIR'] = '/elsewhere';
    expect(parseLedgerEnvironment().EK_AUDIT_DIR).toBe('/elsewhere');
  });
});

describe('the witnesses of a ledger', () => {
  const key = formatVerifierKey(signerFromPem('w.example', generateKeyPem(), 'cosignatures').key);
  const before = { ...process.env };
  afterEach(() => {
    process.env = { ...before };
  });

  it.each([
    ['https://witness.example/log', true],
    ['http://127.0.0.1:7000', true],
    ['http://[::1]:7000', true],
    ['http://witness.example', false],
    ['http://127.0.0.1.example', false],
    ['http://10.0.0.7:7000', false],
    ['ftp://witness.example', false],
  ])('are spoken to in private: %s %p', (url, accepted) => {
    process.env['NATS_URL'] = 'nats://127.0.0.1:4222';
    process.env['DATABASE_URL'] = 'postgres://127.0.0.1/db';
    process.env['EK_AUDIT_DIR'] = '/state/audit';
    process.env['EK_WITNESSES'] = `${key} ${url}`;
    if (accepted) expect(parseLedgerEnvironment().EK_WITNESSES).toMatchObject([{ url }]);
    else expect(parseLedgerEnvironment).toThrow(/is spoken to in the clear/);
  });
});
