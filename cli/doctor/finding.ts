/** One line of the doctor's list. */
export interface Finding {
  /** What was looked at: `gate gate.smsaero.org`. */
  readonly check: string;
  /** `skip`: it could not be looked at, which is not a fault of the stage. */
  readonly status: 'pass' | 'warn' | 'fail' | 'skip';
  /** What was found: a phrase, without secrets. */
  readonly detail: string;
  /** What to do, for `warn` and `fail`. */
  readonly todo?: string | undefined;
}

export function findingsOf(check: string) {
  return {
    pass: (detail: string): Finding => ({ check, status: 'pass', detail }),
    skip: (detail: string): Finding => ({ check, status: 'skip', detail }),
    warn: (detail: string, todo: string): Finding => ({ check, status: 'warn', detail, todo }),
    fail: (detail: string, todo: string): Finding => ({ check, status: 'fail', detail, todo }),
  };
}
