import { join, resolve } from 'node:path';
import ts from 'typescript';

const ROOT = resolve(__dirname, '..', '..', '..');
const source = (path: string): string => join(ROOT, 'libs', path);

/** Where the compiler looks for what an event means to a reader. `npm run typecheck` shows that all is well without plants. */
const READERS = [
  'contracts/src/agreement.ts',
  'accounting/src/journal-entries.ts',
  'adapter-postgres/src/read/projector.ts',
  'testkit/src/every-event.ts',
].map(source);

/** What is planted in which file; nothing is written to disk. */
type Plants = Readonly<Record<string, readonly (readonly [RegExp, string])[]>>;

const FIELDS_AND_CELLS: Plants = {
  'facts/src/order-events.ts': [
    [/export interface FillBusted \{/, '$&\n  readonly planted: string;'],
    [/(interface OrderAmended \{[^}]*)readonly limitPrice: string;/, '$1'],
    [/(interface OrderUnresolved \{[^}]*)readonly attempt:/, '$1readonly attempt?:'],
    [/(interface ParentOrderStarted \{[^}]*)readonly schedule:/, '$1readonly schedule?:'],
    [/(interface ParentOrderStarted \{[^}]*)readonly explanation: string/, '$1readonly explanation: number'],
  ],
  'facts/src/event-table/risk.ts': [[/(BookOpened: \{[^}]*)postings: nothing/, "$1postings: 'entries'"]],
  'facts/src/event-table/price.ts': [[/(InstrumentSettled: \{[^}]*)incident: nothing/, "$1incident: 'act'"]],
  'facts/src/event-table/governance.ts': [
    [/(GovernanceOpened: \{[^}]*)projection: nothing/, "$1projection: ['proposals']"],
  ],
  'facts/src/event-table/strategy.ts': [
    [/(PolicySet: \{[^}]*)projection: \['policies'\]/, "$1projection: ['halts']"],
  ],
};

/** By itself: a table that lacks a row means nothing to the readers either. */
const EVENT_TYPE: Plants = {
  'facts/src/events.ts': [[/export interface EventPayloads \{/, '$&\n  readonly Planted: OrderUnresolved;']],
};

const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.base.json'), ts.sys.readFile) as {
  config: { compilerOptions: object };
};
const { options } = ts.convertCompilerOptionsFromJson(
  { ...config.compilerOptions, noEmit: true, types: ['node'] },
  ROOT,
);

function withPlants(planted: Plants, path: string, text: string): string {
  const plants = planted[path.slice(join(ROOT, 'libs').length + 1)] ?? [];
  return plants.reduce((before, [from, to]) => {
    const after = before.replace(from, to);
    if (after === before) throw new Error(`nothing was planted in ${path} for ${String(from)}`);
    return after;
  }, text);
}

const untouched = new Map<string, ts.SourceFile>();

/** What the compiler says, as `<file>: <message>`. */
function complaints(plants: Plants): readonly string[] {
  const host = ts.createCompilerHost(options);
  host.getSourceFile = (path, language) => {
    const known = untouched.get(path);
    const text = known?.text ?? ts.sys.readFile(path);
    if (text === undefined) return undefined;
    const planted = withPlants(plants, path, text);
    if (planted !== text) return ts.createSourceFile(path, planted, language);
    const file = known ?? ts.createSourceFile(path, text, language);
    untouched.set(path, file);
    return file;
  };
  const program = ts.createProgram({ rootNames: READERS, options, host });
  const files = program
    .getSourceFiles()
    .filter(
      ({ fileName }) =>
        READERS.includes(fileName) ||
        /facts\/src\/event-table|contracts\/src\/payloads|src\/read\//.test(fileName),
    );
  return files
    .flatMap((file) => program.getSemanticDiagnostics(file))
    .map(
      ({ file, messageText }) =>
        `${file?.fileName.slice(ROOT.length + 1) ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
}

describe('the vocabulary, as the compiler sees it', () => {
  let withFields: readonly string[];
  let withType: readonly string[];
  beforeAll(() => {
    withFields = complaints(FIELDS_AND_CELLS);
    withType = complaints(EVENT_TYPE);
  }, 240_000);

  const complaint = (file: string, about: string): unknown =>
    expect.stringMatching(new RegExp(`^libs/${file}\\.ts: .*${about}`, 's'));

  it.each([
    ['that only facts knows', 'FillBusted.planted is not in proto'],
    ['that only proto knows', 'OrderAmended.limitPrice is not in facts'],
    [
      'that may be absent in one of them',
      'OrderUnresolved.attempt may be absent in only one of facts and proto',
    ],
    ['of another kind', 'ParentOrderStarted.explanation is number in facts and string in proto'],
    ['that is a list and may be absent', 'evenkeel.execution.v1.ParentOrderStarted.schedule'],
  ])('has no field %s', (_which, gap) => {
    expect(withFields).toContainEqual(complaint('contracts/src/agreement', gap));
  });

  it.each([
    ['row in the table', 'facts/src/event-table'],
    ['message', 'contracts/src/payloads'],
    ['sample with a value in every field', 'testkit/src/every-event'],
  ])('has no event type without its %s', (_what, file) => {
    expect(withType).toContainEqual(complaint(file, 'Planted'));
  });

  it.each([
    ['posted and has no entries', 'accounting/src/journal-entries', 'BookOpened'],
    ['an incident and has no text', 'adapter-postgres/src/read/incidents', 'InstrumentSettled'],
    ['projected and has no projection', 'adapter-postgres/src/read/projector', 'GovernanceOpened'],
    [
      'projected into other tables than its projection writes',
      'adapter-postgres/src/read/project-book',
      'halts',
    ],
  ])('has no event that the table says is %s', (_what, file, about) => {
    expect(withFields).toContainEqual(complaint(file, about));
  });
});
