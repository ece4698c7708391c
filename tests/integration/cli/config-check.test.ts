import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type CommandLine, openCommandLine } from '../../support/cli.ts';
import { CONNECTOR } from '../../support/stack.ts';

describe('config check', () => {
  let cli: CommandLine;
  before(async () => {
    cli = await openCommandLine({});
  });
  after(() => cli.close());

  it('prints what each template costs, without a network', async () => {
    const file = await cli.write('good.json', CONNECTOR);
    assert.deepEqual(await cli.run(['config', 'check', file], { AWS_REGION: '', AWS_ACCESS_KEY_ID: '' }), {
      exitCode: 0,
      problems: '',
      output: `usage type      locale  encoding  segments  characters
Register        -       UCS-2     1         27 of 70    UCS-2 for Cyrillic letters
SignIn          -       UCS-2     1         47 of 70    UCS-2 for Cyrillic letters
SignIn          en      GSM-7     1         28 of 160
ForgotPassword  -       UCS-2     1         28 of 70    UCS-2 for Cyrillic letters
Generic         -       UCS-2     1         15 of 70    UCS-2 for Cyrillic letters

${file}: no problems
`,
    });
  });

  it('shows what a code costs in Telegram and by SMS, where a template goes by Telegram', async () => {
    const long = 'Код для входа: {{code}}. Никому его не сообщайте, даже если вам позвонят из банка.';
    const templates = [
      { usageType: 'SignIn', content: long, channel: 'telegram' },
      { usageType: 'Register', content: 'Code {{code}} {{user.name}}', channel: 'telegram', locale: 'en' },
      ...CONNECTOR.templates,
    ];
    const file = await cli.write('telegram.json', { ...CONNECTOR, templates });
    const { exitCode, output } = await cli.run(['config', 'check', file]);
    assert.equal(exitCode, 0);
    assert.equal(
      output.slice(output.indexOf('\n\n') + 2).split('\n\n')[0],
      `usage type  locale  in Telegram  if an SMS follows  by SMS
SignIn      -       1 RUB        9 to 19 RUB        8 to 18 RUB
Register    en      1 RUB        5 to 10+ RUB       4 to 9+ RUB
Prices in Russia, by operator; a code that begins with 0 goes by SMS.`,
    );
  });

  it('knows sender names of countries, and none of what is no country', async () => {
    const of = async (senderNames: unknown) => {
      const file = await cli.write('names.json', { ...CONNECTOR, senderNames });
      const { exitCode, output } = await cli.run(['config', 'check', file]);
      return [exitCode, output.split('\n').filter((line) => /^(error|warning)/.test(line))];
    };
    assert.deepEqual(await of({ KZ: 'MyShopKZ' }), [0, []]);
    assert.deepEqual(await of({ UK: 'MyShop', kz: 'x', BY: '' }), [
      1,
      [
        'error    senderNames.kz is not an ISO 3166 code in capitals (KZ)',
        'error    senderNames.BY is empty',
        'error    senderNames.UK is not a country of ISO 3166 (GB, not UK): no message would have this name',
      ],
    ]);
    assert.deepEqual(await of(['KZ']), [1, ['error    senderNames must be a JSON object']]);
  });

  it('finds everything at once, by its path', async () => {
    const file = await cli.write('bad.json', {
      ...CONNECTOR,
      email: 'nobody',
      apiKey: undefined,
      sender: 'x',
      templates: [
        { usageType: 'SignIn', content: 'Your code’s {{code}} for {{application.name}}' },
        { usageType: 'SignIn', content: 'Code {{cod}}: bit.ly/x', locale: 'english!' },
        { usageType: 'Register', content: '{{code}}\n@https://example.com #{{code}}' },
        { usageType: 'Generic', content: 5 },
      ],
    });
    const { exitCode, output, problems } = await cli.run(['config', 'check', file]);
    assert.equal(exitCode, 1, problems);
    assert.equal(
      output,
      `usage type  locale    encoding  segments  characters
SignIn      -         UCS-2     1+        23 of 70 and more   UCS-2 for ’ (U+2019)
SignIn      english!  GSM-7     1+        15 of 160 and more
Register    -         GSM-7     1         35 of 160
+ and more: placeholders other than {{code}} make it longer.

error    email is not an e-mail address
error    apiKey is missing
error    templates.1.content has no {{code}}
error    templates.1.locale is not a language tag
error    templates.3.content must be a JSON string
error    templates have none for ForgotPassword
error    templates.2.content has a last line with "https://example.com", which is not a host name: write example.com
warning  templates.0.content has {{application.name}}, which Logto does not send with an SMS: from Logto a person would read it as it stands
warning  templates.0.content has {{application.name}}, which whoever signs up can write: it goes out as one line of up to 64 characters, and not at all with a link in it ("links": true allows links)
warning  templates.0.content is UCS-2 only for ’ (U+2019), 70 characters a segment instead of 160: write ’ (U+2019) as '
warning  templates.1.content has {{cod}}, which no platform sends: a person would read it as it stands; {{code}} is known
warning  templates.1.content has bit.ly/x, which is a shortened link: operators block those, because they hide where they lead
warning  sender is not read
${file}: 7 errors, 6 warnings
`,
    );
  });

  it("finds nothing in the texts that come with the project, except that they are nobody's account", async () => {
    const file = fileURLToPath(new URL('../../../local/connector.json', import.meta.url));
    const { exitCode, output } = await cli.run(['config', 'check', file]);
    assert.equal(exitCode, 1);
    assert.ok(
      output.endsWith(`
error    email is the placeholder of a sample: write the e-mail address of your account
error    apiKey is the placeholder of a sample: copy your key from https://smsaero.ru/cabinet/settings/apikey/
${file}: 2 errors
`),
      output,
    );
  });

  it("reads what Logto's API answers, with or without a byte order mark", async () => {
    const answer = {
      id: 'abc',
      connectorId: 'smsaero-short-message-service',
      config: CONNECTOR,
      metadata: {},
    };
    for (const content of [answer, `\ufeff${JSON.stringify(answer)}`]) {
      const { output } = await cli.run(['config', 'check', await cli.write('answer.json', content)]);
      assert.match(output, /: no problems\n$/);
    }
  });

  it('suggests what was meant by fields and usage types in another writing', async () => {
    const { apiKey, ...rest } = CONNECTOR;
    const [register, signIn, , forgot, generic] = CONNECTOR.templates;
    const file = await cli.write('case.json', {
      ...rest,
      apikey: apiKey,
      templates: [
        { ...register, Locale: 'ru' },
        { ...signIn, usageType: 'signin' },
        forgot,
        generic,
        { ...signIn, usageType: 'mfa_verification' },
        { ...signIn, usageType: 'Promo' },
      ],
    });
    const { exitCode, output } = await cli.run(['config', 'check', file]);
    assert.equal(exitCode, 1);
    assert.deepEqual(output.split('\n').slice(8, -2), [
      'error    apiKey is missing',
      'error    templates have none for SignIn',
      'error    apikey is not read: did you mean apiKey?',
      'error    templates.0.Locale is not read: did you mean locale?',
      'warning  templates.1.usageType is "signin": did you mean SignIn?',
      'warning  templates.4.usageType is "mfa_verification": did you mean MfaVerification?',
    ]);
  });

  it('says of a field of another type that, and nothing else, and knows UTF-16', async () => {
    const odd = await cli.write('odd.json', { ...CONNECTOR, senderName: [] });
    const { output } = await cli.run(['config', 'check', odd]);
    assert.match(output, /^error {4}senderName must be a JSON string\n.*: 1 error\n$/m);
    const file = await cli.write('wide.json', '');
    await writeFile(file, Buffer.from(`\ufeff${JSON.stringify(CONNECTOR)}`, 'utf16le'));
    const wide = await cli.run(['config', 'check', file]);
    assert.deepEqual(
      [wide.exitCode, wide.problems],
      [1, `${file} is in UTF-16, as Windows PowerShell writes with >: save it as UTF-8\n`],
    );
  });

  it('refuses a file of another encoding, whose characters would be lost, and a folder', async () => {
    const file = await cli.write('ansi.json', '');
    await writeFile(file, Buffer.from('{"content":"\xca\xee\xe4 {{code}}"}', 'latin1')); // "Код" in Windows-1251
    const { exitCode, problems } = await cli.run(['config', 'check', file]);
    assert.deepEqual(
      [exitCode, problems],
      [1, `${file} is not in UTF-8, so that characters would be lost: save it as UTF-8\n`],
    );
    const folder = dirname(file);
    const { problems: said } = await cli.run(['config', 'check', folder]);
    assert.equal(said, `${folder} is a folder\n`);
  });
});
