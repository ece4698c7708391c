/**
 * The options with which a printed command means the same stage wherever it is run: `--stage prod --region eu-central-1`. Whoever names a
 * region once, or has it in this shell or profile alone, would else be led to another one: `serverless deploy` reads none of these.
 * `defineCommand` has the region in the environment, wherever it was told.
 */
export function stageOptions(stage: string): string {
  const region = process.env['AWS_REGION'];
  return region ? `--stage ${stage} --region ${region}` : `--stage ${stage}`;
}

/** The command that deploys a stage. */
export function deployCommand(stage: string): string {
  return `npx serverless deploy ${stageOptions(stage)}`;
}
