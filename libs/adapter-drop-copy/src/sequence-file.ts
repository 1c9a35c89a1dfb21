import { readIfPresent, writeDurably } from '@evenkeel/adapter-audit';
import { InvalidInputError } from '@evenkeel/kernel';
import { z } from 'zod';

const schema = z.strictObject({
  session: z.string(),
  inbound: z.int().min(1),
  outbound: z.int().min(1),
});

/** The numbers of the next message of either direction, as they would survive a power cut. */
export interface SequenceNumbers {
  readonly inbound: number;
  readonly outbound: number;
  keep(next: { readonly inbound?: number; readonly outbound?: number }): void;
}

/** One session's numbers in a file of its own; both 1 where there is none. Throws `INPUT.INVALID` for the file of another session. */
export class SequenceFile implements SequenceNumbers {
  inbound = 1;
  outbound = 1;

  constructor(
    private readonly path: string,
    private readonly session: string,
  ) {
    const bytes = readIfPresent(path);
    if (bytes === undefined) return;
    const read = schema.safeParse(jsonOf(bytes.toString('utf8')));
    if (!read.success) throw problem(path, 'is no file of sequence numbers: use --begin-anew');
    if (read.data.session !== session)
      throw problem(path, `is of session ${read.data.session}, not ${session}`);
    ({ inbound: this.inbound, outbound: this.outbound } = read.data);
  }

  /** Both sides count from 1 again, by agreement. */
  static beginAnew(path: string, session: string): SequenceFile {
    writeDurably(path, textOf(session, 1, 1));
    return new SequenceFile(path, session);
  }

  keep({ inbound = this.inbound, outbound = this.outbound }: Parameters<SequenceNumbers['keep']>[0]): void {
    writeDurably(this.path, textOf(this.session, inbound, outbound));
    this.inbound = inbound;
    this.outbound = outbound;
  }
}

const textOf = (session: string, inbound: number, outbound: number): string =>
  `${JSON.stringify({ session, inbound, outbound })}\n`;

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problem(path: string, message: string): InvalidInputError {
  return new InvalidInputError(path, [{ path: '(file)', message }]);
}
