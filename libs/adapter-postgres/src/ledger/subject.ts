import { aggregateKey } from '@evenkeel/eventing';
import type { AggregateRef } from '@evenkeel/facts';

const PREFIX_TOKENS = 4;

/** The aggregate key a subject stands for; whether the commit agrees is checked once it is decoded. */
export function aggregateOfSubject(subject: string): string {
  const [context = '', type = '', ...id] = subject.split('.').slice(PREFIX_TOKENS);
  const unescaped = id
    .join('.')
    .replace(/%([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return aggregateKey({ context, type, id: unescaped } as AggregateRef); // only joined to a key here
}
