import { readPart } from '@evenkeel/venue-wire';
import { readOrders } from './private-messages';

const LIMIT = {
  order_id: '1',
  label: 'ours',
  instrument_name: 'BTC-PERPETUAL',
  order_state: 'open',
  amount: 100,
  filled_amount: 30,
  time_in_force: 'good_til_cancelled',
};
/** As Deribit lists an order that waits for its trigger. */
const { filled_amount: _, ...unfilled } = LIMIT;
const STOP = { ...unfilled, order_id: 'SLMB-1', label: '', order_state: 'untriggered', stop_price: 80_000 };

describe('open orders', () => {
  it('are read with a stop order among them that has not been triggered and says nothing of what it filled', () => {
    const read = readPart([LIMIT, STOP], readOrders);
    expect(read.ok && read.value.map(({ orderId, filledAmount }) => [orderId, filledAmount])).toEqual([
      ['1', '30'],
      ['SLMB-1', '0'],
    ]);
  });

  it('are refused where an open order does not say what it filled', () => {
    expect(readPart([unfilled], readOrders)).toMatchObject({ ok: false, failure: { path: 'filled_amount' } });
  });
});
