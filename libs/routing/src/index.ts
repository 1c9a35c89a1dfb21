export { costOf } from './route';
export type { DepthLevel, Route, RouteCost, RoutingProblem, VenueHealth, VenueRoom } from './route';
export { routeSplit } from './split';
export type { RouteAllocation, Routing, RoutingOptions } from './split';
