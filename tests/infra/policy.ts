import { runSimulation } from '@cloud-copilot/iam-simulate';

/** A statement of an IAM policy, as the template holds it. */
export interface Statement {
  Sid?: string;
  Effect: string;
  /** Of a resource's policy; a role's has none. */
  Principal?: '*' | { Service?: string; AWS?: unknown };
  Action: string | string[];
  Resource: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

/** What is known of a request beside its action and resource: condition key to value or values. */
export type Context = Record<string, string | string[]>;

/** The account and the region that tests resolve the template in. */
export const place = { Partition: 'aws', Region: 'eu-central-1', AccountId: '111122223333' };

/** The ARN of a resource there: `arn('sqs', 'smsaero-prod-commands')`. */
export const arn = (service: string, resource: string) =>
  `arn:aws:${service}:${place.Region}:${place.AccountId}:${resource}`;

const ROLE = `arn:aws:iam::${place.AccountId}:role/function`;

/** The policy of a key whose use IAM decides, as ours and those that AWS manages: KMS allows nothing without one. */
const KEY_POLICY: Statement = {
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${place.AccountId}:root` },
  Action: 'kms:*',
  Resource: '*',
};

/**
 * Whether IAM allows a request by these statements alone, as `@cloud-copilot/iam-simulate` computes it: those of a resource's policy have a
 * principal, the others are the role's. A call that AWS does not have of such a resource is not allowed.
 *
 * @param attributes logical id and attribute (`Group.Arn`), or logical id alone (`Ref`), to the value that CloudFormation
 *   would put there
 * @param principal who asks: a role of this account, or a service
 * @throws Error for an action that AWS does not have, a policy that is not valid, or a condition key that the call does not have
 */
export async function allows(
  statements: readonly Statement[],
  attributes: Readonly<Record<string, string>>,
  action: string,
  resource: string,
  context: Context = {},
  principal = ROLE,
): Promise<boolean> {
  const policyOf = (chosen: readonly Statement[]) => ({
    Version: '2012-10-17',
    Statement: chosen.map((statement) => renamed(resolve(statement, attributes))),
  });
  const ofResource = statements.filter(({ Principal }) => Principal !== undefined);
  const ofRole = statements.filter(({ Principal }) => Principal === undefined);
  if (action.startsWith('kms:')) ofResource.push(KEY_POLICY);
  const answer = await runSimulation(
    {
      request: {
        principal,
        action,
        resource: { resource, accountId: place.AccountId },
        contextVariables: renamed(context),
      },
      identityPolicies: ofRole.length > 0 ? [{ name: 'role', policy: policyOf(ofRole) }] : [],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(ofResource.length > 0 ? { resourcePolicy: policyOf(ofResource) } : {}),
    },
    {},
  );
  if (answer.resultType === 'error') {
    if (['no.resource.types', 'must.use.wildcard'].includes(answer.errors.message)) return false;
    throw new Error(`${action} of ${resource}: ${JSON.stringify(answer.errors)}`);
  }
  const ignored = answer.resultType === 'single' ? (answer.result.ignoredContextKeys ?? []) : [];
  if (ignored.length > 0) throw new Error(`${action} has no condition keys ${ignored.join(', ')}`);
  return answer.overallResult === 'Allowed';
}

/**
 * The library knows the condition keys of an encryption context by their prefix alone, and drops those of a request: they get the name of
 * a tag, in policies and requests alike.
 */
function renamed<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value).replaceAll('kms:EncryptionContext:', 'aws:PrincipalTag/'));
}

/** The value with every intrinsic function in it resolved. */
function resolve(value: unknown, attributes: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(value)) return value.map((each) => resolve(each, attributes));
  if (typeof value !== 'object' || value === null) return value;
  const [[key = '', inner] = [], ...others] = Object.entries(value);
  if (others.length === 0 && /^(Ref$|Fn::)/.test(key)) {
    const resolved = intrinsic(value as Intrinsic, attributes);
    if (!resolved) throw new Error(`Cannot resolve ${key} of ${JSON.stringify(inner)}`);
    return resolved;
  }
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, resolve(each, attributes)]));
}

interface Intrinsic {
  'Fn::Sub'?: string;
  'Fn::GetAtt'?: string[];
  Ref?: string;
  'Fn::Select'?: [number, { 'Fn::Split': [string, string] }];
}

/** `Fn::Sub` with pseudo parameters and attributes, `Fn::GetAtt`, `Ref`, or `Fn::Select` out of an `Fn::Split` string. */
function intrinsic(value: Intrinsic, attributes: Readonly<Record<string, string>>): string | undefined {
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
