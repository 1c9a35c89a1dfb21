import { parseExecutionEnvironment } from './config';

describe('the environment of execution', () => {
  const before = { ...process.env };
  afterEach(() => {
    process.env = { ...before };
  });

  it('has its kill folder in EK_HOME or where it is told, and says at once all that is missing', () => {
    for (const name of ['EK_HOME', 'EK_KILL_DIR', 'NATS_URL', 'EK_VENUES']) delete process.env[name];
    expect(parseExecutionEnvironment).toThrow(
      /NATS_URL[\s\S]*EK_VENUES: must say how each venue is reached[\s\S]*EK_KILL_DIR: must name.*EK_HOME/,
    );
    const EK_VENUES = '{"*":{"connector":"tape-exchange","folder":"/desk/venue"}}';
    Object.assign(process.env, { NATS_URL: 'nats://x', EK_VENUES, EK_HOME: '/desk' });
    expect(parseExecutionEnvironment().EK_KILL_DIR).toBe('/desk/kill');
    process.env['EK_KILL_DIR'] = '/latches';
    expect(parseExecutionEnvironment().EK_KILL_DIR).toBe('/latches');
  });
});
