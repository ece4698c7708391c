import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { describeJsonError } from '../../../cli/connector-file.ts';
import { parseJson } from '../../../lib/json.ts';

describe('describeJsonError', () => {
  const broken = fc
    .tuple(
      fc.json({ maxDepth: 4 }),
      fc.nat(),
      fc.constantFrom('', ',', '"', '}', ']', '\\', '\n', "'", ':', 'x', '1', '\u0001'),
    )
    .map(([text, at, sign]) => {
      const cut = at % (text.length + 1);
      return text.slice(0, cut) + sign + text.slice(cut + 1);
    });

  it('names a place in every text that is not JSON, and never quotes the text', () => {
    fc.assert(
      fc.property(fc.oneof(broken, fc.string()), (text) => {
        fc.pre(parseJson(text) === undefined);
        assert.match(describeJsonError(text), /^line \d+, column \d+: (?!.*not valid JSON)./);
      }),
      { numRuns: 500 },
    );
  });

  it('names line and column from 1, the kind of the error, and no value', () => {
    for (const [text, problem] of [
      ['{\n  "a": 1,\n}', 'line 2, column 9: a comma before }, which JSON does not allow: remove it'],
      ['[1,2,]', 'line 1, column 5: a comma before ], which JSON does not allow: remove it'],
      ['{"a" 1}', "line 1, column 6: Expected ':' after property name"],
      ['{“a”: 1}', "line 1, column 2: Expected property name or '}'"],
      ['{"a": "x', 'line 1, column 9: Unterminated string'],
      ['{"a": "\\x"}', 'line 1, column 9: Bad escaped character'],
      ['{"a": 1}}', 'line 1, column 9: Unexpected non-whitespace character after JSON'],
      ['{"a":\n\n["b", SECRET, 1]}', 'line 3, column 7: a value must be here'],
      ['undefined', 'line 1, column 1: a value must be here'],
      ['{"a": tru', 'line 1, column 10: the file ends too early'],
      ['', 'line 1, column 1: the file ends too early'],
    ] as const) {
      assert.equal(describeJsonError(text), problem);
    }
  });
});
