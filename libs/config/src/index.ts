export { hostEnvironment, parseEnvironment } from './environment';
export type { HostEnvironment } from './environment';
