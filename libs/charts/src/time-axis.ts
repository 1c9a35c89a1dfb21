import { NANOS_PER_MILLISECOND, formatInstant } from '@evenkeel/kernel';
import type { XAXisComponentOption } from 'echarts';

/** Event time from one moment to another, milliseconds since 1970, with a mark at each quarter. */
export function timeAxis(from: number, to: number, colour: string): XAXisComponentOption {
  const quarters = [0, 1, 2, 3, 4].map((n) => from + (n / 4) * (to - from));
  return {
    type: 'value',
    min: from,
    max: to,
    name: 'event time, UTC',
    nameLocation: 'middle',
    nameGap: 30,
    nameTextStyle: { color: colour, fontSize: 11 },
    axisLine: { show: false },
    axisTick: { show: false, customValues: quarters },
    axisLabel: {
      color: colour,
      fontSize: 11,
      formatter: timeText,
      customValues: quarters,
      alignMinLabel: 'left',
      alignMaxLabel: 'right',
    },
    splitLine: { show: false },
  };
}

/** `01-23 08:00`. */
function timeText(ms: number): string {
  return formatInstant(BigInt(Math.round(ms)) * NANOS_PER_MILLISECOND)
    .slice('2026-'.length, '2026-01-23T08:00'.length)
    .replace('T', ' ');
}
