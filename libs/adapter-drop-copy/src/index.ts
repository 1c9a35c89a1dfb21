export { receiveDropCopy } from './drop-copy';
export type { DropCopyOptions } from './drop-copy';
export { tradeReported } from './execution-report';
export { FixReader, encodeFix } from './fix-message';
export type { FixField, FixMessage } from './fix-message';
export { SequenceFile } from './sequence-file';
export { SessionStopped } from './session-end';
export { parseDropCopySettings } from './settings';
export type { DropCopySettings } from './settings';
