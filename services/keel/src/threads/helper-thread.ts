import { Worker } from 'node:worker_threads';

/** What a thread answers once nothing of a task is left to take. */
export const ALL_TAKEN = 'all-taken';

/**
 * A thread that takes parts of tasks beside others until none is left. It loads while the one that started it reads what there is to do,
 * and stays for every task of a command: to start one takes as long as a second of work.
 */
export class HelperThread<Task, Part = never> {
  readonly #worker: Worker;
  /** Never kept; broken when the thread fails or ends. */
  readonly #failed: Promise<never>;

  constructor(path: string) {
    const worker = new Worker(path);
    this.#worker = worker;
    this.#failed = new Promise<never>((_, reject) => {
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`a thread of the lab ended (exit code ${code})`)));
    });
    // Who waits for an answer hears of it; a thread that nobody waits for has ended as it should.
    this.#failed.catch(() => undefined);
  }

  /** Ends when nothing of the task is left to take; `onPart` hears of every part that this thread has done. */
  async help(task: Task, onPart: (part: Part) => void = () => undefined): Promise<void> {
    const worker = this.#worker;
    const answered = new Promise<void>((resolve, reject) => {
      const onMessage = (message: Part | typeof ALL_TAKEN): void => {
        if (message !== ALL_TAKEN) {
          onPart(message);
          return;
        }
        worker.off('message', onMessage);
        resolve();
      };
      worker.on('message', onMessage);
      this.#failed.catch(reject);
    });
    worker.postMessage(task);
    await answered;
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
