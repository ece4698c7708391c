import { BATCHES } from '../measure/bulk.ts';
import { PART_NAMES } from '../measure/profile.ts';
import { median, spread } from '../statistics.ts';
import { COGNITO_SUBJECTS, HTTP_SUBJECTS, QUEUE_SUBJECTS, type Subject } from '../subjects.ts';
import { bars } from './bars.ts';
import type { Rows } from './layout.ts';
import { type Results, values } from './results.ts';

type Measured<Value> = ReadonlyMap<string, readonly Value[]>;

/** A row for each subject: median and quartiles of each measure, then the ratio of one measure to each of some subjects. */
function rows<Value>(
  from: Measured<Value>,
  subjects: readonly Subject[],
  measures: readonly (readonly [(value: Value) => number, number])[],
  ratios: { of: (value: Value) => number; to: readonly string[] },
): string[][] {
  return subjects
    .filter(({ id }) => from.get(id)?.length)
    .map(({ id, title }) => [
      title,
      ...measures.map(([of, digits]) => spread(values(from, id, of), digits)),
      ...ratios.to.map((to) =>
        (median(values(from, id, ratios.of)) / median(values(from, to, ratios.of))).toFixed(2),
      ),
    ]);
}

/** First answers of new processes. */
export function coldTable({ cold, bytes }: Results, subjects: readonly Subject[]): Rows {
  const cognito = subjects.some(({ id }) => COGNITO_SUBJECTS.some((each) => each.id === id));
  const to = cognito ? ['sample'] : ['floor', 'logto', 'usual'];
  const heads = cognito ? ['to the sample'] : ['to floor', 'to peer 1', 'to peer 3'];
  const body = rows(
    cold,
    subjects,
    [
      [({ load }) => load, 1],
      [({ init }) => init, 1],
      [({ answer }) => answer, 1],
      [({ peakMemory }) => peakMemory / 1_024, 1],
    ],
    { of: ({ answer }) => answer, to },
  );
  const size = (index: number) => {
    const id = subjects.filter((subject) => cold.get(subject.id)?.length)[index]?.id ?? '';
    return ((bytes.get(id) ?? Number.NaN) / 1_000).toFixed(0);
  };
  return [
    ['', 'KB', 'load, ms', 'initialised, ms', 'first answer, ms', ...['peak, MiB'], ...heads],
    ...body.map(([title = '', ...cells], index) => [title, size(index), ...cells]),
  ];
}

/** Messages through a warm process, one after the other. */
export function warmTable({ warm }: Results): Rows {
  return [
    ['', 'p50, ms', 'p99, ms', 'CPU a message, ms', 'CPU to floor', 'CPU to peer 1', 'CPU to peer 3'],
    ...rows(
      warm,
      HTTP_SUBJECTS,
      [
        [({ p50 }) => p50, 2],
        [({ p99 }) => p99, 2],
        [({ cpu }) => cpu, 2],
      ],
      { of: ({ cpu }) => cpu, to: ['floor', 'logto', 'usual'] },
    ),
  ];
}

/** What the CPU time of a warm message is spent on, in us: shares of a profile of the median that was measured without one. */
export function partTable({ warm, shares }: Results): Rows {
  const ids = ['floor', 'logto', 'bare', 'ours', 'usual'].filter((id) => shares.has(id) && warm.has(id));
  const cpu = (id: string) => 1_000 * median(values(warm, id, (block) => block.cpu));
  const titles: Record<string, string> = {
    floor: 'floor',
    logto: 'peer 1',
    bare: 'guard off',
    ours: 'everything on',
    usual: 'peer 3',
  };
  const row = (part: string) => ids.map((id) => (cpu(id) * (shares.get(id)?.[0]?.get(part) ?? 0)).toFixed(0));
  return [
    ['us of CPU a message', ...ids.map((id) => titles[id] ?? id)],
    ...PART_NAMES.map((part) => [part, ...row(part)]),
    ['together', ...ids.map((id) => cpu(id).toFixed(0))],
  ];
}

/** Batches through a warm process. */
export function bulkTable({ bulk }: Results): Rows {
  const body = [...HTTP_SUBJECTS, ...QUEUE_SUBJECTS].flatMap(({ id, title }) =>
    BATCHES.filter((size) => bulk.get(`${id} ${size}`)?.length).map((size) => {
      const key = `${id} ${size}`;
      const rate = values(bulk, key, ({ messagesASecond }) => messagesASecond);
      const base = values(bulk, `floor ${size}`, ({ messagesASecond }) => messagesASecond);
      return [
        title,
        String(size),
        spread(rate, 0),
        spread(
          values(bulk, key, ({ cpu }) => cpu),
          2,
        ),
        (median(rate) / median(base)).toFixed(2),
      ];
    }),
  );
  return [['', 'batch', 'messages a second', 'CPU a message, ms', 'rate to floor'], ...body];
}

/** The bars, and whether this run reached them. */
export function barTable(results: Results): Rows {
  return [
    ['bar', 'at most', 'this run', ''],
    ...bars(results).map(({ what, value, most }) => [
      what,
      most.toFixed(2),
      Number.isNaN(value) ? '-' : value.toFixed(2),
      Number.isNaN(value) ? 'not measured' : value <= most ? 'reached' : 'not reached',
    ]),
  ];
}
