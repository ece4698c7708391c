/**
 * How an AWS client of the command line waits, in ms: longer than the functions, since an operator may be far from the region and behind
 * a proxy, but not for ever.
 */
export const PATIENT = {
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 15_000, throwOnRequestTimeout: true },
} as const;
