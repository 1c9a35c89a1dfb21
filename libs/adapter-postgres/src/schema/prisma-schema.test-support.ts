export interface PrismaColumn {
  readonly name: string;
  /** PostgreSQL's internal name of the type, e.g. `int8`, `_text`. */
  readonly type: string;
  readonly nullable: boolean;
}

export interface PrismaTable {
  readonly columns: readonly PrismaColumn[];
  /** `id(a,b)`, `unique(a,b)`, `index(a,b)`, `gin(a)` with column names, sorted. */
  readonly keys: readonly string[];
}

const TYPES: Readonly<Record<string, string>> = {
  String: 'text',
  BigInt: 'int8',
  Int: 'int4',
  Float: 'float8',
  Decimal: 'numeric',
  DateTime: 'timestamptz',
  Boolean: 'bool',
  Json: 'jsonb',
  Bytes: 'bytea',
};

/**
 * The tables a `schema.prisma` describes, by `schema.table`: the part of the language our schema uses. Compared with a
 * migrated database it shows drift without Prisma's schema engine, which cannot be had offline.
 */
export function parsePrismaSchema(text: string): Map<string, PrismaTable> {
  const tables = new Map<string, PrismaTable>();
  for (const [, body = ''] of text.matchAll(/^model \w+ \{\n([\s\S]*?)^\}/gm)) {
    const lines = body.split('\n').map((line) => line.trim());
    const columns: PrismaColumn[] = [];
    const keys: string[] = [];
    const columnOf = new Map<string, string>();
    for (const line of lines) {
      const field = /^(\w+)\s+(\w+)(\[\]|\?)?(.*)$/.exec(line);
      if (field === null) continue;
      const [, name = '', type = '', suffix = '', attributes = ''] = field;
      const column = /@map\("(\w+)"\)/.exec(attributes)?.[1] ?? name;
      columnOf.set(name, column);
      const native = /@db\.(Uuid|Date)\b/.exec(attributes)?.[1]?.toLowerCase();
      const base = native ?? TYPES[type] ?? type;
      columns.push({ name: column, type: suffix === '[]' ? `_${base}` : base, nullable: suffix === '?' });
      if (/@id\b/.test(attributes)) keys.push(`id(${column})`);
    }
    for (const line of lines) {
      const key = /^@@(id|unique|index)\(\[([^\]]+)\](.*)\)/.exec(line);
      if (key === null) continue;
      const names = (key[2] ?? '').split(',').map((name) => columnOf.get(name.trim()) ?? name.trim());
      keys.push(`${(key[3] ?? '').includes('Gin') ? 'gin' : (key[1] ?? '')}(${names.join(',')})`);
    }
    const schema = /@@schema\("(\w+)"\)/.exec(body)?.[1] ?? 'public';
    const table = /@@map\("(\w+)"\)/.exec(body)?.[1] ?? '';
    tables.set(`${schema}.${table}`, { columns, keys: keys.sort() });
  }
  return tables;
}
