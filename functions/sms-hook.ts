import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { httpDoor } from '../lib/http/door.ts';
import { HttpError } from '../lib/http/error.ts';
import type { HttpReply } from '../lib/http/reply.ts';
import type { HttpRequest } from '../lib/http/request.ts';
import { platformOf } from '../lib/platforms/index.ts';
import { startService } from '../lib/service.ts';

const service = await startService(process.env);

/**
 * `POST /sms/{platform}`: takes a code from an identity platform and answers as that platform expects.
 *
 * An unknown platform and one without a secret get the same answer, so that nobody learns which are on.
 */
export const handler = middy()
  .use(httpDoor(service.log))
  .handler(async (request: HttpRequest, context: Context): Promise<HttpReply> => {
    const deadline = Date.now() + service.environment.deadline;
    const platform = platformOf(request.path);
    if (!platform) {
      throw new HttpError('not_found');
    }
    if (request.method !== 'POST') {
      throw new HttpError('method_not_allowed');
    }
    const { platforms } = await service.configuration.get();
    const secrets = platforms[platform.name];
    if (!secrets) {
      throw new HttpError('not_found');
    }
    if (!request.body) {
      throw new HttpError('body_too_large');
    }
    if (!platform.authenticate(request, secrets)) {
      throw new HttpError('unauthorized');
    }
    const message = platform.parse(request);
    const outcome = await service.sendSms({ ...message, platform: platform.name, deadline });
    return platform.reply(outcome, context.awsRequestId);
  });
