import { main } from '../main';

export interface Said {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** Runs a command of the desk in this process, with the environment given, and hears what it says. One at a time. */
export async function keelSays(
  environment: Readonly<Record<string, string>>,
  ...words: readonly string[]
): Promise<Said> {
  const [before, code] = [{ ...process.env }, process.exitCode];
  const said = { stdout: '', stderr: '' };
  const listen = (stream: 'stdout' | 'stderr') =>
    jest.spyOn(process[stream], 'write').mockImplementation((text) => {
      said[stream] += String(text);
      return true;
    });
  const spies = [listen('stdout'), listen('stderr')];
  Object.assign(process.env, environment);
  process.exitCode = undefined;
  try {
    await main(['node', 'keel', ...words]);
    return { ...said, code: Number(process.exitCode ?? 0) };
  } finally {
    for (const spy of spies) spy.mockRestore();
    for (const name of Object.keys(environment))
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    process.exitCode = code;
  }
}
