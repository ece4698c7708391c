import { randomBytes } from 'node:crypto';
import type { Connector } from '../lib/config/configuration.ts';
import { parametersOf, type WrittenParameter } from '../lib/config/parameters.ts';
import {
  AwsError,
  type AwsJsonServer,
  arn,
  constraint,
  type Input,
  requiredText,
  startAwsJson,
} from './aws-json.ts';

/** What a parameter is put as. */
export interface ParameterValue extends Omit<WrittenParameter, 'name'> {
  /** KMS key of a SecureString, as its writer named it. Default: AWS's key for Parameter Store, also for a new version. */
  readonly keyId?: string;
}

interface Stored extends ParameterValue {
  readonly name: string;
  readonly version: number;
}

export interface ParameterStore extends AwsJsonServer {
  /** Puts a parameter or a new version. Default type: that of the existing one, or `String`. */
  put(name: string, value: string, type?: ParameterValue['type']): void;
  /** Removes a parameter; false when there was none. */
  delete(name: string): boolean;
}

const validation = (message: string) => new AwsError('ValidationException', message);

/**
 * Starts Parameter Store (AWS Systems Manager API, version 2014-11-06) with the operations that the functions and the command line
 * call, for the unmodified `@aws-sdk/client-ssm` with an `endpoint`.
 *
 * @throws AwsError for a parameter that AWS would refuse
 */
export async function startParameterStore(
  options: {
    readonly parameters?: Readonly<Record<string, ParameterValue>>;
    /** Called for each parameter that a caller puts. */
    readonly onPut?: (name: string, value: string) => void;
  } = {},
): Promise<ParameterStore> {
  const all = new Map<string, Stored>();

  const put = (name: string, { type, value, keyId }: ParameterValue): Stored => {
    if (/\{\{.*\}\}/s.test(value)) {
      throw validation("Parameter value can't nest another parameter. Do not use {{}} in the value.");
    }
    const key = type === 'SecureString' ? { keyId: keyId ?? 'alias/aws/ssm' } : {};
    const stored: Stored = { name, type, value, ...key, version: (all.get(name)?.version ?? 0) + 1 };
    all.set(name, stored);
    return stored;
  };
  const find = (name: string): Stored => {
    const found = all.get(name);
    if (!found) throw new AwsError('ParameterNotFound');
    return found;
  };
  const under = (path: string, recursive: boolean): Stored[] => {
    const prefix = path.endsWith('/') ? path : `${path}/`;
    return [...all.values()]
      .filter(({ name }) => name.startsWith(prefix))
      .filter(({ name }) => recursive || !name.slice(prefix.length).includes('/'))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  };

  const operations: Readonly<Record<string, (input: Input) => object>> = {
    GetParameter: (input) => ({ Parameter: view(find(requiredText(input, 'Name')), input) }),
    GetParametersByPath(input) {
      const path = requiredText(input, 'Path');
      checkName(path);
      const found = under(path, input['Recursive'] === true);
      return pageOf(found, input, 10, (parameter) => view(parameter, input));
    },
    PutParameter(input) {
      const name = requiredText(input, 'Name');
      checkName(name);
      const value = requiredText(input, 'Value');
      const existing = all.get(name);
      if (existing && input['Overwrite'] !== true) {
        throw new AwsError('ParameterAlreadyExists', 'The parameter already exists.');
      }
      const type = input['Type'] ?? existing?.type;
      if (type !== 'String' && type !== 'SecureString') {
        throw constraint('type', type, 'Member must satisfy enum value set: [SecureString, String]');
      }
      if (existing && type !== existing.type) {
        const message = "Parameter Store doesn't support changing a parameter type in a hierarchy.";
        throw new AwsError('HierarchyTypeMismatchException', message);
      }
      const key = typeof input['KeyId'] === 'string' ? { keyId: input['KeyId'] } : {};
      const { version } = put(name, { type, value, ...key });
      options.onPut?.(name, value);
      return { Version: version };
    },
    DeleteParameter(input) {
      all.delete(find(requiredText(input, 'Name')).name);
      return {};
    },
    /** With the filter that the command line sends: all below a path. */
    DescribeParameters(input) {
      const [filter] = input['ParameterFilters'] as { Values: string[] }[];
      const found = under(String(filter?.Values[0]), true);
      return pageOf(found, input, 50, ({ name, type, keyId, version }) => ({
        ...{ ARN: arnOf(name), Name: name, Type: type, Version: version, KeyId: keyId },
      }));
    },
  };

  for (const [name, value] of Object.entries(options.parameters ?? {})) put(name, value);
  const server = await startAwsJson({
    service: 'ssm',
    target: 'AmazonSSM',
    serverError: 'InternalServerError',
    run: (operation, input) => operations[operation]?.(input),
  });
  return {
    ...server,
    put: (name, value, type = all.get(name)?.type ?? 'String') => void put(name, { type, value }),
    delete: (name) => all.delete(name),
  };
}

/** Allows levels of letters, digits, `.`, `-`, `_` after slashes, not under `aws` or `ssm`. @throws AwsError */
function checkName(name: string): void {
  if (!/^(\/[A-Za-z0-9._-]+){1,15}\/?$/.test(name) || /^\/(aws|ssm)/i.test(name)) {
    throw validation("The parameter doesn't meet the parameter name requirements.");
  }
}

const arnOf = (name: string) => arn('ssm', `parameter${name}`);

function view({ name, type, value, version }: Stored, input: Input): object {
  const isSealed = type === 'SecureString' && input['WithDecryption'] !== true;
  return {
    ...{ ARN: arnOf(name), Name: name, Type: type, Version: version, DataType: 'text' },
    // What KMS makes begins like this in base64.
    Value: isSealed ? `AQICAHh${randomBytes(120).toString('base64')}` : value,
  };
}

/** One page, in the order of the names; the token is where the next one begins. */
function pageOf<Row>(rows: readonly Row[], input: Input, most: number, shown: (row: Row) => object): object {
  const { NextToken = '0', MaxResults: size = most } = input;
  if (typeof size !== 'number' || size < 1 || size > most) {
    throw constraint('maxResults', size, `Member must have value between 1 and ${most}`);
  }
  const end = Number(NextToken) + size;
  const Parameters = rows.slice(Number(NextToken), end).map(shown);
  return { Parameters, ...(end < rows.length ? { NextToken: String(end) } : {}) };
}

/** Instead of the random one that `config push` makes. */
export const LOCAL_HASH_KEY = 'local-development-not-a-random-hash-key';

/**
 * The parameters of a stage, as they are under `/smsaero/{stage}/`.
 *
 * @param platforms what authenticates the callers of each platform, one secret a line
 */
export function fromConnector(
  stage: string,
  connector: Connector,
  platforms: Readonly<Record<string, string>>,
): Record<string, ParameterValue> {
  const secrets = Object.entries(platforms).map(([name, value]) => [`platforms/${name}`, value]);
  const parameters = [
    ...parametersOf(connector),
    ...[['hashKey', LOCAL_HASH_KEY], ...secrets].map(
      ([name, value]) => ({ name, type: 'SecureString', value }) as WrittenParameter,
    ),
  ];
  return Object.fromEntries(parameters.map(({ name, ...value }) => [`/smsaero/${stage}/${name}`, value]));
}
