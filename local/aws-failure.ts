import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError } from './aws-error.ts';

/** How a service can fail: `hang` never answers, `stall` begins an answer and never ends it, `reset` resets the connection. */
export type AwsFailure = 'throttle' | 'access_denied' | 'server_error' | 'hang' | 'stall' | 'reset';

/** What a failure looks like at one service. */
export interface FailureForm {
  readonly contentType: string;
  /** `__type` of its refusal to answer so many calls. */
  readonly throttled: string;
  /** `__type` of its server errors. */
  readonly serverError: string;
  /** Its refusal of what IAM does not allow. */
  denied(): AwsError;
}

/**
 * Makes a call fail.
 *
 * @throws AwsError for a failure that is an answer
 */
export function play(
  mode: AwsFailure,
  request: IncomingMessage,
  response: ServerResponse,
  form: FailureForm,
): void {
  switch (mode) {
    case 'hang':
      return;
    case 'stall':
      response.writeHead(200, { 'Content-Type': form.contentType, 'Content-Length': '1000' });
      response.write('{"Paramet');
      return;
    case 'reset':
      request.socket.resetAndDestroy();
      return;
    case 'throttle':
      throw new AwsError(form.throttled, 'Rate exceeded');
    case 'access_denied':
      throw form.denied();
    case 'server_error':
      throw new AwsError(form.serverError, 'The request could not be processed.', 500);
  }
}
