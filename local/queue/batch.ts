import { AwsError, type Input } from '../aws-json.ts';
import { batchError, queryCode } from './errors.ts';

/**
 * Runs an operation for each entry of a batch; one that fails leaves the others alone.
 *
 * @param run gives the entry's result, or throws what it failed of
 * @param check looks at all of them before any is run
 * @throws AwsError for a batch that SQS refuses as a whole
 */
export function batch(
  input: Input,
  run: (entry: Input) => object,
  check: (entries: readonly Input[]) => void = () => {},
): object {
  const entries = (input['Entries'] ?? []) as Input[];
  if (entries.length === 0) {
    throw batchError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  }
  if (entries.length > 10) {
    const message = `Maximum number of entries per request are 10. You have sent ${entries.length}.`;
    throw batchError('TooManyEntriesInBatchRequest', message);
  }
  const ids = entries.map(({ Id }) => String(Id ?? ''));
  if (!ids.every((id) => /^[\w-]{1,80}$/.test(id))) {
    throw batchError(
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
    );
  }
  const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
  if (repeated !== undefined) throw batchError('BatchEntryIdsNotDistinct', `Id ${repeated} repeated.`);
  check(entries);

  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const [index, entry] of entries.entries()) {
    const Id = ids[index];
    try {
      Successful.push({ Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const { type, message, status } = error;
      Failed.push({ Id, SenderFault: status < 500, Code: queryCode(type), Message: message });
    }
  }
  return {
    ...(Successful.length > 0 ? { Successful } : {}),
    ...(Failed.length > 0 ? { Failed } : {}),
  };
}
