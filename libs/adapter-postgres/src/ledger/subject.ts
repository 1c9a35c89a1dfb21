import type { AggregateRef, Context } from '@evenkeel/facts';

const PREFIX_TOKENS = 4;

/** The aggregate a subject stands for; whether the commit agrees is checked once it is decoded. */
export function aggregateOfSubject(subject: string): AggregateRef {
  const [context = '', type = '', ...id] = subject.split('.').slice(PREFIX_TOKENS);
  const escaped = id.join('.');
  const unescaped = escaped.includes('%') ? unescape(escaped) : escaped;
  return { context: context as Context, type, id: unescaped }; // an unknown context fits no commit
}

function unescape(token: string): string {
  return token.replace(/%([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
