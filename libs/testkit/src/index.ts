export { itWithSharedData, sharedDir } from './shared-data';
