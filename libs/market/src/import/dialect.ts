import { splitQuoted } from '../tape/table-cells';

const BYTE_ORDER_MARK = 0xfeff;

export function withoutMark(text: string): string {
  return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
}

/** The cells of one line; undefined where a quotation mark is not closed on it. */
export function splitRow(line: string, delimiter: string): string[] | undefined {
  return line.includes('"') ? splitQuoted(line, delimiter) : line.split(delimiter);
}

/** Names of columns as files write them: quoted, in brackets, with spaces around, doubled in two languages. */
export function columnName(cell: string): string {
  const bare = cell.trim().replace(/^\[(.*)\]$/, '$1');
  const [first = bare] = bare.split('/');
  return /^[\x20-\x7e]+$/.test(bare) ? bare : first;
}

/** No row is longer; an answer of JSON may be. */
const LINE_MAX = 64 * 1024 * 1024;

/** Whole lines out of pieces of text; what is left of the last one waits for the next piece. */
export class Lines {
  private rest = '';

  constructor(
    private readonly take: (line: string) => void,
    private readonly tooLong: (message: string) => never,
  ) {}

  push(text: string): void {
    const whole = this.rest + text;
    let start = 0;
    for (;;) {
      const end = whole.indexOf('\n', start);
      if (end === -1) break;
      this.take(whole.slice(start, whole.charCodeAt(end - 1) === 13 && end > start ? end - 1 : end));
      start = end + 1;
    }
    this.rest = whole.slice(start);
    if (this.rest.length > LINE_MAX) this.tooLong(`has a line of more than ${LINE_MAX} characters`);
  }

  finish(): void {
    if (this.rest !== '') this.take(this.rest.replace(/\r$/, ''));
    this.rest = '';
  }
}
