import { availableParallelism, cpus } from 'node:os';
import { COGNITO_SUBJECTS, HTTP_SUBJECTS } from '../subjects.ts';
import { guardAdds } from './bars.ts';
import { markdown } from './layout.ts';
import type { Results } from './results.ts';
import { barTable, bulkTable, coldTable, partTable, warmTable } from './tables.ts';

/** The report: `bench/results.md`. @param queue whether `sms-queue` is there */
export function reportText(results: Results, queue: boolean): string {
  const { runs, messages } = results;
  const guard = guardAdds(results);
  const sections = [
    `# Benchmark

\`npm run bench -- --runs ${runs} --messages ${messages}\`, ${new Date().toISOString().slice(0, 10)}; Node ${process.version}, ${availableParallelism()} CPUs (${cpus()[0]?.model ?? 'unknown'}).
Medians and quartiles of ${runs} runs; all subjects take turns in each. SMS Aero (TLS), Parameter Store, DynamoDB and KMS are on loopback, and
the same for all: the ratios travel, the milliseconds do not. Peer 3 does the same work as \`sms-hook\` with everything on: a repeat is
recognised, and recipient, block of numbers, address and total are limited, in DynamoDB.`,
    ['## Bars', '', ...markdown(barTable(results))],
    [
      '## Cold',
      '',
      'A new process each, through a Runtime API: from before the import until the code is loaded that asks for the configuration (ours loads',
      'as much again while it waits), until initialisation ends (ours then has its configuration and a connection to the table, the others',
      'have asked for it), until the first answer. The start of Node is not counted.',
      '',
      ...markdown(coldTable(results, HTTP_SUBJECTS)),
      '',
      ...markdown(coldTable(results, COGNITO_SUBJECTS)),
    ],
    [
      '## Warm',
      '',
      `${messages} messages in a row, one at a time, in a process that has sent 1,000 before. CPU is that of all threads of the process.`,
      '',
      ...markdown(warmTable(results)),
      '',
      `The guard adds ${guard.p50.toFixed(2)} ms to a message in the median, ${guard.p99.toFixed(2)} ms at the 99th percentile, ${guard.cpu.toFixed(2)} ms of CPU. Most of it is the table's`,
      'stand-in (dynalite, a single thread that all calls of a message share).',
      '',
      "What that CPU time is spent on: shares of a profile of V8's (4,000 messages, the second half), times the medians above. What is left out,",
      'and what is left: [decision 14](../docs/decisions/0014-warm-path.md).',
      '',
      ...markdown(partTable(results)),
    ],
    [
      '## Bulk',
      '',
      'Batches of SQS through `sms-queue`. A peer has no function for a queue: it gets as many invocations at once, in one process.',
      ...(queue ? [] : ['`functions/sms-queue.ts` is not there: ours is left out.']),
      '',
      ...markdown(bulkTable(results)),
    ],
  ];
  return `${sections.map((section) => (typeof section === 'string' ? section : section.join('\n'))).join('\n\n')}\n`;
}
