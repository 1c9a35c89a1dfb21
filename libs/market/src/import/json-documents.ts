import { amiss } from './detection';
import { venueError } from './venue-error';
import type { ForeignFormat, JsonRow } from './foreign-format';

interface DocumentRows {
  readonly format: ForeignFormat;
  readonly rows: readonly JsonRow[];
  readonly line: number;
}

/** Documents of JSON, one in all or one a line, as the rows of the format that each is. */
export function* jsonRows(
  file: string,
  lines: readonly string[],
  formats: readonly ForeignFormat[],
  asked: string | undefined,
): Generator<DocumentRows> {
  const isOnePerLine = lines.length > 1 && parsedJson(lines[0] ?? '') !== undefined;
  const documents = isOnePerLine
    ? lines.map((text, index) => ({ text, line: index + 1 }))
    : [{ text: lines.join('\n'), line: 1 }];
  for (const { text, line } of documents) {
    if (text.trim() === '') continue;
    const document = parsedJson(text);
    if (document === undefined) throw amiss(file, 'is not JSON', line);
    const failed = venueError(document);
    if (failed !== undefined) throw amiss(file, failed, line);
    const fitting = formats
      .filter(({ name }) => asked === undefined || name === asked)
      .flatMap((format) => {
        const rows = format.json?.(document);
        return rows === undefined ? [] : [{ format, rows, line }];
      });
    const [found, other] = fitting;
    if (found === undefined) {
      const known = formats.filter(({ json }) => json !== undefined).map(({ name }) => name);
      throw amiss(file, `is JSON of no format that is read: ${known.join(', ')}`, line);
    }
    if (other !== undefined)
      throw amiss(
        file,
        `could be ${fitting.map(({ format }) => format.name).join(' or ')}: say which with --format`,
        line,
      );
    yield found;
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
