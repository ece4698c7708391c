import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { replaceSendMessageHandlebars } from '@logto/connector-kit';
import fc from 'fast-check';
import { literalText, placeholdersOf, replacePlaceholders } from '../../../lib/templates/placeholders.ts';

/** Words that are roots, nested keys and unknown names by turns, so that generated templates hit generated payloads. */
const word = fc.constantFrom('code', 'link', 'user', 'name', 'a', 'b_1', 'ошибка', '0');
const path = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join('.'));
const space = fc.constantFrom('', ' ', '  ', '\t', '\n');
const placeholder = fc
  .tuple(space, fc.oneof(path, fc.constantFrom('.', '..', '.code', 'code.', 'a..b')), space)
  .map(([before, inner, after]) => `{{${before}${inner}${after}}}`);
const text = fc.oneof(fc.string(), fc.constantFrom('Ваш код: ', '{', '}}', '{{', '$&', "$'", '{{{code}}}'));
const template = fc.array(fc.oneof(placeholder, text), { maxLength: 8 }).map((parts) => parts.join(''));
const payload = fc.dictionary(word, fc.jsonValue({ maxDepth: 3 }), { noNullPrototype: true });

/**
 * Logto's own function, placeholder by placeholder: it throws for a value that cannot be made a string, such as the JSON
 * `{"toString": 0}`, where ours has to leave a gap.
 */
const byLogto = (content: string, variables: Record<string, unknown>) =>
  content.replaceAll(/{{\s*[\w.]+\s*}}/g, (one) => {
    try {
      return replaceSendMessageHandlebars(one, variables as never);
    } catch (error) {
      assert.match(String(error), /Cannot convert object to primitive value/);
      return '';
    }
  });

describe('replacePlaceholders', () => {
  it("gives what Logto's own function gives, for any template and payload", () => {
    fc.assert(
      fc.property(template, payload, (content, variables) => {
        assert.equal(replacePlaceholders(content, variables), byLogto(content, variables));
      }),
      {
        numRuns: 500,
        examples: [
          ['[{{code}}] {{link.a}}{{a.0}}', { code: { toString: 0 }, link: { a: [{ toString: 0 }] }, a: 'x' }],
        ],
      },
    );
  });

  it('reaches the custom attributes of Cognito, whose names have a colon and perhaps other signs', () => {
    const user = { 'custom:site': 'Лавка', 'custom:shop-id': '5', 'custom:a.b': 'x', 'custom:имя': 'Иван' };
    for (const [path, value] of [
      ['user.custom:site', 'Лавка'],
      [' user.custom:shop-id ', '5'],
      ['user.custom:a.b', 'x'],
      ['user.custom:имя', 'Иван'],
      ['user.custom:other', ''],
    ]) {
      assert.equal(
        replacePlaceholders(`{{${path}}}: {{code}}`, { user, code: '111222' }),
        `${value}: 111222`,
      );
    }
    for (const content of [
      ...['{{custom:site}}', '{{code-x}}', '{{user.a-b}}', '{{user.custom: a}}', '{{user.custom:{a}}}'],
      '{{user:a.b}}',
    ]) {
      assert.equal(replacePlaceholders(content, { user }), content);
    }
    assert.deepEqual(placeholdersOf('{{user.custom:site}} {{ code }}'), ['user.custom:site', 'code']);
  });

  const hostile = JSON.parse('{"code":{"toString":1,"valueOf":2},"list":[{"toString":null}]}');
  for (const [what, content, variables, expected] of [
    ['leaves an unknown root as it is', '{{link}} {{.a}}|', { app: {}, '': { a: 1 } }, '{{link}} {{.a}}|'],
    ['empties an unknown path below a known root', '{{app.x.y}}|', { app: {} }, '|'],
    ['inserts values literally', '<{{code}}>', { code: "$& $1 $' {{b}}", b: 'x' }, "<$& $1 $' {{b}}>"],
    ['sees own roots only', '{{constructor}} {{__proto__}}', {}, '{{constructor}} {{__proto__}}'],
    ['sees own members only', '[{{a.constructor.name}}] {{b.1}}', { a: {}, b: [1, 2] }, '[] 2'],
    ['survives values that cannot be made a string', '[{{code}}{{list}}]', hostile, '[]'],
  ] as const) {
    it(what, () => assert.equal(replacePlaceholders(content, variables), expected));
  }

  it('shows a value as it is told, by its path', () => {
    const show = (value: string, path: string) => `${path}=${value.toUpperCase()}`;
    const text = replacePlaceholders('{{ a.b }} {{c}} {{d}}', { a: { b: 'x' }, c: null }, show);
    assert.equal(text, 'a.b=X c= {{d}}');
  });
});

it('placeholdersOf and literalText tell a template apart', () => {
  const content = 'Код {{ code }} для {{app.name}} {{ bad name }}';
  assert.deepEqual(placeholdersOf(content), ['code', 'app.name']);
  assert.equal(literalText(content), 'Код  для  {{ bad name }}');
});
