// Writes straight-line TypeScript that encodes and decodes each message of proto/, one file beside each file of protoc-gen-es:
// no plan is walked, every field is named where it is read, so an engine compiles it as it would compile code written by hand.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ScalarType, createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

/** What people and venues say in words; nothing is keyed by it. */
const FREE_TEXT = new Set(['reason', 'reasons', 'detail', 'message', 'note']);
/** Method of writer and reader, wire type, and the proto3 default. */
const SCALARS = {
  [ScalarType.STRING]: ['name', 2, "''"],
  [ScalarType.BYTES]: ['bytes', 2, 'NO_BYTES'],
  [ScalarType.DOUBLE]: ['double', 1, '0'],
  [ScalarType.UINT32]: ['uint32', 0, '0'],
  [ScalarType.BOOL]: ['bool', 0, 'false'],
  [ScalarType.UINT64]: ['uint64', 0, '0n'],
  [ScalarType.SFIXED64]: ['sfixed64', 1, '0n'],
};
/** Defaults that the compiler would take for the variable's whole type. */
const UNWIDENED = new Set(['0n', 'false', 'NO_BYTES']);

export function generateCodecs(buf, proto, generated) {
  const image = join(generated, 'image.binpb');
  mkdirSync(generated, { recursive: true });
  execFileSync(buf, ['build', '--as-file-descriptor-set', '-o', image], { cwd: proto, stdio: 'inherit' });
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(image)));
  rmSync(image);
  for (const file of registry.files) writeFileSync(join(generated, `${file.name}_codec.ts`), codecsOf(file));
}

/** From a generated file to another, without extension. */
function pathFrom(file, to) {
  return `${'../'.repeat(dirname(file.name).split('/').length)}${to}`;
}

function codecsOf(file) {
  const abroad = new Map();
  for (const { message } of file.messages.flatMap(({ fields }) => fields))
    if (message !== undefined && message.file !== file)
      abroad.set(message.file, (abroad.get(message.file) ?? new Set()).add(message.name));
  const imports = [...abroad].map(
    ([{ name }, messages]) =>
      `import { ${[...messages].map((message) => `read${message}, write${message}`).join(', ')} } from '${pathFrom(file, name)}_codec';`,
  );
  return [
    `// Generated from ${file.name}.proto by codecs.mjs.`,
    `import { NO_BYTES } from '${pathFrom(file, '../wire')}';`,
    `import type { MessageCodec, PlainMessage, WireReader, WireWriter } from '${pathFrom(file, '../wire')}';`,
    `import type * as messages from './${file.name.split('/').at(-1)}_pb';`,
    ...imports,
    'void NO_BYTES;',
    ...file.messages.flatMap(codecOf),
    '',
  ].join('\n');
}

function codecOf({ name, typeName, fields }) {
  const sorted = [...fields].sort((a, b) => a.number - b.number).map(planOf);
  const always = sorted.filter(({ absent }) => !absent);
  const sometimes = sorted.filter(({ absent }) => absent);
  const value = `{ ${always.map(({ key, at }) => `${key}: ${at}`).join(', ')} }`;
  return [
    '',
    `export function write${name}(w: WireWriter, v: PlainMessage): void {`,
    ...sorted.map((field) => `  ${written(field)}`),
    '}',
    '',
    `const NUMBERS_${name}: readonly number[] = [${sorted.map(({ number }) => number).join(', ')}];`,
    '',
    `export function read${name}(r: WireReader, end: number): PlainMessage {`,
    ...sorted.map(({ at, list, absent, empty }) =>
      list
        ? `  const ${at}: unknown[] = [];`
        : `  let ${at}${absent || UNWIDENED.has(empty) ? ': unknown' : ''} = ${absent ? 'undefined' : empty};`,
    ),
    '  while (r.at < end) {',
    '    const tag = r.tag();',
    '    switch (tag) {',
    ...sorted.map((field) => `      case ${field.tag}: ${read(field)}; break;`),
    `      default: r.other(tag, NUMBERS_${name});`,
    '    }',
    '  }',
    '  r.ended(end);',
    ...(sometimes.length === 0
      ? [`  return ${value};`]
      : [
          `  const v: PlainMessage = ${value};`,
          ...sometimes.map(({ key, at }) => `  if (${at} !== undefined) v.${key} = ${at};`),
          '  return v;',
        ]),
    '}',
    '',
    `export const ${name}Codec: MessageCodec<messages.${name}> = { typeName: '${typeName}', write: write${name}, read: read${name} };`,
  ];
}

function planOf(field) {
  const list = field.fieldKind === 'list';
  const { message, number, localName: key, name } = field;
  const at = `f${number}`;
  const optional = field.proto.proto3Optional;
  if (message !== undefined)
    return { list, message: message.name, number, key, at, tag: number * 8 + 2, absent: !list };
  const scalar =
    field.fieldKind === 'scalar' || (list && field.listKind === 'scalar') ? SCALARS[field.scalar] : undefined;
  if (scalar === undefined)
    throw new Error(`${name}: a scalar of a kind that we use or a message; enums and maps are not`);
  const [method, type, empty] = scalar;
  return {
    list,
    method: method === 'name' && FREE_TEXT.has(key) ? 'text' : method,
    number,
    key,
    at,
    tag: number * 8 + type,
    empty,
    absent: optional && !list,
    optional,
  };
}

function written({ list, message, method, key, tag, optional }) {
  const item = list ? 'item' : `v.${key}`;
  const one =
    message === undefined
      ? `w.${method}(${tag}, ${item}, '${key}', ${list || optional});`
      : `const at = w.open(${tag}); write${message}(w, ${item} as PlainMessage); w.close(at);`;
  if (list) return `for (const item of w.list(v.${key}, '${key}')) { ${one} }`;
  return message === undefined ? one : `if (w.has(v.${key}, '${key}')) { ${one} }`;
}

function read({ list, message, method, key, at }) {
  const argument = method === 'name' ? `'${key}'` : '';
  const one = message === undefined ? `r.${method}(${argument})` : `read${message}(r, r.span())`;
  return list ? `${at}.push(${one})` : `${at} = ${one}`;
}
