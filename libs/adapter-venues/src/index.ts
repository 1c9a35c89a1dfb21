export { CONNECTORS, LIVE_VENUES, isVenueKey } from './connectors';
export { planFeeds, placeOf } from './live/feed-plan';
export type { FeedPlan, FeedPlanOptions, PlannedFeed } from './live/feed-plan';
export { GrowingFeed } from './live/growing-feed';
export type { GrowingFeedOptions } from './live/growing-feed';
export { LiveFeed } from './live/live-feed';
export type { LiveFeedOptions } from './live/live-feed';
export { VENUE_FEEDS, VENUE_PROTOCOLS } from './venue-protocols';
export type { VenueFeed } from './venue-protocols';
