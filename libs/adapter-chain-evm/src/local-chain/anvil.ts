import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { arch, platform } from 'node:process';
import { OperationalError } from '@evenkeel/kernel';

const START_MS = 20_000;
const CHAIN_ID = 31_337;
/** Blocks whose state is kept. Left to itself anvil 1.7.1 keeps ten after a thousand blocks, and who goes back further finds no contract. */
const STATES_KEPT = 256;

export interface AnvilSettings {
  /** Wei a unit of gas of the first block. */
  readonly baseFee?: bigint;
  /** Blocks until one is final: two epochs of this many slots. */
  readonly slotsInAnEpoch?: number;
  /** Time of the first block, seconds. */
  readonly time?: number;
  /** Most gas in a block. */
  readonly gasLimit?: number;
}

/** A local chain that makes a block only when told to. */
export interface Anvil {
  readonly url: string;
  readonly chainId: number;
  stop(): Promise<void>;
}

/** The node's binary, which comes with `npm ci`; undefined where there is none for this machine. */
export function anvilBinary(): string | undefined {
  const machine = arch === 'x64' ? 'amd64' : arch;
  try {
    return require.resolve(`@foundry-rs/anvil-${platform}-${machine}/bin/anvil`);
  } catch {
    return undefined;
  }
}

/** Throws `CHAIN.NO_LOCAL_NODE` where there is no binary or it does not start. */
export async function startAnvil(settings: AnvilSettings = {}): Promise<Anvil> {
  const binary = anvilBinary();
  if (binary === undefined) throw noNode(`@foundry-rs/anvil-${platform}-${arch} is not installed`);
  const child = spawn(binary, flagsOf(settings), { stdio: ['ignore', 'pipe', 'ignore'] });
  // A test that ends early leaves no chain behind.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async (): Promise<void> => {
    process.removeListener('exit', kill);
    kill();
    await ended;
  };
  try {
    return { url: await listening(child), chainId: CHAIN_ID, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function flagsOf({ baseFee = 1_000_000_000n, slotsInAnEpoch = 32, time, gasLimit }: AnvilSettings): string[] {
  const set = {
    '--host': '127.0.0.1',
    '--port': '0',
    '--chain-id': CHAIN_ID,
    '--hardfork': 'prague',
    '--block-base-fee-per-gas': baseFee,
    '--slots-in-an-epoch': slotsInAnEpoch,
    '--accounts': 10,
    '--balance': 1_000_000_000,
    '--order': 'fees',
    '--prune-history': STATES_KEPT,
    ...(time === undefined ? {} : { '--timestamp': time }),
    ...(gasLimit === undefined ? {} : { '--gas-limit': gasLimit }),
  };
  // Blocks are made on command alone: a block for each transaction has gas, order and times that no chain has.
  return ['--no-mining', ...Object.entries(set).flatMap(([flag, value]) => [flag, String(value)])];
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const late = setTimeout(() => reject(noNode(`it did not start within ${START_MS} ms`)), START_MS);
    child.once('error', () => reject(noNode('it could not be run')));
    child.once('close', (code) => reject(noNode(`it ended with ${code ?? 'a signal'}`)));
    child.stdout?.on('data', (part: Buffer) => {
      said = `${said}${part.toString()}`.slice(-4096);
      const [, address] = /Listening on (\S+)/.exec(said) ?? [];
      if (address === undefined) return;
      clearTimeout(late);
      resolve(`http://${address}`);
    });
  });
}

function noNode(why: string): OperationalError {
  return new OperationalError({ code: 'CHAIN.NO_LOCAL_NODE', message: `there is no local chain: ${why}` });
}
