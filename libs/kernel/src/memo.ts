import { assert } from './errors';

/**
 * `compute`, remembering its answers by key. Forgets everything once `max` keys are known, so that what asks for ever holds
 * no more than that; `compute` must give equal answers for equal keys.
 */
export function memoised<Value>(max: number, compute: (key: string) => Value): (key: string) => Value {
  assert(max > 0, 'a memo holds something');
  const known = new Map<string, Value>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const value = compute(key);
    if (known.size >= max) known.clear();
    known.set(key, value);
    return value;
  };
}
