import { ServiceError } from '../errors.ts';
import type { ErrorCode } from './error-codes.ts';
import type { FieldProblem } from './reply.ts';

/** A request that is answered with an error. */
export class HttpError extends ServiceError {
  override readonly name = 'HttpError';
  readonly code: ErrorCode;
  /** Which fields were wrong, for `invalid_request`. */
  readonly fields: readonly FieldProblem[] | undefined;

  /** Which method is allowed, for `method_not_allowed`. */
  readonly allow: string | undefined;

  constructor(code: ErrorCode, fields?: readonly FieldProblem[], allow?: string) {
    super(code);
    this.code = code;
    this.fields = fields;
    this.allow = allow;
  }
}
