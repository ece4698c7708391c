import { AwsError, type Input } from '../aws-json.ts';

export type { Input };

import { constraint, validation } from './errors.ts';

/** A member that must be a text. */
export function requiredText(input: Input, member: string): string {
  const value = input[member];
  const camel = `${member[0]?.toLowerCase()}${member.slice(1)}`;
  if (value === undefined || value === null) throw constraint(camel, 'null', 'Member must not be null');
  if (typeof value !== 'string') throw new AwsError('SerializationException', `${member} is not a string`);
  if (value === '') throw constraint(camel, '', 'Member must have length greater than or equal to 1');
  return value;
}

/** `MaxResults` within 1 and `most`; `most` when it is absent. */
export function maxResults(input: Input, most: number): number {
  const value = input['MaxResults'] ?? most;
  if (typeof value !== 'number' || value < 1) {
    throw constraint('maxResults', value, 'Member must have value greater than or equal to 1');
  }
  if (value > most) {
    throw constraint('maxResults', value, `Member must have value less than or equal to ${most}`);
  }
  return value;
}

/**
 * A name or path as Parameter Store allows it: letters, digits, `.`, `-`, `_`, levels divided by `/`, at most 15
 * levels, not under `aws` or `ssm`.
 */
export function checkName(name: string): string {
  const levels = name.split('/').filter((level) => level !== '');
  if (
    !/^[A-Za-z0-9._/-]+$/.test(name) ||
    /^\/?(aws|ssm)/i.test(name) ||
    (name.includes('/') && name[0] !== '/')
  ) {
    throw validation(
      `Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_`,
    );
  }
  if (levels.length > 15) {
    throw new AwsError('HierarchyLevelLimitExceededException', 'A hierarchy can have at most 15 levels.');
  }
  return name;
}

/**
 * One page of rows. The token is opaque and good for the same listing only.
 * @throws AwsError `InvalidNextToken`.
 */
export function pageOf<Row>(
  rows: Row[],
  listing: string,
  size: number,
  token: unknown,
): { rows: Row[]; next?: string } {
  let from = 0;
  if (token !== undefined && token !== null) {
    const [prefix, offset] = Buffer.from(String(token), 'base64url').toString('utf8').split('\n');
    if (prefix !== listing || !/^\d+$/.test(offset ?? '')) {
      throw new AwsError('InvalidNextToken', 'The specified token is not valid.');
    }
    from = Number(offset);
  }
  const end = from + size;
  const next = Buffer.from(`${listing}\n${end}`).toString('base64url');
  return { rows: rows.slice(from, end), ...(end < rows.length ? { next } : {}) };
}
