import { COMMIT_KEYS } from '@evenkeel/engine';
import { partitionOfBook, subjectOf } from '@evenkeel/eventing';

export const KEYS_PARTITION = partitionOfBook(COMMIT_KEYS.id);

/** Where an epoch's keys are enrolled and removed, and messages are quarantined. */
export const KEYS_SUBJECT = subjectOf(KEYS_PARTITION, COMMIT_KEYS);
