import assert from 'node:assert/strict';
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

/** The statement as CloudFormation makes it: attributes, pseudo parameters, and parts of a text that is split. */
function resolve(statement: Statement, attributes: Readonly<Record<string, string>>): Statement {
  const known: Record<string, string> = { ...attributes };
  for (const [name, value] of Object.entries(place)) known[`AWS::${name}`] = value;
  const resolved = (name: string) => known[name] ?? assert.fail(`Cannot resolve ${name}`);
  // From the inside out: a function gets the values of those in it.
  return JSON.parse(JSON.stringify(statement), (_, value) => {
    if (value?.Ref) return resolved(value.Ref);
    if (value?.['Fn::GetAtt']) return resolved(value['Fn::GetAtt'].join('.'));
    if (value?.['Fn::Sub']) {
      return value['Fn::Sub'].replaceAll(/\$\{([\w.:]+)\}/g, (_: string, name: string) => resolved(name));
    }
    if (value?.['Fn::Split']) return value['Fn::Split'][1].split(value['Fn::Split'][0]);
    return value?.['Fn::Select'] ? value['Fn::Select'][1][value['Fn::Select'][0]] : value;
  });
}
