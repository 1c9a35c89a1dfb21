/**
 * Whether `stored` is what `value` becomes as JSON and back: fields that are undefined do not exist, numbers that are not
 * finite are null, the order of keys does not count.
 */
export function sameJson(value: unknown, stored: unknown): boolean {
  if (typeof value === 'number' && !Number.isFinite(value)) return stored === null;
  if (typeof value !== 'object' || value === null) return value === stored;
  if (typeof stored !== 'object' || stored === null) return false;
  if (Array.isArray(value)) {
    if (!Array.isArray(stored) || value.length !== stored.length) return false;
    return value.every((item, index) => sameJson(item, stored[index]));
  }
  if (Array.isArray(stored)) return false;
  let fields = 0;
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    fields += 1;
    if (!Object.hasOwn(stored, key) || !sameJson(item, (stored as Record<string, unknown>)[key]))
      return false;
  }
  return fields === Object.keys(stored).length;
}
