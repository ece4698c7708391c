import { median } from '../statistics.ts';
import { type Results, ratio, values } from './results.ts';

/** What is to be reached: a ratio of two medians of one run. */
export interface Bar {
  readonly what: string;
  readonly value: number;
  readonly most: number;
}

/** The bars, with what this run came to. */
export function bars({ cold, warm, bytes }: Results): Bar[] {
  const answer = (id: string, to: string) => ratio(cold, id, to, (report) => report.answer);
  const cpu = (id: string, to: string) => ratio(warm, id, to, (block) => block.cpu);
  const size = (id: string) => bytes.get(id) ?? Number.NaN;
  return [
    { what: 'cold, load to first answer: sms-hook to peer 3', value: answer('ours', 'usual'), most: 0.4 },
    { what: 'cold, load to first answer: sms-hook to peer 1', value: answer('ours', 'logto'), most: 0.6 },
    { what: 'bundle: sms-hook to peer 3', value: size('ours') / size('usual'), most: 0.4 },
    { what: 'warm CPU a message, guard off: sms-hook to floor', value: cpu('bare', 'floor'), most: 1.4 },
    { what: 'warm CPU a message, guard off: sms-hook to peer 1', value: cpu('bare', 'logto'), most: 1 },
    { what: 'warm CPU a message, guard on: sms-hook to peer 3', value: cpu('ours', 'usual'), most: 2 / 3 },
    {
      what: "Cognito cold: cognito-sms-sender to AWS's sample",
      value: answer('sender', 'sample'),
      most: 0.6,
    },
    {
      what: 'peak memory, cold: sms-hook to peer 1',
      value: ratio(cold, 'ours', 'logto', (report) => report.peakMemory),
      most: 1,
    },
  ];
}

/** Milliseconds that the guard adds to a message: in the median, at the 99th percentile, and of CPU. */
export function guardAdds({ warm }: Results): { p50: number; p99: number; cpu: number } {
  const added = (of: 'p50' | 'p99' | 'cpu') =>
    median(values(warm, 'ours', (block) => block[of])) - median(values(warm, 'bare', (block) => block[of]));
  return { p50: added('p50'), p99: added('p99'), cpu: added('cpu') };
}
