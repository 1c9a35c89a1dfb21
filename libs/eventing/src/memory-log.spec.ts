import { describeEventLog } from '@evenkeel/testkit';
import { MemoryEventLog } from './memory-log';

describeEventLog('memory', () => Promise.resolve(new MemoryEventLog('memory')));
