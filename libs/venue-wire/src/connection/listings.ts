import { failure, success, type Result } from '@evenkeel/kernel';

import type { InstrumentEvent, ItemFailureEvent } from '../events/venue-event';
import { askHttp } from './http-request';
import type { VenueProtocol } from './protocol';

export interface ListingsOptions {
  readonly restUrl?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * What a venue lists, by its own public REST. A listing that can't be read is among the results as an `item-failure`; an endpoint
 * that does not answer is a failure of the whole, because half a catalogue looks like a whole one.
 */
export async function fetchListings(
  protocol: VenueProtocol,
  options: ListingsOptions = {},
): Promise<Result<(InstrumentEvent | ItemFailureEvent)[]>> {
  const base = options.restUrl ?? protocol.restUrl ?? '';
  const found: (InstrumentEvent | ItemFailureEvent)[] = [];
  for (const { path, body } of protocol.listings) {
    const answer = await askHttp({
      url: base + path,
      timeoutMs: options.timeoutMs ?? 20_000,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(body === undefined ? {} : { body }),
    });
    if (!answer.ok)
      return failure('VENUES.NO_ANSWER', `${protocol.feed.venue} listings: ${answer.reason}`, path);
    const parsed = protocol.parse(answer.text);
    if (!parsed.ok) return parsed;
    for (const event of parsed.value) {
      if (event.kind === 'instrument' || event.kind === 'item-failure') found.push(event);
      if (event.kind === 'control' && event.what === 'error') {
        return failure(
          'VENUES.REQUEST_REFUSED',
          `${protocol.feed.venue} listings: ${event.code ?? ''} ${event.detail ?? ''}`,
          path,
        );
      }
    }
  }
  return success(found);
}
