import type { Check } from '@evenkeel/facts';
import { Decimal } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { overrideFor } from '../controls/book-controls';
import type { BookControls } from '../controls/book-controls';
import { CONTROLS } from './control-table';
import type { ControlName } from './control-table';

/** What was found about one order: every check with its limit and observation, and why it may not go. */
export class Findings {
  readonly checks: Check[] = [];
  readonly reasons: string[] = [];

  constructor(
    private readonly controls: BookControls | undefined,
    private readonly instrument: string,
    private readonly now: Instant,
  ) {}

  /** `value` is the observation as a number, for an override that allows up to one. */
  add(name: ControlName, limit: string, observed: string, passed: boolean, value?: Decimal): boolean {
    if (passed) {
      this.checks.push({ name, limit, observed, passed });
      return true;
    }
    const grant = this.grantFor(name, value);
    if (grant !== undefined) {
      this.checks.push({ name, limit, observed, passed, overriddenBy: grant });
      return true;
    }
    this.checks.push({ name, limit, observed, passed });
    this.reasons.push(CONTROLS[name].reason);
    return false;
  }

  private grantFor(name: ControlName, value: Decimal | undefined): string | undefined {
    if (this.controls === undefined || CONTROLS[name].hardness === 'hard') return undefined;
    const allows = (upTo: string): boolean =>
      value !== undefined && !value.abs().greaterThan(Decimal.parse(upTo));
    return overrideFor(this.controls, name, this.instrument, this.now, allows)?.overrideId;
  }
}
