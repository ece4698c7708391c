import { type AwsJsonServer, startAwsJson } from '../aws-json.ts';
import type { Address } from '../loopback.ts';
import { operations } from './operations.ts';
import { Parameters, type ParameterValue } from './parameters.ts';

/** How the stand-in is started. */
export interface ParameterStoreOptions extends Address {
  /** What it holds at first, by full name. */
  parameters?: Record<string, ParameterValue>;
  /** Most rows a page of GetParametersByPath holds, 10 unless told: AWS may return fewer than MaxResults. */
  pageSize?: number;
}

/** A running stand-in. */
export interface ParameterStore extends AwsJsonServer {
  /** Puts a parameter or a new version; an existing one keeps its type unless told, a new one is a String. */
  put(name: string, value: string, type?: ParameterValue['type']): void;
  /** Removes a parameter; false when there was none. */
  delete(name: string): boolean;
}

/**
 * Starts Parameter Store (AWS Systems Manager, JSON 1.1) for the real `@aws-sdk/client-ssm` with an `endpoint`. Seeds
 * over 4 KiB become advanced parameters.
 * @throws AwsError for a seed that AWS would refuse; the system's error when the port is in use.
 */
export async function startParameterStore(options: ParameterStoreOptions = {}): Promise<ParameterStore> {
  const parameters = new Parameters();
  for (const [name, value] of Object.entries(options.parameters ?? {})) {
    parameters.put(name, value, 'Intelligent-Tiering');
  }
  const server = await startAwsJson({
    ...options,
    service: 'ssm',
    target: 'AmazonSSM',
    serverError: 'InternalServerError',
    resource: (_, region) => `arn:aws:ssm:${region}:000000000000:*`,
    run: (operation, input, region) =>
      operations.get(operation)?.({ parameters, region, pageSize: options.pageSize ?? 10 }, input),
  });
  return {
    ...server,
    put(name, value, type) {
      parameters.put(
        name,
        { type: type ?? parameters.find(name)?.type ?? 'String', value },
        'Intelligent-Tiering',
      );
    },
    delete: (name) => parameters.delete(name),
  };
}
