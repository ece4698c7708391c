/**
 * Time-outs of the AWS clients of the command line, in ms: longer than the functions, since an operator may be far from the region and behind
 * a proxy, but not endless.
 */
export const CLIENT_TIMEOUTS = {
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 15_000, throwOnRequestTimeout: true },
} as const;
