import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeError, maskPhone } from '../../../lib/observability/redact.ts';

it('maskPhone shows the beginning and the end, and less of a short number', () => {
  for (const [number, masked] of [
    ['+79031234567', '+7903•••4567'],
    ['+375291234567', '+3752•••4567'],
    ['+6561234567', '+6561•••67'],
    ['+2901234', '+29•••34'],
    ['+29012', '+•••12'],
  ] as const) {
    assert.equal(maskPhone(number), masked);
  }
});

describe('describeError', () => {
  it('keeps name, code and causes, and strikes out runs of digits', () => {
    const cause = Object.assign(new TypeError('to +7 903 123-45-67'), {
      code: 'E482913',
      data: 'code 482913',
    });
    const described = describeError(new Error('code 482913 of 79031234567 failed after 2 tries', { cause }));
    assert.equal(described.message, 'code ••• of ••• failed after 2 tries');
    assert.deepEqual([described.cause?.name, described.cause?.code], ['TypeError', 'E•••']);
    assert.doesNotMatch(JSON.stringify(described), /482913|4567|data/);
  });

  it('strikes out digits of every script, and those that the cut at 500 characters goes through', () => {
    assert.equal(describeError(new Error('code ４８２９１３ or ٤٨٢٩١٣')).message, 'code ••• or •••');
    for (let length = 490; length <= 500; length += 1) {
      assert.doesNotMatch(describeError(new Error(`${'x'.repeat(length)}482913`)).message, /\d/);
    }
  });

  it('has a cause only where the error has one', () => {
    assert.equal(describeError(new Error('alone')).cause, undefined);
    assert.equal(describeError(new Error('alone', { cause: undefined })).cause, undefined);
    assert.equal(describeError(new Error('thrown by hand', { cause: null })).cause?.name, 'object');
  });

  it('follows two causes, and no circle', () => {
    const chain = ['third', 'second', 'first', 'error'].reduce<Error | undefined>(
      (cause, message) => (cause ? new Error(message, { cause }) : new Error(message)),
      undefined,
    );
    const described = describeError(chain);
    assert.deepEqual(
      [described.message, described.cause?.message, described.cause?.cause?.message],
      ['error', 'first', 'second'],
    );
    assert.equal(described.cause?.cause?.cause, undefined);
    assert.equal(describeError(chain, 0).cause, undefined);
    const circle: Error = new Error('circle');
    circle.cause = circle;
    assert.equal(describeError(circle).cause?.cause?.message, 'circle');
  });

  it('keeps no line of a message in the stack', () => {
    const described = describeError(new Error('first\nsecond secret line\n   third'));
    assert.ok(described.stack?.every((frame) => frame.startsWith('at ')));
    assert.ok((described.stack?.length ?? 0) > 0);
    const framed = describeError(new Error('first\n    at +7 903 123-45-67 the code'));
    assert.doesNotMatch(framed.stack?.join() ?? '', /the code/, 'a line that looks like a frame');
  });

  it('says nothing of what is no error', () => {
    assert.deepEqual(describeError('482913'), {
      name: 'string',
      message: 'A value that is not an error was thrown',
    });
  });
});
