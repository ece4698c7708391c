import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Stack, startStack } from '../../support/stack.ts';

/** Templates with a value that whoever signs up chooses; one lets links through. */
const templates = [
  ...['Register', 'SignIn', 'ForgotPassword', 'Generic'].map((usageType) => ({
    usageType,
    content: 'Код: {{code}}, {{user.name}}',
  })),
  { usageType: 'Invitation', content: 'Код: {{code}} {{link}}', links: true },
  { usageType: 'LastLine', content: 'Код: {{code}}\n{{user.name}}' },
];

describe('what a stranger wrote', () => {
  let stack: Stack;
  before(async () => {
    stack = await startStack({
      plainHttp: true,
      gates: 1,
      // As an editor on Windows saves it: with a byte order mark.
      prepare: (parameters) =>
        parameters.put(
          '/smsaero/test/templates',
          `\ufeff${JSON.stringify(templates).replaceAll('{{', '{\\u007b')}`,
        ),
    });
  });
  after(() => stack.close());

  async function textOf(type: string, payload: Record<string, unknown>) {
    const { statusCode, body } = await stack.logto({ type, payload: { code: '482913', ...payload } });
    assert.equal(statusCode, 200, body);
    return stack.account.messages()[0]?.text;
  }

  for (const [what, name, shown] of [
    ['a name', 'Анна', 'Анна'],
    ['a link', 'Вы выиграли приз http://evil.example/p', ''],
    ['a phone number', 'Вход с чужого! Звоните 8 800 555-35-35', ''],
    ['a line for browsers', 'x\n\n@evil.example #482913', ''],
    ['600 letters', 'Ы'.repeat(600), 'Ы'.repeat(64)],
    ['marks of direction, NUL and line breaks', '\u202eА\u0000н\r\n\u2028на\u2066', 'Ан на'],
  ] as const) {
    it(`goes out as one short line without links: ${what}`, async () => {
      assert.equal(await textOf('Register', { user: { name } }), `Код: 482913, ${shown}`);
    });
  }

  it('may have a link where the template says so', async () => {
    const link = 'https://shop.example/join?t=1';
    assert.equal(await textOf('Invitation', { link }), `Код: 482913 ${link}`);
  });
});
