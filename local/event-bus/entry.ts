import { parseObject } from '../../lib/json.ts';
import { AwsError, type Input } from '../aws-json.ts';

/** An entry of PutEvents, as it came. */
export interface Entry {
  readonly Source?: string;
  readonly DetailType?: string;
  readonly Detail?: string;
  /** s of the Unix epoch. */
  readonly Time?: number;
  readonly Resources?: readonly string[];
  /** Name or ARN of a bus, `default` unless told. */
  readonly EventBusName?: string;
}

/** Why an entry is not taken. */
export interface EntryError {
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

const MAX_ENTRIES = 10;

/** Bytes of all entries. AWS takes 1 MiB since January 2026; 256 KiB, as before, is what every page of its guide still says. */
const MAX_BYTES = 262_144;

/** Size of an entry as EventBridge counts it (User Guide, "Calculating PutEvents event entry size"). */
function sizeOf({ Source = '', DetailType = '', Detail = '', Time, Resources = [] }: Entry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return texts.reduce((size, text) => size + Buffer.byteLength(text), Time === undefined ? 0 : 14);
}

/**
 * The entries of a call.
 *
 * @throws AwsError `ValidationException` for none, for more than 10, or when they are too large together
 */
export function entriesOf(input: Input): readonly Entry[] {
  const entries = (input['Entries'] ?? []) as Entry[];
  if (entries.length === 0 || entries.length > MAX_ENTRIES) {
    const bound =
      entries.length === 0 ? 'greater than or equal to 1' : `less than or equal to ${MAX_ENTRIES}`;
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '[...]' at 'entries' failed to satisfy constraint: Member must have length ${bound}`,
    );
  }
  if (entries.reduce((size, entry) => size + sizeOf(entry), 0) > MAX_BYTES) {
    throw new AwsError('ValidationException', 'Total size of the entries in the request is over the limit.');
  }
  return entries;
}

const missing = (name: string): EntryError => ({
  ErrorCode: 'InvalidArgument',
  ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
});

/** What EventBridge refuses of an entry while it takes the others; undefined if it is right. */
export function errorOf(entry: Entry): EntryError | undefined {
  if (!entry.Source) return missing('Source');
  if (!entry.DetailType) return missing('DetailType');
  if (!entry.Detail) return missing('Detail');
  if (entry.Source.startsWith('aws.')) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  }
  return parseObject(entry.Detail)
    ? undefined
    : { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
}
