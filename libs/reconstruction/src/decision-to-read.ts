import { EvenkeelError } from '@evenkeel/kernel';
import { elsewhereText } from './epoch-to-read';
import type { DecisionPlace, DecisionToRead } from './evidence-ports';

export interface DecisionQuestion {
  /** An id, or its beginning. */
  readonly id: string;
  /** The epoch that was asked for; the newest that knows the id unless told. */
  readonly epoch?: string;
  readonly newestEpoch: string;
  /** Every decision that begins with the id, or some of each epoch; epochs oldest first. */
  readonly found: readonly DecisionPlace[];
  /** To follow on the refusal. */
  readonly note?: string;
}

const SHOWN = 3;

/**
 * The one decision that an id names. Where several epochs have it, the newest epoch's is meant; where that one has none, an epoch has
 * to be named. Throws `LEDGER.NO_SUCH_DECISION`, `LEDGER.AMBIGUOUS_DECISION`.
 */
export function decisionToRead(question: DecisionQuestion): DecisionToRead {
  const { id, epoch, newestEpoch, note = '' } = question;
  const found = id === '' ? [] : question.found;
  const epochs = [...new Set(found.map((place) => place.epoch))];
  const meant = epoch ?? (epochs.includes(newestEpoch) || epochs.length !== 1 ? newestEpoch : epochs[0]);
  const here = found.filter((place) => place.epoch === meant);
  const others = epochs.filter((one) => one !== meant).map((one) => ({ epoch: one }));
  const [place] = here;
  if (place === undefined && epoch === undefined && others.length > 0) {
    const message = `epoch ${newestEpoch} has no decision ${id}${elsewhereText(others, 'has one', 'each have one')}`;
    throw new EvenkeelError({ code: 'LEDGER.AMBIGUOUS_DECISION', message });
  }
  if (place === undefined) {
    const where = epoch === undefined ? 'in the ledger' : `in epoch ${epoch}`;
    const message = `there is no decision ${id === '' ? 'without an id' : id} ${where}${elsewhereText(others, 'has it', 'have it')}; \`keel audit list\` shows those there are${note}`;
    throw new EvenkeelError({ code: 'LEDGER.NO_SUCH_DECISION', message });
  }
  const ids = [...new Set(here.map(({ decisionId }) => decisionId))];
  if (ids.length > 1) {
    const more = ids.length > SHOWN ? ' and more' : '';
    const message = `${id} is the beginning of several decisions of epoch ${place.epoch}: ${ids.slice(0, SHOWN).join(', ')}${more}; give more of it`;
    throw new EvenkeelError({ code: 'LEDGER.AMBIGUOUS_DECISION', message });
  }
  const alike = found.filter(
    ({ decisionId, epoch: other }) => decisionId === place.decisionId && other !== meant,
  );
  return { ...place, alsoIn: [...new Set(alike.map((other) => other.epoch))] };
}

/** For people: which other epochs have a decision of the same id; empty where none has. */
export function alsoInText({ alsoIn, epoch }: Pick<DecisionToRead, 'alsoIn' | 'epoch'>): string {
  if (alsoIn.length === 0) return '';
  return `of epoch ${epoch}; epoch${alsoIn.length === 1 ? '' : 's'} ${alsoIn.join(', ')} ${alsoIn.length === 1 ? 'has' : 'have'} a decision of the same id (--epoch ${alsoIn.at(-1) ?? ''})`;
}
