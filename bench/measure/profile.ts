import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Artifacts } from '../artifacts.ts';
import type { Subject } from '../subjects.ts';
import type { World } from '../world.ts';
import { start } from './start.ts';

/** What a message's CPU time is spent on. The first that fits counts; an entry is a function's name and its file. */
const PARTS = [
  ['writes to sockets and standard output (kernel)', /^(write\w*String|writeBuffer|writev) $/],
  ['garbage collection', /^\(garbage collector\) /],
  ['hashes and HMAC', /crypto|^(init|update|digest|oneShotDigest|Hmac) $/],
  [
    "Node's HTTP and TLS",
    /node:_?(https?|tls)|node:_http|node:_tls|internal\/http|^(execute|initialize|free) $/,
  ],
  ["Node's streams, sockets, timers, events", / node:/],
  ['the code of the function', /index\.js$|\.mjs$/], // ours is in several files
  ['the Runtime API client of the benchmark', /bootstrap\.js$/],
  ['else', /./],
] as const satisfies readonly (readonly [string, RegExp])[];

/** Names of the parts, in the order of the table. */
export const PART_NAMES: readonly string[] = PARTS.map(([name]) => name);

/** Shares of the time in which a process was not idle, by part. */
export type Shares = ReadonlyMap<string, number>;

/** Node ends by a signal without writing its profile. */
const EXIT_ON_SIGNAL = "--import=data:text/javascript,process.on('SIGTERM',()=>process.exit())";

/** Messages before those that count, and those; ten blocks each. */
const BLOCKS = 20;
const BLOCK = 200;

interface Profile {
  readonly nodes: readonly { id: number; callFrame: { functionName: string; url: string } }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Sends messages through a warm process under the profiler of V8. */
export async function measureShares(
  subjects: readonly Subject[],
  artifacts: Artifacts,
  world: World,
): Promise<Map<string, Shares[]>> {
  const shares = new Map<string, Shares[]>();
  for (const subject of subjects) {
    const folder = await mkdtemp(join(tmpdir(), 'smsaero-bench-profile-'));
    const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=250', EXIT_ON_SIGNAL];
    const running = await start(subject, artifacts, world, flags);
    try {
      for (let block = 0; block < BLOCKS; block += 1) await running.send(BLOCK);
    } finally {
      await running.close();
    }
    const [file = ''] = await readdir(folder);
    shares.set(subject.id, [sharesOf(JSON.parse(await readFile(join(folder, file), 'utf8')))]);
    await rm(folder, { recursive: true });
  }
  return shares;
}

/** Of the second half of the samples: the first has the start of the process and code that is not optimised. */
function sharesOf({ nodes, samples, timeDeltas }: Profile): Shares {
  const places = new Map(
    nodes.map(({ id, callFrame: { functionName, url } }) => [id, `${functionName} ${url}`]),
  );
  const times = new Map<string, number>();
  let busy = 0;
  for (let index = Math.floor(samples.length / 2); index < samples.length; index += 1) {
    const place = places.get(samples[index] ?? 0) ?? '';
    if (place === '(idle) ') continue;
    const [part] = PARTS.find(([, pattern]) => pattern.test(place)) ?? ['else'];
    const time = timeDeltas[index] ?? 0;
    times.set(part, (times.get(part) ?? 0) + time);
    busy += time;
  }
  return new Map([...times].map(([part, time]) => [part, time / busy]));
}
