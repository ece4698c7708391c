import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

const STAND_INS: Readonly<Record<string, string>> = {
  '@aws-sdk/client-dynamodb': 'client-dynamodb',
  '@aws-sdk/client-eventbridge': 'client-eventbridge',
  '@aws-sdk/client-kms': 'client-kms',
  '@aws-sdk/client-sqs': 'client-sqs',
  '@aws-sdk/client-ssm': 'client-ssm',
  '@smithy/core/retry': 'retry',
};

/** Puts the small clients of `infra/bundle/aws/` in the place of the AWS SDK's. */
export const lightAws: Plugin = {
  name: 'light-aws',
  setup(build) {
    build.onResolve({ filter: /^@(aws-sdk|smithy)\// }, ({ path, importer }) => {
      const name = STAND_INS[path];
      // Of dependencies, only the keyring: it is the one place where KMS is called.
      const ours = !importer.includes('node_modules') || importer.includes('kms-keyring-node');
      return name && ours
        ? { path: fileURLToPath(new URL(`aws/${name}.ts`, import.meta.url)), sideEffects: false }
        : undefined;
    });
  },
};
