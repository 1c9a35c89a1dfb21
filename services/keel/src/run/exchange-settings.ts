import { venueSettingsOf, venueSettingsSchema } from '@evenkeel/adapter-venue-sim';
import type { VenueSettings } from '@evenkeel/adapter-venue-sim';
import { readNamedText } from '@evenkeel/config';
import { InvalidInputError } from '@evenkeel/kernel';

export const EXCHANGE_FLAG = [
  '--exchange <file>',
  'how the simulated exchange behaves: depth, latency, outages, quirks',
] as const;

/** Reads how the simulated exchange behaves. Throws `InvalidInputError` with every problem and its path. */
export function readExchangeSettings(path: string | undefined): VenueSettings {
  if (path === undefined) return {};
  let written: unknown;
  try {
    written = JSON.parse(readNamedText(path));
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    throw new InvalidInputError(path, [{ path: '(file)', message: 'is not JSON' }]);
  }
  const parsed = venueSettingsSchema.safeParse(written);
  if (parsed.success) return venueSettingsOf(parsed.data);
  throw new InvalidInputError(
    path,
    parsed.error.issues.map((issue) => ({ path: issue.path.join('.') || '(file)', message: issue.message })),
  );
}
