export { bootDrafts, sealBoot } from './boot';
export type { BookUnderManagement } from './boot';
