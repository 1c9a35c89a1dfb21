import { useHashes } from '@evenkeel/kernel';
import { nativeHashes } from './native-hashes';

useHashes(nativeHashes);

export { nativeHashes } from './native-hashes';
export { inSourceLines } from './source-lines';
