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

/** For SDK clients of the stand-ins: a profile in ~/.aws that has FIPS or dual stack on lets no client have an endpoint of its own. */
export const ENDPOINT_OF_ONES_OWN = { useFipsEndpoint: false, useDualstackEndpoint: false } as const;
