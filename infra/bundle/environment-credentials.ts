/** AWS credentials as the SDK's clients take them. */
interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/**
 * Stands in the bundle for `@aws-sdk/credential-provider-node`, whose chain (shared files, SSO, processes, web
 * identity, instance metadata) costs 136 KB and about 50 ms of every cold start. AWS Lambda gives a function its
 * role's credentials in three environment variables and replaces the process before they expire.
 *
 * @returns a provider that reads the environment at each call; it rejects when either key is missing
 */
export const defaultProvider = () => async (): Promise<Credentials> => {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = process.env;
  if (!accessKeyId || !secretAccessKey) {
    throw new Error(
      'No AWS credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are read from the environment only',
    );
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
};
