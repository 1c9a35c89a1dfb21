import { EvenkeelError } from '@evenkeel/kernel';

/** What the kernel refuses: `PRICING.<reason>`; `path` names the input. */
export class PricingError extends EvenkeelError {}

/** An input is missing, not finite or out of its range. */
export function invalidInput(path: string, message: string): PricingError {
  return new PricingError({ code: 'PRICING.INVALID_INPUT', message: `${path} ${message}`, path });
}
