export { planFeeds, placeOf } from './live/feed-plan';
export type { FeedPlan, FeedPlanOptions, PlannedFeed } from './live/feed-plan';
export { LiveFeed } from './live/live-feed';
export type { LiveFeedOptions } from './live/live-feed';
export { VenueInbox } from './live/venue-inbox';
export type { WaitingReport } from './live/venue-inbox';
export { createPaperVenue } from './paper/paper-venue';
export type { PaperVenue, PaperVenueOptions } from './paper/paper-venue';
export { VENUE_PROTOCOLS } from './venue-protocols';
