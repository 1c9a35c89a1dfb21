import type { VenueSettings } from '@evenkeel/adapter-venue-sim';
import type { Logger } from '@evenkeel/telemetry';
import type { ExecutionEnvironment } from '../config';
import type { Gateway } from './gateway';
import type { KillLatches } from './kill-latches';
import { LiveGateway } from './live-gateway';
import { deribitVenues } from './live-venue';
import { PaperAccount } from './paper-account';
import { VenueGateway } from './venue-gateway';

/** The way to the venues that the environment asks for. Keys are read here and nowhere else. */
export function openGateway(
  environment: ExecutionEnvironment,
  latches: KillLatches,
  logger: Logger,
  onNews: () => void,
): Gateway {
  if (environment.EK_VENUE_MODE === 'simulated') {
    const settings = JSON.parse(environment.EK_VENUE_SETTINGS) as VenueSettings; // written by our own launcher
    return new VenueGateway(environment.EK_VENUE_DIR, settings, latches, logger);
  }
  const paper = environment.EK_VENUE_MODE === 'paper';
  const offset = BigInt(environment.EK_LIVE_CLOCK_OFFSET_MS) * 1_000_000n;
  const trading = deribitVenues();
  return new LiveGateway({
    createVenue: (options) => (paper ? new PaperAccount(options) : trading(options)),
    trades: (venue) => paper || venue === 'deribit',
    clock: () => BigInt(Date.now()) * 1_000_000n + offset,
    urls: environment.EK_LIVE_URLS,
    environment: process.env,
    latches,
    logger,
    onNews,
  });
}
