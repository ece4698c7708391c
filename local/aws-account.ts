/** The AWS account that the stand-ins play; no real one has this number. */
export const ACCOUNT = '000000000000';

/** The region that they play. */
export const REGION = 'eu-central-1';

/** ARN of a resource of that account and region, `arn:aws:sqs:eu-central-1:000000000000:NAME`. */
export function arn(service: string, resource: string): string {
  return `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
}

/** What an ARN names, `NAME` of `arn:aws:sqs:eu-central-1:000000000000:NAME`. */
export function nameOfArn(text: string): string {
  return text.split(':').slice(5).join(':');
}
