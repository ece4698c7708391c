import type { ErrorCode, FieldProblem } from './reply.ts';

/** A request that is answered with an error. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code: ErrorCode;
  /** Which fields were wrong, for `invalid_request`. */
  readonly fields: readonly FieldProblem[] | undefined;

  constructor(code: ErrorCode, fields?: readonly FieldProblem[]) {
    super(code);
    this.code = code;
    this.fields = fields;
  }
}
