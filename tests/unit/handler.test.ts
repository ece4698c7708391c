import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { ConfigurationError } from '../../lib/config/parameters.ts';
import { asyncHandler, httpHandler, type Invocation, triggerHandler } from '../../lib/handler.ts';
import { HttpError } from '../../lib/http/errors.ts';
import type { HttpReply } from '../../lib/http/reply.ts';
import type { PowertoolsLog } from '../../lib/observability/logger.ts';
import { httpEvent } from '../support/http-event.ts';

const ID = '00000000-0000-4000-8000-000000000001';
const context = { awsRequestId: ID, getRemainingTimeInMillis: () => 6_000 } as Context;

/** A log that keeps its lines as texts. */
function collectingLog() {
  const lines: string[] = [];
  const write = (...parts: unknown[]) => {
    lines.push(parts.map((part) => (part instanceof Error ? part.name : JSON.stringify(part))).join(' '));
  };
  const log = {
    startInvocation: ({ awsRequestId }: Context) => write('start', awsRequestId),
    info: write,
    warn: write,
    error: write,
  } as unknown as PowertoolsLog;
  return { log, lines };
}

const SECRET = Object.assign(new TypeError('code 482913', { cause: new Error('apiKey=key') }), {
  body: 'Код',
});
const fails = (error: unknown) => async (): Promise<never> => {
  throw error;
};

it('a handler has until the end of the function, less a margin, and at most its own time', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
  for (const [options, expected] of [
    [{}, 1_005_500],
    [{ shutdownMarginMs: 2_000 }, 1_004_000],
    [{ timeoutMs: 2_000 }, 1_002_000],
    [{ timeoutMs: 8_000 }, 1_005_500],
  ] as const) {
    const { log, lines } = collectingLog();
    const handler = asyncHandler(
      { log, ...options },
      async (_: object, invocation: Invocation) => invocation,
    );
    const { requestId, deadline } = await handler({}, context);
    assert.deepEqual([requestId, deadline, lines], [ID, expected, [`"start" "${ID}"`]]);
  }
});

describe('httpHandler', () => {
  async function replyTo(handle: (event: APIGatewayProxyEventV2) => Promise<HttpReply>) {
    const { log, lines } = collectingLog();
    const reply = await httpHandler({ log }, handle)(httpEvent({ path: '/sms/482913' }), context);
    return { reply, body: JSON.parse(reply.body), line: lines[1] };
  }

  it('answers an error of the request, and warns', async () => {
    const { reply, body, line } = await replyTo(
      fails(new HttpError('method_not_allowed', undefined, 'POST')),
    );
    assert.deepEqual([reply.statusCode, reply.headers['Allow']], [405, 'POST']);
    assert.deepEqual([body.code, body.requestId], ['method_not_allowed', ID]);
    assert.equal(line, '"request refused" {"reason":"method_not_allowed"}');
  });

  it('answers that there is no configuration', async () => {
    const error = new ConfigurationError('configuration_unreadable', 'no answer');
    const { reply, line } = await replyTo(fails(error));
    assert.equal(reply.statusCode, 503);
    assert.match(line ?? '', /^"configuration unavailable" \w+ \{"reason":"configuration_unreadable"\}$/);
  });

  it('says nothing of any other error', async () => {
    for (const error of [SECRET, 'code 482913', undefined]) {
      const { reply, line } = await replyTo(fails(error));
      assert.equal(reply.statusCode, 500);
      assert.match(line ?? '', /^"unexpected error"/);
      assert.doesNotMatch(JSON.stringify(reply), /482913|Код|apiKey/);
    }
  });
});

for (const [factory, name, message] of [
  [asyncHandler, 'TypeError', 'code •••'],
  [triggerHandler, 'Error', 'The code could not be sent. Try again in a moment.'],
] as const) {
  it(`${factory.name} fails with a safe message, and with nothing of the error itself`, async () => {
    const { log, lines } = collectingLog();
    await assert.rejects(factory({ log }, fails(SECRET))({}, context), (error: Error) => {
      assert.deepEqual([error.name, error.message], [name, message]);
      assert.doesNotMatch(inspect(error, { depth: null }), /482913|Код|apiKey/);
      return true;
    });
    assert.equal(lines[1], '"event not handled" TypeError');
  });
}
