/** The role of each function: what it calls and nothing else. */
module.exports = async ({ resolveVariable }) => {
  const [stage, keyAlias, way] = await Promise.all(
    ['sls:stage', 'param:parameterKeyAlias', 'self:custom.cognito'].map(resolveVariable),
  );
  const configuration = readConfiguration(stage, keyAlias);
  const statements = {
    'sms-hook': [...configuration, USE_GUARD],
    'sms-queue': [
      ...configuration,
      USE_GUARD,
      // Lambda receives and deletes with this role; the function itself says when a command is to come again.
      allow(
        'TakeCommands',
        ['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility', 'GetQueueAttributes'].map(of('sqs')),
        arnOf('CommandQueue'),
      ),
      // What can never be sent is moved at once.
      allow('MoveToDeadLetterQueue', 'sqs:SendMessage', arnOf('DeadLetterQueue')),
    ],
    'message-status': [...configuration, READ_DELIVERIES],
    'delivery-report': [...configuration, MOVE_DELIVERIES],
    'delivery-check': [
      ...configuration,
      MOVE_DELIVERIES,
      // Only the index, which holds nothing but deliveries: a query of the table would read the guard's items too. Its
      // leading keys are shards, so the condition of the table's items does not fit.
      allow('FindOverdue', 'dynamodb:Query', { 'Fn::Sub': `\${GuardTable.Arn}/index/due` }),
    ],
    // It needs no configuration: what it tells is in the stream's records.
    'delivery-events': [
      // Lambda reads the stream, and keeps what failed, with this role.
      allow(
        'ReadStream',
        ['GetRecords', 'GetShardIterator', 'DescribeStream', 'ListStreams'].map(of('dynamodb')),
        { 'Fn::GetAtt': ['GuardTable', 'StreamArn'] },
      ),
      allow('KeepFailures', 'sqs:SendMessage', arnOf('EventFailureQueue')),
      allow('TellEvents', 'events:PutEvents', arnOf('EventBus')),
    ],
    // The balances of the last day: one item, read and written (lib/account/spending.ts).
    'account-monitor': [...configuration, ofItems('KeepBalances', READ_AND_WRITE, 'balance#*')],
  };
  if (way !== 'off') {
    statements['cognito-sms-sender'] = [
      ...configuration,
      USE_GUARD,
      // Lambda puts an event there, with this role, after the last try.
      allow('KeepFailures', 'sqs:SendMessage', arnOf('CognitoFailureQueue')),
    ];
    statements['cognito-auth-challenge'] = [...configuration, USE_GUARD];
  }
  return { Resources: Object.fromEntries(Object.entries(statements).map(roleOf)) };
};

const allow = (Sid, Action, Resource, Condition) => ({
  Sid,
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition && { Condition }),
});
const arnOf = (id) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const of = (service) => (action) => `${service}:${action}`;

const READ_AND_WRITE = ['UpdateItem', 'GetItem'].map(of('dynamodb'));

/** The guard changes one item a call, and reads one after a refusal. It removes none: items expire. */
const USE_GUARD = allow('UseGuardTable', READ_AND_WRITE, arnOf('GuardTable'));

/**
 * Allows calls for some of the items in the table. `ForAllValues` also holds for a request that names no key: the
 * second condition refuses that.
 */
const ofItems = (Sid, Action, key) =>
  allow(Sid, Action, arnOf('GuardTable'), {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': key },
    Null: { 'dynamodb:LeadingKeys': 'false' },
  });

/** Keys of deliveries: lib/delivery/item.ts. */
const DELIVERIES = 'delivery#*';
const READ_DELIVERIES = ofItems('ReadDeliveries', 'dynamodb:GetItem', DELIVERIES);
/** A report, or SMS Aero's answer, changes one item; one that does not is compared with what is there. */
const MOVE_DELIVERIES = ofItems('MoveDeliveries', READ_AND_WRITE, DELIVERIES);

function readConfiguration(stage, keyAlias) {
  const arn = (service, resource) => ({
    'Fn::Sub': `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}`,
  });
  const path = `parameter/smsaero/${stage}`;
  return [
    // Parameter Store authorises this operation against the path of the request, not against what is below.
    allow('ReadConfiguration', 'ssm:GetParametersByPath', arn('ssm', path)),
    // A key's policy names it by id, unknown here: its alias, its user and what it encrypts tell it apart.
    allow('DecryptConfiguration', 'kms:Decrypt', arn('kms', 'key/*'), {
      StringEquals: { 'kms:ViaService': { 'Fn::Sub': `ssm.\${AWS::Region}.amazonaws.com` } },
      StringLike: { 'kms:EncryptionContext:PARAMETER_ARN': arn('ssm', `${path}/*`) },
      'ForAnyValue:StringEquals': { 'kms:ResourceAliases': keyAlias },
    }),
  ];
}

/** The role `SmsHookRole` of `sms-hook`, whose log group is `SmsDashhookLogGroup` for osls. */
function roleOf([name, statements]) {
  const capital = (word) => word[0].toUpperCase() + word.slice(1);
  const Version = '2012-10-17';
  // The template makes the group (with its retention), hence no logs:CreateLogGroup. The ARN ends in ":*".
  const logGroup = arnOf(`${capital(name).replaceAll('-', 'Dash')}LogGroup`);
  const writeLog = allow('WriteLog', ['CreateLogStream', 'PutLogEvents'].map(of('logs')), logGroup);
  const assumedByLambda = {
    Effect: 'Allow',
    Principal: { Service: 'lambda.amazonaws.com' },
    Action: 'sts:AssumeRole',
  };
  return [
    `${name.split('-').map(capital).join('')}Role`,
    {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: { Version, Statement: [assumedByLambda] },
        Policies: [{ PolicyName: name, PolicyDocument: { Version, Statement: [...statements, writeLog] } }],
      },
    },
  ];
}
