import { spawn } from 'node:child_process';
import { required } from '@evenkeel/kernel';

export interface Watchdog {
  /** Takes it back: whoever calls this ends the process by himself. */
  forget(): void;
}

/**
 * A shell that holds the other end of a pipe to us: when we end, for whatever reason, SIGKILL included, its read returns
 * and it ends a server that would otherwise be left behind.
 */
export function startWatchdog(
  pid: number,
  signal: 'INT' | 'TERM',
  ids: { readonly uid: number; readonly gid: number } | undefined = undefined,
): Watchdog {
  const watchdog = spawn(
    '/bin/sh',
    ['-c', 'read -r _; kill -"$2" "$1" 2>/dev/null', 'sh', String(pid), signal],
    { detached: true, stdio: ['pipe', 'ignore', 'ignore'], cwd: '/', ...ids },
  );
  watchdog.unref();
  const stdin = required(watchdog.stdin ?? undefined, 'the pipe to the watchdog');
  stdin.on('error', () => undefined);
  // A net.Socket underneath; the stream type does not say so.
  (stdin as unknown as { unref(): void }).unref();
  return { forget: () => void watchdog.kill('SIGKILL') };
}
