import { join, resolve } from 'node:path';
import ts from 'typescript';

const ROOT = resolve(__dirname, '..', '..', '..');
const source = (path: string): string => join(ROOT, 'libs', path);

/** Where the compiler looks for what an event means to a reader. */
const READERS = ['contracts/src/agreement.ts', 'contracts/src/payloads.ts'].map(source);

const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.base.json'), ts.sys.readFile) as {
  config: { compilerOptions: object };
};
const { options } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, noEmit: true }, ROOT);

let before: ts.Program | undefined;

/** What the compiler says with some files changed in memory; nothing is written. */
function complaints(changes: Readonly<Record<string, (text: string) => string>>): readonly string[] {
  const changed = new Map(
    Object.entries(changes).map(([path, change]) => {
      const text = ts.sys.readFile(source(path)) ?? '';
      const after = change(text);
      if (after === text) throw new Error(`nothing was planted in ${path}`);
      return [source(path), after];
    }),
  );
  const host = ts.createCompilerHost(options);
  const files = new Map<string, ts.SourceFile | undefined>();
  host.getSourceFile = (path, language) => {
    const kept = changed.has(path) ? undefined : before?.getSourceFile(path);
    const text = changed.get(path) ?? ts.sys.readFile(path);
    const file = kept ?? (text === undefined ? undefined : ts.createSourceFile(path, text, language));
    files.set(path, file);
    return file;
  };
  const program = ts.createProgram({ rootNames: READERS, options, host });
  before ??= program;
  return [...program.getSemanticDiagnostics(), ...program.getSyntacticDiagnostics()].map(
    ({ file, messageText }) =>
      `${file?.fileName.slice(ROOT.length + 1) ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
  );
}

const planted =
  (from: string, to: string) =>
  (text: string): string =>
    text.replace(from, to);

describe('the vocabulary, as the compiler sees it', () => {
  it('is whole', () => {
    expect(complaints({})).toEqual([]);
  });

  it('has no field that only facts knows', () => {
    const found = complaints({
      'facts/src/order-events.ts': planted(
        'export interface FillBusted {',
        'export interface FillBusted {\n  readonly planted: string;',
      ),
    });
    expect(found.join('\n')).toContain('"FillBusted.planted is not in proto"');
  });

  it('has no field that only proto knows, none that may be absent in one only, and no new absent list', () => {
    const found = complaints({
      'facts/src/order-events.ts': (text) =>
        text
          .replace(/(interface OrderAmended \{[^}]*)readonly limitPrice: string;/, '$1')
          .replace(/(interface OrderUnresolved \{[^}]*)readonly attempt:/, '$1readonly attempt?:')
          .replace(/(interface AmendRefused \{[^}]*)readonly reasons:/, '$1readonly reasons?:')
          .replace(/(interface AmendIntended \{[^}]*)readonly at: string/, '$1readonly at: number'),
    }).join('\n');
    expect(found).toContain('OrderAmended.limitPrice is not in facts');
    expect(found).toContain('OrderUnresolved.attempt may be absent in only one of facts and proto');
    expect(found).toContain('evenkeel.execution.v1.AmendRefused.reasons');
    expect(found).toContain('AmendIntended.at is number in facts and string in proto');
  });

  it('has no event type without its row and its message', () => {
    const found = complaints({
      'facts/src/events.ts': planted(
        'export interface EventPayloads {',
        'export interface EventPayloads {\n  readonly Planted: OrderUnresolved;',
      ),
    });
    expect(found).toContainEqual(expect.stringMatching(/^libs\/facts\/src\/event-table\.ts: .*Planted/s));
    expect(found).toContainEqual(expect.stringMatching(/^libs\/contracts\/src\/payloads\.ts: .*Planted/s));
  });
});
