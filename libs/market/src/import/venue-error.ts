/** Why a document is no answer: a venue says under different names that it did not answer. Undefined where it did. */
export function venueError(document: unknown): string | undefined {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return undefined;
  const value: Readonly<Record<string, unknown>> = { ...document };
  const failed =
    value['error'] ??
    (isFailure(value['code']) || isFailure(value['retCode'])
      ? (value['msg'] ?? value['retMsg'] ?? value['code'])
      : undefined);
  if (failed === undefined || failed === null) return undefined;
  return `is an error of the venue, and no answer: ${JSON.stringify(failed)}`;
}

function isFailure(code: unknown): boolean {
  return code !== undefined && String(code) !== '0' && String(code) !== '200';
}
