const RUN = 'npm run smsaero --';

/**
 * What whoever deployed does next, by the outputs of the stack.
 *
 * @param {{ OutputKey?: string, OutputValue?: string }[]} outputs of CloudFormation's DescribeStacks
 * @param {string} stage
 * @param {string} region
 * @returns {string[]} lines; none for a stack without outputs
 */
export function nextSteps(outputs, stage, region) {
  const values = Object.fromEntries(outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  if (!values.SmsHookUrl) return [];
  const where = `--stage ${stage} --region ${region}`;
  const steps = [
    ['Logto', `Endpoint ${values.SmsHookUrl}`],
    ['', `Authorization: what "${RUN} secret add logto ${where}" prints`],
    ...(values.CognitoSmsSenderArn && !values.UserPoolId
      ? [['Cognito', 'tell your pool: docs/platforms/cognito.md#tell-your-pool']]
      : []),
    ...(values.DashboardUrl ? [['Dashboard', values.DashboardUrl]] : []),
    ...(values.AlarmTopicArn
      ? [
          ['Alarms', 'reach nobody before you subscribe:'],
          ['', `aws sns subscribe --region ${region} --topic-arn ${values.AlarmTopicArn} \\`],
          ['', '  --protocol email --notification-endpoint YOUR_ADDRESS'],
        ]
      : []),
    ['Check', `${RUN} doctor ${where}`],
  ];
  return ['', 'Next:', ...steps.map(([name, text]) => `  ${name.padEnd(11)}${text}`)];
}
