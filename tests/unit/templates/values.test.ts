import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CODE_CHARACTERS } from '../../../lib/message/sms-request.ts';
import { renderTemplate } from '../../../lib/templates/render.ts';
import { cleanValue, hasLink, isNumberOf } from '../../../lib/templates/values.ts';

const clean = (value: string) => cleanValue(value, false);

describe('cleanValue', () => {
  it('leaves names as they are', () => {
    for (const name of [
      ...['Анна-Мария д’Арк', 'Иван И.', 'А.С.Пушкин', 'г.Москва, ул.Ленина', 'И.Рус', 'Գ.Պետրոսյան'],
      ...["O'Connor, Jr.", 'José Núñez', 'नरेन्द्र', 'ООО «Ромашка» № 3.14', 'olga_1985', '😀'],
    ]) {
      assert.equal(clean(name), name);
    }
  });

  it('makes one line of visible characters of it', () => {
    assert.equal(clean(' a\tb\r\n\n c\u2028d\u0085e\u00a0f '), 'a b c d e f');
    assert.equal(
      clean('\u202eabc\u202c\u200b\u00ad\ufeff\u2066x\u0000\u001b[31m\u{e0041}\ue000\ufe0f'),
      'abcx[31m',
    );
    assert.equal(clean('a\ud800b\udc00'), 'ab');
  });

  it('lets nothing reach over into the text around it', () => {
    assert.equal(clean('\u0338\u20e3abc'), 'abc', 'marks would strike out the code before them');
    assert.equal(clean(`e${'\u0301'.repeat(500)}x`), `e${'\u0301'.repeat(3)}x`);
    assert.equal(clean(' @ @\u0301anna'), 'anna', 'a line that begins with @ is read by browsers');
  });

  it('keeps 64 characters, and no half of one', () => {
    assert.equal(clean('Ы'.repeat(600)), 'Ы'.repeat(64));
    assert.equal(clean('😀'.repeat(65)), '😀'.repeat(64));
    assert.equal(clean(`${'a'.repeat(63)}e\u0301x`), 'a'.repeat(63), 'an accent without its letter');
    assert.equal(clean(`${'a'.repeat(63)} bc`), 'a'.repeat(63));
  });

  it('leaves out what has a link', () => {
    for (const value of [
      ...['Вы выиграли приз http://evil.example/p', 'HTTPS://evil.example', 'hxxp://evil', 'http:\\\\evil'],
      ...['intent://x', 'www.evil', 'www.1', 'x www.1', 'evil.com', 'evil.com.', 'evil.com:8080'],
      ...['sub.evil.co.uk?x', '(evil.com)', 'ｅｖｉｌ。ｃｏｍ', 'evil｡com', 'ev\u00adil.c\u200bom'],
      ...['evil%2Ecom', 'evil.com%31', 'http%3A%2F%2Fevil', 'магазин.рф', 't.me/x', '1.com'],
      ...['Вы выиграли: мой.банк.online/приз', 'а.казино.com', 'гос.услуги.com:8080', 'приз.com', '💩.la'],
      ...['вход.сбербанк.xn--p1ai', 'აბ.გდ.გე', 'evil.com²', 'evil.рф①', '①192.0.2.1', '1а.рф', '例子.中国'],
      ...['магазин.МОСКВА', 'магазин.xn--p1ai', 'xn--80aairftm.xn--p1ai/x', 'сайт.xПушкин', 'сайт.Пушкинx'],
      ...['_.com', '-.com', 'e\u0301.com', 'イビ・.com', 'ג׳.com', 'sale†.ws', 'sale§.to'],
      ...[`${'я'.repeat(100)} evil.com`, `${'x'.repeat(60)}.com1`],
      // Addresses of four numbers.
      ...['1.2.3.4', '.192.0.2.1/x', '192.0.2.1.5/pay', 'а.192.0.2.1/x', 'x1.2.3.456', 'v10.0.19045'],
      ...['1.2.3.4.5', '0.1.2.3.4', '192.168.100.200', 'x 10.20.30.40, y'],
      // What phones make tappable without a domain.
      ...['anna@evil.com', 'x\n\n@evil.example #482914', 'mailto:anna@evil', 'Tel:+79031234567', '1+tel:1'],
      ...['tel: 1', 'skype: vasya', 'Пишите tg:vasya', 'viber:x', 'whatsapp:', 'callto: vasya'],
      // Phone numbers.
      ...['Вход с чужого! Звоните 8 800 555-35-35', 'Банк: 8 (800) 555-35-35', 'Звоните+79161234567!'],
      ...['Звоните 88005553535', '555-35-35', '555.35.35', '8/800/555/35/35', '8–800–555–35–35'],
      ...['8 - 800 - 555', '+1234567', '+ 7 (916) 123 45 67', '8 8 0 26.11.2026', '+26.11.2026'],
      ...['２８００５５５３５３５', '٨ ٨٠٠ ٥٥٥ ٣٥ ٣٥', '८८००५५५३५३५', '⑧ ⑧⓪⓪ ⑤⑤⑤ ③⑤', '8⁓800⁓123⁓45⁓67'],
      ...['8\u20e38\u20e30\u20e30\u20e35\u20e35\u20e35\u20e3', '8 800 555-35-35 '.repeat(3)],
      ...['89 1985-11-23 7', '9 1985-11-23 7', '89 12.12.1985 1'],
    ]) {
      assert.equal(clean(value), '', value);
    }
  });

  it('takes no sentence, number or version for a link', () => {
    for (const text of [
      ...['3.14', '10.5кг', 'v1.2.3', '1.2.3', 'Заказ 123456789', 'Заказ № 123456789, дом 5', '2026-11-26'],
      ...['2026-11-26T14:05:00.000Z', 'до 26.11.2026 14:05', 'в 14:05 26.11.2026'],
      ...['26.11.2026 14:05 и 00 26.11.2026 09', '26/11/2026', '2025/2026', '1 500 руб.', '150 000,00 ₽'],
      ...['12-34-56', '123456', 'a:/b', '!://x', 'hotel:x', '1tel:x', 'xwww.1', '1www.1', 'www. 1'],
      ...['!.com', ' .com', 'А.С.Пушкин', 'И\u0306.И\u0306ван', 'и т.д.', '7.50/мес', 'a. b', 'mp3.'],
      'U.S.A.',
    ]) {
      assert.equal(hasLink(text), false, text);
    }
  });

  it('lets a link through where the template does, but not a part of one', () => {
    assert.equal(cleanValue('https://shop.example/a', true), 'https://shop.example/a');
    assert.equal(cleanValue('Звоните 8 800 555-35-35', true), 'Звоните 8 800 555-35-35');
    assert.equal(cleanValue(`https://shop.example/${'a'.repeat(64)}`, true), '');
    assert.equal(cleanValue('\n@evil.example #482914', true), 'evil.example #482914');
  });

  it('takes no long time over any value', () => {
    const long = 100_000;
    for (const value of [
      ...['a', '.', 'a.', '\u0301', ' ', '%2E', 'a:', '1.', '@', '\ud83d', 'ᄀ', 'www', '1', '+', '1 ', '('],
      'tel:',
    ]) {
      assert.ok(clean(value.repeat(long / value.length)).length <= 128);
    }
  });

  it('gives one line of at most 64 characters without a link for any value, and the same for that again', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('@evil.example', ' #1', '\n', '.', 'com', 'http', '://', '\u0301', '\u200d'),
      fc.constantFrom('%2e', 'www', '8 800', '-35', '+7'),
    );
    const value = fc.array(part, { maxLength: 40 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(value, (raw) => {
        const text = clean(raw);
        assert.ok(Array.from(text).length <= 64);
        assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|^[@\s]|\s$|\s\s/u);
        assert.equal(hasLink(text), false);
        assert.equal(clean(text), text);
      }),
      { numRuns: 500 },
    );
  });
});

