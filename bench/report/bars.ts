import type { Report } from '../lambda/runtime-api.ts';
import { median } from '../statistics.ts';
import { type Results, ratio, values } from './results.ts';

/** What is to be reached: a ratio of two medians of one run. */
export interface Bar {
  readonly what: string;
  readonly value: number;
  readonly most: number;
}

/** The bars, with what this run came to. */
export function bars({ cold, warm }: Results): Bar[] {
  const coldRatio = (id: string, to: string, of: (report: Report) => number) => ratio(cold, id, to, of);
  const cpu = (id: string, to: string) => ratio(warm, id, to, (block) => block.cpu);
  const answer = ({ answer }: Report) => answer;
  return [
    {
      what: 'cold, load to first answer: sms-hook to peer 3',
      value: coldRatio('ours', 'usual', answer),
      most: 0.75,
    },
    {
      what: 'cold, load to first answer: sms-hook to peer 1',
      value: coldRatio('ours', 'logto', answer),
      most: 0.95,
    },
    {
      what: 'cold, load of the code: sms-hook to peer 1',
      value: coldRatio('ours', 'logto', ({ load }) => load),
      most: 0.55,
    },
    {
      what: "cold, load to first answer: cognito-sms-sender to AWS's sample",
      value: coldRatio('sender', 'sample', answer),
      most: 0.95,
    },
    { what: 'warm CPU a message, guard off: sms-hook to peer 1', value: cpu('bare', 'logto'), most: 0.8 },
    { what: 'warm CPU a message, guard on: sms-hook to peer 3', value: cpu('ours', 'usual'), most: 0.8 },
    {
      what: 'cold, peak memory: sms-hook to peer 1',
      value: coldRatio('ours', 'logto', ({ peakMemory }) => peakMemory),
      most: 0.95,
    },
  ];
}

/** Milliseconds that the guard adds to a message: in the median, at the 99th percentile, and of CPU. */
export function guardAdds({ warm }: Results): { p50: number; p99: number; cpu: number } {
  const added = (of: 'p50' | 'p99' | 'cpu') =>
    median(values(warm, 'ours', (block) => block[of])) - median(values(warm, 'bare', (block) => block[of]));
  return { p50: added('p50'), p99: added('p99'), cpu: added('cpu') };
}
