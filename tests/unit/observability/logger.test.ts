import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';

const LOGGER = new URL('../../../lib/observability/logger.ts', import.meta.url).href;

/** What a process of its own writes to standard output and standard error while it runs this with a `log`. */
function outputOf(statements: string): string {
  const script = `import { PowertoolsLog } from ${JSON.stringify(LOGGER)}; const log = new PowertoolsLog(); ${statements}`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    env: {},
  });
  return `${stdout}${stderr}`;
}

describe('PowertoolsLog', () => {
  it('says what an error is, and nothing that it quotes or carries', () => {
    const output = outputOf(`
      const cause = Object.assign(new TypeError('to +7 903 123-45-67'), { code: 'E_WRITE', body: 'Код: 482913' });
      const error = Object.assign(new Error('code 482913 was not sent\\napiKey=ТАЙНА', { cause }), { apiKey: 'ТАЙНА' });
      error.message = 'code 482913 was not sent';
      log.error('broken', error, { reason: 'test' });
    `);
    const { level, message, reason, problem, ...rest } = JSON.parse(output) as Record<string, unknown> & {
      problem: { name: string; message: string; cause: { name: string; code: string; message: string } };
    };
    assert.deepEqual([level, message, reason], ['ERROR', 'broken', 'test']);
    assert.deepEqual([problem.name, problem.message], ['Error', 'code ••• was not sent']);
    assert.deepEqual(
      [problem.cause.name, problem.cause.code, problem.cause.message],
      ['TypeError', 'E_WRITE', 'to +•••'],
    );
    assert.deepEqual(Object.keys(rest).sort(), ['sampling_rate', 'service', 'timestamp']);
    assert.doesNotMatch(output, /482913|4567|ТАЙНА/);
  });
});
