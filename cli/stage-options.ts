import { readFileSync } from 'node:fs';
import { parseObject } from '../lib/json.ts';
import type { Terminal } from './terminal.ts';

/** The stage that `npm start` plays. */
export const LOCAL_STAGE = 'local';

/** How long the local stack may take to answer, in ms. */
const LOCAL_TIMEOUT_MS = 2_000;

/**
 * Points this process at the stack that `npm start` runs: endpoints, region and keys become its environment.
 *
 * @throws Error if no stack answers
 */
export async function useLocalStack(): Promise<string> {
  const url = `http://127.0.0.1:${process.env['INBOX_PORT'] || 3001}`;
  const signal = AbortSignal.timeout(LOCAL_TIMEOUT_MS);
  const text = await fetch(`${url}/api/environment`, { signal }).then(
    (response) => (response.ok ? response.text() : ''),
    () => '',
  );
  const environment = Object.entries(parseObject(text) ?? {});
  if (environment.length === 0) {
    throw new Error(
      `npm start does not answer at ${url}: run it in another terminal, with the same INBOX_PORT`,
    );
  }
  for (const [name, value] of environment) {
    if (/^(AWS|SMSAERO)_/.test(name)) process.env[name] = String(value);
  }
  return LOCAL_STAGE;
}

/** The region of serverless.yml, which `serverless deploy` takes too. @throws Error if the file names none */
export function defaultRegion(): string {
  const file = new URL('../serverless.yml', import.meta.url);
  const [, region] = /^ {2}region: ([a-z0-9-]+)/m.exec(readFileSync(file, 'utf8')) ?? [];
  if (region === undefined) throw new Error('serverless.yml names no region');
  return region;
}

/**
 * Sets the region in the environment, from where the AWS SDK takes it, and {@link stageOptions}. AWS_REGION is replaced, since
 * `serverless deploy` does not look at it: a stage would be configured in one region and deployed to another.
 *
 * @param isGiven whether the command line names it
 */
export function useRegion(region: string, isGiven: boolean, terminal: Terminal): void {
  const ofShell = process.env['AWS_REGION'];
  if (!isGiven && ofShell && ofShell !== region) {
    terminal.note(
      `The region is ${region}, as for serverless deploy. AWS_REGION does not count: --region ${ofShell} does.`,
    );
  }
  process.env['AWS_REGION'] = region;
}

/** The options with which a printed command means the same stage wherever it is run: `--stage prod --region eu-central-1`. */
export function stageOptions(stage: string): string {
  if (stage === LOCAL_STAGE) return '--local';
  const region = process.env['AWS_REGION'];
  return region ? `--stage ${stage} --region ${region}` : `--stage ${stage}`;
}

export function deployCommand(stage: string): string {
  if (stage === LOCAL_STAGE) return 'npm start';
  return `npx serverless deploy ${stageOptions(stage)}`;
}
