import { parseArgs } from 'node:util';
import { configPush } from './config-push.ts';
import { secretAdd, secretRemove } from './secret.ts';
import { StageParameters } from './store.ts';

const HELP = `Usage: npm run smsaero -- <command> [--stage dev] [--region eu-central-1]

  config push connector.json   check a Logto connector's JSON and write it to Parameter Store
  secret add logto             make a secret for Logto's calls and print it
  secret remove logto          take the older of two secrets away

The region and the credentials are those of the AWS CLI: AWS_REGION, AWS_PROFILE, or a file in ~/.aws.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    stage: { type: 'string', default: 'dev' },
    region: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const [group, verb, subject] = positionals;
const command = values.help ? 'help' : [group, verb].filter(Boolean).join(' ');

try {
  if (!/^[a-z][\w-]*$/i.test(values.stage)) {
    throw new Error(`${values.stage} is no name of a stage`);
  }
  const parameters = new StageParameters(values.stage, values.region);
  if (command === 'config push' && subject) {
    await configPush(subject, parameters, (line) => console.log(line));
  } else if (command === 'secret add' && subject) {
    const secret = await secretAdd(subject, parameters);
    console.log(`${subject} must send this as Authorization, word for word. It is shown once:\n\n${secret}`);
  } else if (command === 'secret remove' && subject) {
    await secretRemove(subject, parameters);
    console.log(`${subject} has one secret left, the newer one.`);
  } else {
    console.log(HELP);
    process.exitCode = command === 'help' || command === '' ? 0 : 1;
  }
} catch (error) {
  console.error(explain(error as Error));
  process.exitCode = 1;
}

/** What to do about the errors that everybody meets once; the others speak for themselves. */
function explain({ name, message }: Error): string {
  if (name === 'CredentialsProviderError' || /credentials/i.test(name)) {
    return `No AWS credentials: sign in with the AWS CLI, or set AWS_PROFILE. (${message})`;
  }
  if (/region is missing|region not accepted/i.test(message)) {
    return 'No AWS region: add --region eu-central-1, or set AWS_REGION';
  }
  if (name === 'AccessDeniedException') {
    return `AWS does not allow it: ${message}`;
  }
  return message;
}
