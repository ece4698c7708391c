import { AwsError } from '../aws-json.ts';
import { constraint, validation } from './errors.ts';
import { checkName, type Input, maxResults, pageOf, requiredText } from './input.ts';
import type { Parameters, ParameterValue, StoredParameter, Tier } from './parameters.ts';

/** What an operation works on. */
export interface Context {
  parameters: Parameters;
  /** Region of the caller's signature. */
  region: string;
  /** Most rows that a page of GetParametersByPath holds: AWS may return fewer than asked for. */
  pageSize: number;
}

type Operation = (context: Context, input: Input) => object;

const nameRule =
  'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/". ' +
  'It can\'t be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the following ' +
  'symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, ' +
  'must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.';

function arn(region: string, name: string): string {
  return `arn:aws:ssm:${region}:000000000000:parameter${name.startsWith('/') ? '' : '/'}${name}`;
}

function view(parameter: StoredParameter, { region }: Context, input: Input): object {
  const { name, type, value, version, lastModified, ciphertext } = parameter;
  return {
    ARN: arn(region, name),
    DataType: 'text',
    LastModifiedDate: lastModified,
    Name: name,
    Type: type,
    Value: type === 'SecureString' && input['WithDecryption'] !== true ? ciphertext : value,
    Version: version,
  };
}

const getParametersByPath: Operation = (context, input) => {
  const path = requiredText(input, 'Path');
  if (!/^\/[A-Za-z0-9._/-]*$/.test(path) || /^\/(aws|ssm)/i.test(path)) throw validation(nameRule);
  const size = Math.min(maxResults(input, 10), context.pageSize);
  const recursive = input['Recursive'] === true;
  const found = context.parameters.under(path, recursive);
  const page = pageOf(found, `${path} ${recursive}`, size, input['NextToken']);
  return {
    Parameters: page.rows.map((parameter) => view(parameter, context, input)),
    ...(page.next === undefined ? {} : { NextToken: page.next }),
  };
};

const getParameter: Operation = (context, input) => ({
  Parameter: view(context.parameters.get(requiredText(input, 'Name')), context, input),
});

const getParameters: Operation = (context, input) => {
  const names = input['Names'];
  if (!Array.isArray(names) || names.length === 0 || names.length > 10) {
    throw constraint('names', Array.isArray(names) ? `[${names}]` : 'null', 'Member must have 1 to 10 names');
  }
  const found = names.map((name) => ({
    name: String(name),
    parameter: context.parameters.find(String(name)),
  }));
  return {
    Parameters: found.flatMap(({ parameter }) => (parameter ? [view(parameter, context, input)] : [])),
    InvalidParameters: found.filter(({ parameter }) => !parameter).map(({ name }) => name),
  };
};

const putParameter: Operation = ({ parameters }, input) => {
  const name = checkName(requiredText(input, 'Name'));
  const value = requiredText(input, 'Value');
  const existing = parameters.has(name) ? parameters.get(name) : undefined;
  if (existing && input['Overwrite'] !== true) {
    throw new AwsError(
      'ParameterAlreadyExists',
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    );
  }
  const type = input['Type'] ?? existing?.type;
  if (type === undefined) throw validation('A parameter type is required when you create a parameter.');
  if (!['String', 'StringList', 'SecureString'].includes(String(type))) {
    throw constraint('type', type, 'Member must satisfy enum value set: [SecureString, StringList, String]');
  }
  if (existing && type !== existing.type) {
    throw new AwsError(
      'HierarchyTypeMismatchException',
      "Parameter Store doesn't support changing a parameter type in a hierarchy. For example, you can't change a parameter from a String type to a SecureString type. You must create a new, unique parameter.",
    );
  }
  const tier = (input['Tier'] ?? 'Standard') as Tier;
  const key = typeof input['KeyId'] === 'string' ? { keyId: input['KeyId'] } : {};
  const stored = parameters.put(name, { type: type as ParameterValue['type'], value, ...key }, tier);
  return { Tier: stored.tier, Version: stored.version };
};

const deleteParameter: Operation = ({ parameters }, input) => {
  if (!parameters.delete(requiredText(input, 'Name'))) throw new AwsError('ParameterNotFound');
  return {};
};

interface Filter {
  Key?: string;
  Option?: string;
  Values?: string[];
}

function isMatch({ name }: StoredParameter, { Key, Option, Values = [] }: Filter): boolean {
  if (Key === 'Name') {
    return Values.some((value) => (Option === 'BeginsWith' ? name.startsWith(value) : name === value));
  }
  if (Key !== 'Path') throw new AwsError('InvalidFilterKey', 'The stand-in knows the keys Name and Path.');
  return Values.map((value) => (value.endsWith('/') ? value : `${value}/`)).some(
    (prefix) =>
      name.startsWith(prefix) && (Option === 'Recursive' || !name.slice(prefix.length).includes('/')),
  );
}

const describeParameters: Operation = ({ parameters, region }, input) => {
  const filters = (input['ParameterFilters'] ?? []) as Filter[];
  const found = parameters.all().filter((parameter) => filters.every((filter) => isMatch(parameter, filter)));
  const page = pageOf(found, JSON.stringify(filters), maxResults(input, 50), input['NextToken']);
  return {
    Parameters: page.rows.map(({ name, type, version, tier, lastModified, keyId }) => ({
      ARN: arn(region, name),
      DataType: 'text',
      ...(keyId === undefined ? {} : { KeyId: keyId }),
      LastModifiedDate: lastModified,
      Name: name,
      Policies: [],
      Tier: tier,
      Type: type,
      Version: version,
    })),
    ...(page.next === undefined ? {} : { NextToken: page.next }),
  };
};

/** The operations that the stand-in knows (AWS Systems Manager API, version 2014-11-06). */
export const operations: ReadonlyMap<string, Operation> = new Map([
  ['GetParametersByPath', getParametersByPath],
  ['GetParameter', getParameter],
  ['GetParameters', getParameters],
  ['PutParameter', putParameter],
  ['DeleteParameter', deleteParameter],
  ['DescribeParameters', describeParameters],
]);
