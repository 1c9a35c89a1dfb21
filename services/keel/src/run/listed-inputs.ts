import { differenceInWords } from '@evenkeel/adapter-venues';
import type { AskedListings, TermsDifference } from '@evenkeel/adapter-venues';
import type { ContractTerms } from '@evenkeel/instruments';
import { InvalidInputError } from '@evenkeel/kernel';
import type { InstrumentsFile } from '@evenkeel/market';

/** What an id says: where the venue says otherwise, it is another contract. */
const OF_THE_ID: ReadonlySet<string> = new Set(['id', 'settlement', 'expiry', 'strike']);
/** What a person pays is theirs to say. */
const FEES = ['makerFee', 'takerFee'] as const;

/**
 * Terms of a live run: those of the venues' listings before those of our tables and files, fees excepted where a file says them.
 * Throws `InvalidInputError` where an id means another contract than its venue lists under that name.
 */
export function withListedTerms(
  written: InstrumentsFile | undefined,
  { terms, differences, unlisted, unanswered }: AskedListings,
): { readonly instruments: InstrumentsFile | undefined; readonly remarks: readonly string[] } {
  const others = differences.filter(({ figure }) => OF_THE_ID.has(figure));
  if (others.length > 0)
    throw new InvalidInputError(
      'the venue’s listing',
      others.map((one) => ({
        path: one.instrument,
        message: `is another contract: ${differenceInWords(one)}`,
      })),
    );
  const listed = [...terms].map(([instrument, figures]) => entry(instrument, figures, written));
  return {
    instruments:
      listed.length === 0 ? written : { instruments: [...(written?.instruments ?? []), ...listed] },
    remarks: [
      ...differences.filter((one) => !isOwnFee(one, written)).map(holds),
      ...unlisted.map((id) => `${id} is not on the listing of its venue: our own terms hold`),
      ...unanswered.map(
        ({ feed, reason }) => `${feed} was not asked for its listing (${reason}): our own terms hold`,
      ),
    ],
  };
}

const holds = (one: TermsDifference): string =>
  `${one.instrument} is listed with ${differenceInWords(one)}: the listing holds`;

const isFee = (figure: string): figure is (typeof FEES)[number] => FEES.some((fee) => fee === figure);

function isOwnFee({ instrument, figure }: TermsDifference, written: InstrumentsFile | undefined): boolean {
  return isFee(figure) && feesOf(instrument, written).has(figure);
}

/** The fees that a person wrote of an instrument. */
function feesOf(instrument: string, written: InstrumentsFile | undefined): ReadonlySet<string> {
  const own = (written?.instruments ?? []).filter((one) => one.instrument === instrument);
  return new Set(FEES.filter((fee) => own.some((one) => one[fee] !== undefined)));
}

function entry(
  instrument: string,
  figures: Partial<ContractTerms>,
  written: InstrumentsFile | undefined,
): InstrumentsFile['instruments'][number] {
  const own = feesOf(instrument, written);
  const { makerFee, takerFee, tickSteps, contractSize, tickSize, lotSize, minQuantity } = figures;
  return {
    instrument,
    contractSize,
    tickSize,
    ...(tickSteps === undefined ? {} : { tickSteps: [...tickSteps] }),
    lotSize,
    minQuantity,
    ...(makerFee === undefined || own.has('makerFee') ? {} : { makerFee }),
    ...(takerFee === undefined || own.has('takerFee') ? {} : { takerFee }),
  };
}
