import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { httpDoor } from '../lib/http/door.ts';
import { HttpError } from '../lib/http/error.ts';
import type { HttpReply } from '../lib/http/reply.ts';
import type { HttpRequest } from '../lib/http/request.ts';
import { admit } from '../lib/platforms/admit.ts';
import { platformOf } from '../lib/platforms/index.ts';
import { startService } from '../lib/service.ts';

const service = await startService(process.env);

/** Time for the answer to be made and logged when the function itself is about to be stopped, in ms. */
const MARGIN = 500;

/**
 * `POST /sms/{platform}`: takes a code from an identity platform and answers as that platform expects.
 *
 * Middy's own early time-out is off: it would answer "not sent" while the message is under way. Our deadline comes before.
 */
export const handler = middy({ timeoutEarlyInMillis: 0 })
  .use(httpDoor(service.log))
  .handler(async (request: HttpRequest, context: Context): Promise<HttpReply> => {
    const remaining = context.getRemainingTimeInMillis() - MARGIN;
    const deadline = Date.now() + Math.min(service.environment.deadline, remaining);
    const platform = platformOf(request.path);
    if (!platform) {
      throw new HttpError('not_found');
    }
    if (request.method !== 'POST') {
      throw new HttpError('method_not_allowed', undefined, 'POST');
    }
    if (!request.body) {
      throw new HttpError('body_too_large');
    }
    await admit(platform, request, service.configuration);
    const message = platform.parse(request);
    const outcome = await service.sendSms({ ...message, platform: platform.name, deadline });
    return platform.reply(outcome, context.awsRequestId);
  });
