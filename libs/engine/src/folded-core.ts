import { viewOf } from '@evenkeel/eventing';
import type { Commit } from '@evenkeel/eventing';
import { takeIn } from '@evenkeel/facts';
import type { Core, Refusals } from '@evenkeel/facts';
import { hears } from './topology';

/** One production core, fed from the record what it said and what it took in. It is not shown the market, which is on no journal. */
export class FoldedCore<State> {
  private state: State;

  constructor(private readonly core: Core<State, unknown>) {
    this.state = core.initial();
  }

  /** `refusals`: what the record holds against what people say in it. */
  take(commit: Commit, refusals?: Refusals): State {
    const view = viewOf(commit, refusals);
    if (commit.aggregate.context === this.core.context) this.state = this.core.evolve(this.state, view);
    else if (hears(this.core.context, commit))
      this.state = takeIn(this.core, this.state, { kind: 'commit', commit: view });
    return this.state;
  }

  get now(): State {
    return this.state;
  }
}