describe('renderTemplate, with what strangers wrote', () => {
  const render = (content: string, variables: Record<string, unknown>, links?: boolean, recipient?: string) =>
    renderTemplate({ usageType: 'Generic', content, links }, { code: '482913', ...variables }, recipient)
      ?.text;

  it('cleans every value except the code', () => {
    const user = { name: 'x\n\n@evil.example #1', list: ['a\u0000', { b: 1 }] };
    assert.equal(render('{{code}}, {{user.name}}.', { user }), '482913, .');
    assert.equal(render('{{user.list}} {{a}}', { user, a: 'a\u202eb' }), 'a,[object Object] ab');
    assert.equal(render('{{code}}|{{code.x}}', { code: 'a.b.com \u200b@x' }), 'a.b.com \u200b@x|');
    assert.equal(render('{{ a.b }}', { a: { b: 'shop.ru' } }), '');
    assert.equal(render('{{ a.b }}', { a: { b: 'shop.ru' } }, true), 'shop.ru');
  });

  it('forges no line for browsers, wherever the placeholder stands', () => {
    for (const content of [
      '{{code}}\n{{name}} #{{code}}',
      '{{code}}\n{{empty}}{{name}}',
      '{{code}}\n@shop.ru #{{code}} {{name}}',
    ]) {
      for (const name of ['@evil.example #482913', '\n@evil.example', '\u0301@evil']) {
        for (const links of [false, true]) {
          assert.doesNotMatch(render(content, { name, empty: '' }, links) ?? '', /@evil/);
        }
      }
    }
  });

  it('makes no link or phone number of several values, or of one and the text beside it', () => {
    const greeting = 'Код {{code}}. Ждём, {{a}} {{b}}';
    for (const [content, a, b, expected, links] of [
      [greeting, 'звоните 8 800', '555-35', 'Код 482913. Ждём,  '],
      [greeting, '8800', '55535', 'Код 482913. Ждём,  '],
      [greeting, '８８００', '５５５３５', 'Код 482913. Ждём,  '],
      [greeting, '8 800', 'Анна', 'Код 482913. Ждём, 8 800 Анна'],
      ['{{code}} + {{a}}{{b}}', '91612', '34567', '482913 + '],
      [greeting, '8800', '55535', 'Код 482913. Ждём, 8800 55535', true],
      ['{{code}} {{a}}.0.2.1 x', '1.192', '', '482913 .0.2.1 x'],
      ['{{code}}: вопросы 8 800 555-35-35, {{a}}', 'Анна', '', '482913: вопросы 8 800 555-35-35, Анна'],
      ['{{a}}{{b}} {{code}}', 'evil.', 'com', ' 482913'],
      ['{{a}}{{b}} {{code}}', 'evil.c', 'om', ' 482913'],
      ['{{a}}.{{b}} {{code}}', 'evil', 'com', '. 482913'],
      ['{{a}}shop.ru {{code}}', 'evil-', '', 'shop.ru 482913'],
      ['{{a}}shop.ru {{code}}', 'evil-', '', 'evil-shop.ru 482913', true],
      ['https://shop.ru/?c={{code}} {{a}}', 'Анна', '', 'https://shop.ru/?c=482913 Анна'],
    ] as [string, string, string, string, boolean?][]) {
      assert.equal(render(content, { a, b }, links), expected, `${content} ${a} ${b}`);
    }
  });

  it('shows the number of the recipient, and no other', () => {
    const recipient = '+79161234567';
    const show = (username: string, name: string) =>
      render('Код {{code}} для {{username}} {{name}}', { username, name }, false, recipient);
    for (const username of ['+79161234567', '79161234567', '8 (916) 123-45-67', '9161234567']) {
      assert.equal(show(username, 'Анна'), `Код 482913 для ${username} Анна`);
      assert.equal(render('{{code}} {{username}}', { username }, false, recipient), `482913 ${username}`);
      for (const name of ['звоните 88005553535', 'evil.com']) {
        assert.equal(show(username, name), `Код 482913 для ${username} `);
      }
    }
    for (const username of ['+79161234568', '8 800 555-35-35', '+79161234567 звоните']) {
      assert.equal(show(username, 'Анна'), 'Код 482913 для  Анна');
    }
    assert.equal(show('67', 'Анна'), 'Код 482913 для 67 Анна');
    assert.equal(render('{{code}} {{username}}', { username: recipient }), '482913 ');
  });

  it('tells the number of the recipient however it is written', () => {
    for (const [value, recipient, expected = true] of [
      ['0412 345 678', '+61412345678'],
      ['+372 5123 456', '+3725123456'],
      ['8 (903) 234-56-67', '+79032345667'],
      ['903 234-56-67', '+79032345667'],
      ['+1 903 234-5667', '+79032345667', false], // a number in Texas
      ['1 903 234-5667', '+79032345667', false],
      ['234-56-67', '+79032345667', false], // a number within a city
      ['345678', '+61412345678', false],
      ['000000000', '+61412345678', false],
      ['+61412345679', '+61412345678', false],
    ] as [string, string, boolean?][]) {
      assert.equal(isNumberOf(value, recipient), expected, value);
    }
  });
});

it('the characters of a code are those that people can read and type', () => {
  for (const code of ['482913', 'Zz9#kq.', 'пароль 1', 'a<b>&"', '😀']) assert.match(code, CODE_CHARACTERS);
  for (const code of ['1\n2', '1\u00002', '1\u202e2', '12\u200b', '1\ud800', '1\u20282', '\ufeff12']) {
    assert.doesNotMatch(code, CODE_CHARACTERS);
  }
});
