import { Command, Option } from 'commander';
import { VERSION } from '../lib/version.ts';
import { type Actions, addHint, createActions, outputTo } from './actions.ts';
import * as values from './option-values.ts';
import { defaultRegion } from './stage-options.ts';
import type { Terminal } from './terminal.ts';
import { RUN } from './usage.ts';

/**
 * The command line: its commands, their options and their help.
 *
 * @param exit is given the exit code of the command that ran
 */
export function createProgram(terminal: Terminal, exit: (code: number) => void): Command {
  const program = new Command(RUN)
    .description('Configures and checks a stage of smsaero-lambda, and looks after its messages.')
    .option(
      '--stage <name>',
      'the stage: parameters, table, queues and functions of this name',
      values.stageName,
      'dev',
    )
    .option('--region <region>', 'the AWS region', defaultRegion())
    .addOption(
      new Option('--local', 'use the stack that npm start runs on this machine').conflicts([
        'stage',
        'region',
      ]),
    )
    .option('--json', 'print only the result, as JSON for scripts (docs/cli.md)')
    .version(VERSION, '-V, --version', 'print the version')
    .addHelpText(
      'after',
      `
The credentials are those of the AWS CLI: AWS_PROFILE, or a file in ~/.aws. The
default region is that of serverless.yml; AWS_REGION does not change it.
Exit code: 0 done, 1 failed, 2 the command line is wrong.`,
    )
    .configureHelp({ showGlobalOptions: true })
    .configureOutput(outputTo(terminal))
    .exitOverride();
  const actions = createActions(program, terminal, exit);
  for (const add of [addConfig, addSecret, addDoctor, addMessages, addRequest, addDeadLetters]) {
    add(program, actions);
  }
  addHint(program, RUN);
  return program;
}

const KEY = [
  '--key-alias <alias>',
  'encrypt secrets with this KMS key, as parameterKeyAlias names it (example: alias/mine)',
  values.keyAlias,
] as const;

const PLATFORM = 'the platform, as in the URL of its calls (example: logto)';

const YES = ['--yes', 'do not ask: for scripts'] as const;

function addConfig(program: Command, { run, runOnStage }: Actions): void {
  const config = program
    .command('config')
    .summary("check, push and pull a stage's configuration")
    .description('Checks, writes and reads the configuration: the JSON of a Logto SMS Aero connector.');
  config
    .command('check')
    .summary('check a file: problems, encoding, segments, links')
    .description(
      `Checks the JSON of Logto's SMS Aero connector: every problem with its path.
For each template the encoding, the billed segments with a code of six digits,
and what makes it UCS-2; links that operators block; placeholders that no
platform sends, and those that strangers can fill; what touches a temporary
password; the last line @host #{{code}} that browsers read. What Logto's API
answers to GET /api/connectors/{id} is taken as well.

Exit code: 1 if there is an error; warnings give 0.`,
    )
    .argument('<file>', 'the JSON (example: connector.json)')
    .action(run(async () => (await import('./commands/config.ts')).configCheck));
  config
    .command('push')
    .summary('check a file, show what changes, and write it to Parameter Store')
    .description(
      `Checks the JSON of Logto's SMS Aero connector, shows what changes, and in which
account, region and stage, asks, and writes the parameters below
/smsaero/{stage}. The functions take them within five minutes; no deployment is
needed. A file without apiKey leaves the key that is there. What is secret keeps
the KMS key that encrypts it.

The first push makes hashKey, at random: it keys what the guard and report URLs
know of sent messages, so that they outlive a new API key. It is kept, and never
shown.`,
    )
    .argument('<file>', 'the JSON (example: connector.json)')
    .option(...KEY)
    .option(...YES)
    .action(runOnStage(async () => (await import('./commands/config.ts')).configPush));
  config
    .command('pull')
    .summary("print a stage's configuration, without secrets")
    .description(
      `Prints the connector's JSON of a stage, with --json or without, but never the
API key. config push then leaves the key that is there, so that you can edit
texts without knowing it:

  npm run --silent smsaero -- config pull --stage prod > connector.json`,
    )
    .action(runOnStage(async () => (await import('./commands/config.ts')).configPull));
}

function addSecret(program: Command, { runOnStage }: Actions): void {
  const secret = program
    .command('secret')
    .summary("make, remove and list the secrets of platforms' calls")
    .description(
      `Manages the secrets by which calling platforms are known. A platform may have
two, so that a secret can be rotated without a gap: secret add, change it in the
platform, secret remove.`,
    );
  secret
    .command('add')
    .summary("make a secret for a platform's calls and print it")
    .description(
      `Shows account, caller, region and stage, asks, makes a strong secret for a
platform's calls in the form that it has there, and prints it, only this time,
with where it belongs. ZITADEL makes its key itself: that one is read from
standard input, as is any other with --existing.`,
    )
    .argument('<platform>', PLATFORM)
    .option('--existing', 'take the secret that the platform has made, from standard input')
    .option(...KEY)
    .option(...YES)
    .action(runOnStage(async () => (await import('./commands/secrets.ts')).secretAdd));
  secret
    .command('remove')
    .summary('remove the older of two secrets')
    .description(
      `Removes the older of two secrets, when the platform sends the newer one. It
shows account, caller, region and stage, and asks. The last one stays, except
with --all: a platform without a secret is off.`,
    )
    .argument('<platform>', PLATFORM)
    .option('--all', 'remove all secrets, which turns the platform off within half an hour')
    .option(...YES)
    .action(runOnStage(async () => (await import('./commands/secrets.ts')).secretRemove));
  secret
    .command('list')
    .summary('list the secrets of each platform, by fingerprint')
    .description(
      `Lists how many secrets each platform has, oldest first, each by its fingerprint:
the first 8 hexadecimal digits of its SHA-256. It never shows a secret.`,
    )
    .argument('[platform]', 'only this one (example: logto)')
    .action(runOnStage(async () => (await import('./commands/secrets.ts')).secretList));
}

