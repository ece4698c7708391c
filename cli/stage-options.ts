/**
 * The options with which a printed command means the same stage wherever it is run: `--stage prod --region eu-central-1`. Whoever names a
 * region once, or has it in this shell alone, would else be led to another one; `serverless deploy` reads no `AWS_REGION` at all.
 */
export function stageOptions(stage: string): string {
  const region = process.env['AWS_REGION'];
  return region ? `--stage ${stage} --region ${region}` : `--stage ${stage}`;
}
