import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { COMMANDS } from '../../../cli/commands.ts';

const AWS = `  --stage dev             the stage: parameters, table, queues and functions of this name
  --region eu-central-1   AWS region, if not AWS_REGION or the profile's`;

/** What `--help` of each command says. */
const HELP: Readonly<Record<string, string>> = {
  'config check': `Usage: npm run smsaero -- config check connector.json

Checks the JSON of Logto's SMS Aero connector: every problem with its path. For each template the
encoding, the billed segments with a code of six digits, and what makes it UCS-2; links that operators
hold back; placeholders that no platform sends, and those that strangers can fill; what touches a
temporary password; the last line @host #{{code}} that browsers read.

Exit code: 1 if there is an error; warnings alone give 0.`,
  'config push': `Usage: npm run smsaero -- config push connector.json [--stage dev] [--yes]

Checks the JSON of Logto's SMS Aero connector, shows what changes at the stage, asks, and writes the
parameters below /smsaero/{stage}. The functions take them within five minutes; no deployment is needed.
A file without apiKey leaves the key that is there. What is secret keeps the KMS key that encrypts it.
The first push makes hashKey, at random: it keys what the guard and report URLs know of sent messages,
so that they outlive a new API key. It is kept, and never shown.

  --key-alias alias/mine  KMS key of what is secret, if not the one it has: as the parameter parameterKeyAlias
  --yes                   do not ask: for scripts
${AWS}`,
  'config pull': `Usage: npm run smsaero -- config pull [--stage dev]

Prints the connector's JSON of a stage, without the API key. config push then leaves the key that is
there alone, so that texts can be edited without knowing it:

  npm run --silent smsaero -- config pull --stage prod > connector.json

${AWS}`,
  'secret add': `Usage: npm run smsaero -- secret add logto [--stage dev]

Makes a strong secret for a platform's calls and prints it, this once: it goes into the platform's
Authorization setting, word for word. A platform may have two, so that it can be rotated without a gap:
secret add, change it in the platform, secret remove.

  --key-alias alias/mine  KMS key of what is secret, if not the one it has: as the parameter parameterKeyAlias
${AWS}`,
  'secret remove': `Usage: npm run smsaero -- secret remove logto [--stage dev]

Takes the older of two secrets away, when the platform sends the newer one. The last one stays, but for
--all: a platform without a secret is off.

  --all                   all secrets of the platform, which turns it off, within half an hour at the latest
  --yes                   --all does not ask: for scripts
${AWS}`,
  'secret list': `Usage: npm run smsaero -- secret list [logto] [--stage dev]

Lists how many secrets each platform has, oldest first, each by its fingerprint: the first 8 hexadecimal
digits of its SHA-256. The secrets themselves are never shown.

${AWS}`,
  doctor: `Usage: npm run smsaero -- doctor [--stage dev] [--json]

Checks a stage from end to end and says what to do: AWS credentials, parameters, templates, callers'
secrets; every gate of SMS Aero from here, balance, sender name; the table, and whether client addresses
could be counted; the functions; the URL for reports; and, by invoking account-monitor, the gates from
Lambda. It sends nothing and changes nothing.

  --low-balance 500       warn below this balance, in roubles
  --report-url https://…  where SMS Aero reports to, if not as the functions are deployed
  --json                  for scripts: {"stage", "ok", "findings": [{"check", "status", "detail", "todo"}]}
${AWS}

Exit code: 1 if a check failed; warnings alone give 0.`,
  send: `Usage: npm run smsaero -- send --to 79031234567 [--type SignIn] [--stage dev]

Sends a test message and follows it until it is delivered or not. It costs what a message costs.
Without --url it goes straight to SMS Aero with the stage's configuration, past the functions and their
limits; with --url through the deployed API, with the secret of the platform from Parameter Store.

  --to 79031234567        the recipient: a mobile phone of yours
  --type Generic          the usage type: which template
  --locale ru             the recipient's language
  --code 000000           the code in the text
  --dry-run               SMS Aero's test mode: checked there, neither sent nor paid for
  --url https://…         base URL of the deployed API
  --platform direct       with --url: the platform to play, direct or logto
  --timeout 2m            how long to follow it (s, m, h)
${AWS}

Exit code: 0 if it was delivered, 1 if not, or not within the time.`,
  status: `Usage: npm run smsaero -- status ID [--stage dev]

Tells what became of a message. The id of a delivery (22 letters, as POST /sms/direct and the events name it)
is looked up in the stage's table; SMS Aero's id of a message (digits, as the log names it) is asked for there.

  --test                  the message was sent in SMS Aero's test mode (send --dry-run)
${AWS}`,
  replay: `Usage: npm run smsaero -- replay [--stage dev] [--dry-run]

Lists the messages that came to nothing, asks, and puts them back to be sent: commands into their queue,
events of Cognito to their function. What was sent before is recognised and not sent twice: a command for
four days, an event of Cognito for an hour. Older ones need --again, unless the event's own error says that
nothing was sent. Expired ones stay where they are, and so do those whose reason will not go away, such as
blacklisted, unless --reason names it.

  --dry-run               list them, change nothing
  --queue commands        which dead letters: commands or cognito
  --reason no_money       those of one reason alone
  --max 10                so many at the most, the oldest first
  --extend 10m            commands: expired ones as well, which then live so long from now on (s, m, h)
  --again                 also those that may have been sent, too long ago to be recognised
  --discard               delete those that can never be sent; with --reason all of that reason
  --yes                   do not ask: for scripts
${AWS}`,
};

describe('help', () => {
  it('is there for every command', () => assert.deepEqual(Object.keys(COMMANDS), Object.keys(HELP)));
  for (const [name, help] of Object.entries(HELP)) {
    it(name, async () => assert.equal((await COMMANDS[name]?.load())?.help, help));
  }
});
