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
  const region = process.env['AWS_REGION'];
  return region ? `--stage ${stage} --region ${region}` : `--stage ${stage}`;
}

/** The command that deploys a stage. */
export function deployCommand(stage: string): string {
  return `npx serverless deploy ${stageOptions(stage)}`;
}