function addDoctor(program: Command, { runOnStage }: Actions): void {
  program
    .command('doctor')
    .summary('check a stage from end to end, and say what to do')
    .description(
      `Checks a stage from end to end and says what to do: AWS credentials,
parameters, templates, callers' secrets; every gate of SMS Aero from here,
balance, sender name; the table, and whether client addresses could be counted;
the functions; the URL for reports; and, by invoking account-monitor, the gates
from Lambda. It sends nothing and changes nothing.

Exit code: 1 if a check failed; warnings give 0.`,
    )
    .option('--low-balance <amount>', 'warn below this balance, in roubles', values.roubles, 500)
    .option(
      '--report-url <url>',
      'the URL for reports, if not the one of the deployed functions',
      values.anyUrl,
    )
    .action(runOnStage(async () => (await import('./commands/doctor.ts')).doctor));
}

function addMessages(program: Command, { runOnStage }: Actions): void {
  program
    .command('send')
    .summary('send a test message, and follow it until it is delivered')
    .description(
      `Sends a test message and follows it until it is delivered or not. It costs what
a message costs. Without --url it goes straight to SMS Aero with the stage's
configuration, past the functions and their limits; with --url through the
deployed API, with the secret of the platform from Parameter Store.

Exit code: 0 if it was delivered, 1 if not, or not within the time.`,
    )
    .requiredOption('--to <number>', 'the recipient: your mobile phone (example: 79031234567)')
    .option('--type <type>', 'the usage type: which template', 'Generic')
    .option('--locale <locale>', "the recipient's language (example: ru)", values.languages)
    .option('--code <code>', 'the code in the text', '000000')
    .addOption(
      new Option(
        '--dry-run',
        "use SMS Aero's test mode, not with --url: nothing is sent or billed",
      ).conflicts('url'),
    )
    .option('--url <url>', 'base URL of the API (example: https://sms.example.com)', values.apiUrl)
    .option(
      '--platform <name>',
      'with --url: the platform whose request to send, direct by default (example: logto)',
    )
    .addOption(
      new Option('--timeout <time>', 'how long to follow it, in s, m or h')
        .argParser(values.duration)
        .default(values.duration('2m'), '"2m"'),
    )
    .action(runOnStage(async () => (await import('./commands/send.ts')).send));
  program
    .command('status')
    .summary('look up a message')
    .description(
      `Prints the status of a message. The id of a delivery (22 characters, as POST
/sms/direct and the events name it) is looked up in the stage's table; SMS
Aero's id of a message (digits, as the log names it) is looked up there.`,
    )
    .argument('<id>', 'of a delivery or a message (example: 539820423)')
    .option('--test', "the message was sent in SMS Aero's test mode (send --dry-run)")
    .option('--telegram', "SMS Aero's id is that of a Telegram message")
    .action(runOnStage(async () => (await import('./commands/status.ts')).status));
}

function addRequest(program: Command, { run }: Actions): void {
  program
    .command('request')
    .summary('print a request of a platform as a curl command, for npm start')
    .description(
      `Prints a curl command that asks for a code as a platform does, with the secret
of npm start. A signed one is valid for five minutes. Without a platform it
lists them.`,
    )
    .argument('[platform]')
    .option('--to <number>', 'the recipient, in digits', values.digits, '79031234567')
    .option('--code <code>', 'the code', '482913')
    .option('--url <url>', 'base URL of the API', values.anyUrl, 'http://127.0.0.1:3000')
    .action(run(async () => (await import('./commands/request.ts')).request));
}

function addDeadLetters(program: Command, { runOnStage }: Actions): void {
  const group = program
    .command('dead-letters')
    .summary('list, resend and discard messages that failed for good')
    .description(
      `Looks after the messages that failed for good: commands to send a message, and
codes of Cognito. They are kept for 14 days.`,
    );
  const add = (name: string, summary: string, description: string) =>
    group
      .command(name)
      .summary(summary)
      .description(description)
      .addOption(
        new Option('--queue <name>', 'which dead letters')
          .choices(['commands', 'cognito'])
          .default('commands'),
      )
      .option('--reason <reason>', 'only those of one reason (example: no_money)')
      .option('--max <number>', 'at most this many, the oldest first', values.wholeNumber);
  add(
    'list',
    'list them, with the reason of each',
    `Lists them, the oldest first, each with its reason, and says which of them
resend leaves where they are, and why. It changes nothing.`,
  ).action(runOnStage(async () => (await import('./commands/dead-letters.ts')).list));
  add(
    'resend',
    'send again those that are still useful',
    `Lists them, asks, and sends again what is still useful: commands through their
queue, codes of Cognito through their function. What was sent before is
recognised and not sent twice. These stay where they are: what has expired, what
is not a command, what may have been sent too long ago to be recognised, and
what would fail again (a blacklisted number), unless --reason names it.`,
  )
    .option(...YES)
    .action(runOnStage(async () => (await import('./commands/dead-letters.ts')).resend));
  add(
    'discard',
    'delete those that resend leaves',
    `Lists them, asks, and deletes those that resend leaves where they are; with
--reason all of that reason.`,
  )
    .option(...YES)
    .action(runOnStage(async () => (await import('./commands/dead-letters.ts')).discard));
}
