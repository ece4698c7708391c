import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { after, describe, it } from 'node:test';
import { assertFails, linesOf, openCommandLine } from '../../support/cli.ts';
import { CONNECTOR } from '../../support/connector.ts';

// tests/unit/cli/check.test.ts has what is found in a configuration.
describe('config check', async () => {
  const cli = await openCommandLine({});
  after(() => cli.close());

  async function check(content: unknown) {
    const file = await cli.write('connector.json', content);
    const ran = await cli.run(['config', 'check', file]);
    return { ...ran, output: ran.output.replaceAll(file, 'FILE') };
  }

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
    const { exitCode, output } = await check({ ...CONNECTOR, templates });
    assert.equal(exitCode, 0);
    assert.equal(
      output.slice(output.indexOf('\n\n') + 2).split('\n\n')[0],
      `usage type  locale  in Telegram  if an SMS follows  by SMS
SignIn      -       1 RUB        9 to 19 RUB        8 to 18 RUB
Register    en      1 RUB        5 to 10+ RUB       4 to 9+ RUB
Prices in Russia, by operator; a code that begins with 0 goes by SMS.`,
    );
  });

  it('prints problems, errors first, and what is open', async () => {
    const templates = [
      { usageType: 'SignIn', content: 'Your code’s {{code}} {{shop}}' },
      { usageType: 'SignIn', content: 'Code: bit.ly/x', locale: 'ru\u001b[2J' },
    ];
    const { exitCode, output } = await check({ ...CONNECTOR, templates });
    assert.equal(exitCode, 1);
    const [, first, second, open, , ...problems] = linesOf(output);
    assert.match(first ?? '', /^SignIn .* 1\+ +19 of 70 and more +UCS-2 for ’ \(U\+2019\)$/);
    assert.match(second ?? '', /^SignIn +ru\ufffd\[2J /);
    assert.equal(open, '+ and more: placeholders other than {{code}} make it longer.');
    assert.match(problems[0] ?? '', /^error {4}templates\.1\.content has no \{\{code\}\}$/);
    assert.match(
      problems.at(-2) ?? '',
      /^warning {2}templates\.1\.content has bit\.ly\/x, which is a shortened/,
    );
    assert.match(problems.at(-1) ?? '', /^FILE: \d errors, \d warnings$/);
  });

  it("reads what Logto's API answers, with or without a byte order mark", async () => {
    const answer = {
      id: 'abc',
      connectorId: 'smsaero-short-message-service',
      config: CONNECTOR,
      metadata: {},
    };
    for (const content of [answer, `\ufeff${JSON.stringify(answer)}`]) {
      assert.equal(linesOf((await check(content)).output).at(-1), 'FILE: no problems');
    }
  });

  const noObject = "is not a JSON object: it must begin with {, as the connector's JSON does";
  const wide = Buffer.from(`\ufeff${JSON.stringify(CONNECTOR)}`, 'utf16le');
  for (const [name, content, problem] of [
    ['UTF-16', wide, 'is in UTF-16, as Windows PowerShell writes with >: save it as UTF-8'],
    [
      'Windows-1251',
      Buffer.from('{"content":"\xca\xee\xe4 {{code}}"}', 'latin1'), // "Код"
      'is not in UTF-8, so that characters would be lost: save it as UTF-8',
    ],
    ['broken JSON', Buffer.from('{"apiKey": "ТАЙНА'), 'is not JSON: line 1, column 18: Unterminated string'],
    ['a list', Buffer.from('[]'), noObject],
    ['a text', Buffer.from('"ТАЙНА"'), noObject],
    ['a folder', 'folder', 'is a folder'],
    ['nothing', undefined, 'does not exist'],
  ] as const) {
    it(`refuses ${name}`, async () => {
      const file = await cli.write('odd.json', '').then((path) => path.replace('odd', name));
      if (content === 'folder') await mkdir(file);
      else if (content) await writeFile(file, content);
      await assertFails(cli.run(['config', 'check', file]), 1, `${file} ${problem}\n`);
    });
  }
});
