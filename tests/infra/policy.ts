/** A statement of an IAM policy, as the template holds it. */
export interface Statement {
  Sid?: string;
  Effect: string;
  /** Of a resource's policy; a role's has none. */
  Principal?: '*' | { Service: string };
  Action: string | string[];
  Resource: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

/** What is known of a request beside its action and resource: condition key to value or values. */
export type Context = Record<string, string | string[]>;

/** The account and the region that tests resolve the template in. */
export const place = { Partition: 'aws', Region: 'eu-central-1', AccountId: '111122223333' };

/**
 * Whether IAM allows a request by these statements alone: one allows it, none denies it. Knows the operators that the
 * project's policies use; another one is an error, so that no condition is passed over.
 *
 * @param attributes logical id and attribute (`Group.Arn`), or logical id alone (`Ref`), to the value that CloudFormation
 *   would put there
 */
export function allows(
  statements: Statement[],
  attributes: Record<string, string>,
  action: string,
  resource: string,
  context: Context = {},
): boolean {
  const matching = statements.filter(
    (statement) =>
      [statement.Action].flat().some((pattern) => like(pattern, action)) &&
      [statement.Resource].flat().some((pattern) => like(resolve(pattern, attributes), resource)) &&
      Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
        Object.entries(keys).every(([key, wanted]) =>
          holds(operator, resolve(wanted, attributes), context[key]),
        ),
      ),
  );
  return matching.length > 0 && matching.every(({ Effect }) => Effect === 'Allow');
}

/** The statements of a resource's policy that are about a service of AWS. */
export const statementsFor = (service: string, statements: Statement[]): Statement[] =>
  statements.filter(({ Principal }) => Principal === '*' || Principal?.Service === service);

function holds(operator: string, wanted: string, value: string | string[] | undefined): boolean {
  switch (operator) {
    case 'StringEquals':
    case 'Bool':
      return value === wanted;
    case 'ArnEquals':
      return typeof value === 'string' && arnLike(wanted, value);
    case 'StringLike':
      return typeof value === 'string' && like(wanted, value);
    case 'ForAnyValue:StringEquals':
      return [value ?? []].flat().includes(wanted);
    default:
      throw new Error(`This evaluator does not know the condition operator ${operator}`);
  }
}

/** IAM's wildcards: `*` is any text, `?` any one character. */
function like(pattern: string, value: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(value);
}

/** As `like`, but no wildcard reaches beyond one of the six parts of an ARN. */
function arnLike(pattern: string, value: string): boolean {
  const parts = (arn: string) => {
    const [partition, ...rest] = arn.split(':').slice(1);
    return [partition, ...rest.slice(0, 3), rest.slice(3).join(':')].map(String);
  };
  const wanted = parts(pattern);
  return parts(value).every((part, index) => like(wanted[index] ?? '', part));
}

/** A string, `Fn::Sub` with pseudo parameters and attributes, `Fn::GetAtt`, `Ref`, or `Fn::Select` out of an `Fn::Split` string. */
function resolve(value: unknown, attributes: Record<string, string>): string {
  if (typeof value === 'string') return value;
  const resolved = intrinsic(value as Intrinsic, attributes);
  if (!resolved) throw new Error(`Cannot resolve ${JSON.stringify(value)}`);
  return resolved;
}

interface Intrinsic {
  'Fn::Sub'?: string;
  'Fn::GetAtt'?: string[];
  Ref?: string;
  'Fn::Select'?: [number, { 'Fn::Split': [string, string] }];
}

function intrinsic(value: Intrinsic, attributes: Record<string, string>): string | undefined {
  const { 'Fn::Sub': sub, 'Fn::GetAtt': attribute, Ref: ref, 'Fn::Select': select } = value;
  if (sub) {
    const known: Record<string, string> = place;
    return sub.replaceAll(
      /\$\{(AWS::)?([\w.]+)\}/g,
      (_, pseudo, name) => (pseudo ? known[name] : attributes[name]) ?? `unknown ${name}`,
    );
  }
  if (ref) return attributes[ref];
  if (select) {
    const [
      index,
      {
        'Fn::Split': [separator, text],
      },
    ] = select;
    return text.split(separator)[index];
  }
  return attributes[(attribute ?? []).join('.')];
}
