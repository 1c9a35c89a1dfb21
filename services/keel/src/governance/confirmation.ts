import { createInterface } from 'node:readline/promises';
import { InvalidInputError } from '@evenkeel/kernel';

/** Digits of a content's hash that a person types to agree to it. */
const TYPED = 8;
/** Hexadecimal digits of a proposal's id below which somebody could have made another with the same beginning. */
const ID_DIGITS_MIN = 16;

/** Where a person can be asked. */
export interface Terminal {
  readonly isInteractive: boolean;
  ask(question: string): Promise<string>;
}

export const TERMINAL: Terminal = {
  get isInteractive() {
    return process.stdin.isTTY && process.stderr.isTTY;
  },
  async ask(question) {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return await lines.question(question);
    } finally {
      lines.close();
    }
  },
};

/**
 * The hash of what a person agrees to, after it was shown: named in full on the command line, or its beginning typed at a
 * terminal. Throws `INPUT.INVALID` for any other.
 */
export async function confirmed(
  contentHash: string,
  given: string | undefined,
  terminal: Terminal = TERMINAL,
): Promise<string> {
  if (given !== undefined) {
    if (given === contentHash) return contentHash;
    throw invalid(`is not the SHA-256 of what the proposal holds, which is ${contentHash}`);
  }
  if (!terminal.isInteractive)
    throw invalid('is needed where nobody can be asked: the SHA-256, in full, of the content you agree to');
  const typed = await terminal.ask(
    `Type the first ${TYPED} digits of its SHA-256 to agree to exactly this: `,
  );
  if (typed.trim() === contentHash.slice(0, TYPED)) return contentHash;
  throw invalid('was not typed as it stands: nothing is signed');
}

/** The id of a proposal, or enough of one that nobody can have made another like it. Throws `INPUT.INVALID`. */
export function requireLongEnough(id: string): void {
  if (id.replace(/-/g, '').length >= ID_DIGITS_MIN) return;
  throw new InvalidInputError('the command', [
    {
      path: 'proposal',
      message: `"${id}" is too short to sign by: give at least ${ID_DIGITS_MIN} digits of the id (\`keel proposals\` prints it)`,
    },
  ]);
}

function invalid(message: string): InvalidInputError {
  return new InvalidInputError('the command', [{ path: '--sha256', message }]);
}
