import { parseObject } from '../lib/json.ts';

/** The stage that `npm start` plays. */
export const LOCAL_STAGE = 'local';

/** How long the local stack may take to answer, in ms. */
const LOCAL_TIMEOUT_MS = 2_000;

/**
 * Points this process at the stack that `npm start` runs: endpoints, region and keys become its environment.
 *
 * @returns the stage to use
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

/**
 * Sets the region in the environment, from where the AWS SDK takes it, and {@link stageOptions}.
 *
 * @param named the region of the command line; without one that of AWS_REGION, or else of the profile
 */
export async function useRegion(named: string | undefined): Promise<void> {
  const region = named ?? (process.env['AWS_REGION'] || (await regionOfProfile()));
  if (region !== undefined) {
    process.env['AWS_REGION'] = region;
  }
}

/** The region of the profile in ~/.aws, as the SDK finds it. */
async function regionOfProfile(): Promise<string | undefined> {
  const { loadConfig, NODE_REGION_CONFIG_FILE_OPTIONS, NODE_REGION_CONFIG_OPTIONS } = await import(
    '@smithy/core/config'
  );
  const ofFile = { ...NODE_REGION_CONFIG_OPTIONS, environmentVariableSelector: () => undefined };
  const read = loadConfig(ofFile, NODE_REGION_CONFIG_FILE_OPTIONS);
  return await read().catch(() => undefined); // what needs a region says that there is none
}

/**
 * The options with which a printed command means the same stage wherever it is run: `--stage prod --region eu-central-1`. A region that
 * stands only in this shell or profile would otherwise lead to another one: `serverless deploy` reads neither.
 */
export function stageOptions(stage: string): string {
  if (stage === LOCAL_STAGE) return '--local';
  const region = process.env['AWS_REGION'];
  return region ? `--stage ${stage} --region ${region}` : `--stage ${stage}`;
}

/** The command that deploys a stage. */
export function deployCommand(stage: string): string {
  if (stage === LOCAL_STAGE) return 'npm start';
  return `npx serverless deploy ${stageOptions(stage)}`;
}
