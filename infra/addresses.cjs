/**
 * URLs that functions are told: those of this stack, which only CloudFormation knows, unless a parameter names another one.
 * Then they are plain strings: serverless-offline makes `h` of an `Fn::Sub` and an object of a `Ref`. To the
 * URL for reports each message adds its token.
 */
module.exports = async ({ resolveVariable }) => {
  const reports = await resolveVariable('param:reportUrl');
  const queues = await resolveVariable('param:queuesUrl');
  const stage = await resolveVariable('sls:stage');
  const queue = (logicalId, name) =>
    queues ? `${trimmed(queues)}/smsaero-${stage}-${name}` : { Ref: logicalId };
  return {
    reports: reports
      ? trimmed(reports)
      : { 'Fn::Sub': `https://\${HttpApi}.execute-api.\${AWS::Region}.\${AWS::URLSuffix}/reports` },
    commands: queue('CommandQueue', 'commands'),
    deadLetters: queue('DeadLetterQueue', 'dead-letters'),
  };
};

const trimmed = (url) => String(url).replace(/\/+$/, '');
