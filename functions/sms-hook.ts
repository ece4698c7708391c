import { httpHandler } from '../lib/handler.ts';
import { HttpError } from '../lib/http/errors.ts';
import { answerTo, defaultReply } from '../lib/http/reply.ts';
import { pathParameter, readBody } from '../lib/http/request.ts';
import { assertPlatforms, platformNamed } from '../lib/platforms/index.ts';
import { admit, readMessage } from '../lib/platforms/platform.ts';
import { startService } from '../lib/services/sending.ts';

const { log, configuration, environment, sendSms } = await startService(process.env);
assertPlatforms(environment.textPlatforms);

const replyFor = (event: Parameters<typeof pathParameter>[0]) =>
  platformNamed(pathParameter(event, 'platform'))?.reply ?? defaultReply;

/** `POST /sms/{platform}`: takes a code from an identity platform and answers as that platform expects. */
export const handler = httpHandler(
  { log, timeoutMs: environment.deadline, replyFor },
  async (event, { requestId, deadline }) => {
    const platform = platformNamed(pathParameter(event, 'platform'));
    if (!platform) {
      throw new HttpError('not_found');
    }
    if (event.requestContext.http.method !== 'POST') {
      throw new HttpError('method_not_allowed', undefined, 'POST');
    }
    if (!readBody(event)) {
      throw new HttpError('body_too_large');
    }
    await admit(platform, event, configuration);
    const message = readMessage(platform, event, environment.textPlatforms);
    const outcome = await sendSms({ ...message, platform: platform.name, deadline });
    return platform.reply(answerTo(outcome), requestId);
  },
);
