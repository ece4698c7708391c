import { AwsError } from '../aws-json.ts';

const error = (type: string, message: string, status?: number) =>
  new AwsError(`com.amazonaws.sqs#${type}`, message, status);

/** `QueueDoesNotExist`. */
export function queueDoesNotExist(): AwsError {
  return error('QueueDoesNotExist', 'The specified queue does not exist.');
}

/** `InvalidAddress`: a queue's URL that is none. */
export function invalidAddress(url: string): AwsError {
  return error('InvalidAddress', `The address ${url} is not valid for this endpoint.`, 404);
}

/** `ReceiptHandleIsInvalid`: bytes that this queue never gave as a handle. */
export function receiptHandleIsInvalid(handle: string): AwsError {
  return error(
    'ReceiptHandleIsInvalid',
    `The input receipt handle "${handle}" is not a valid receipt handle.`,
    404,
  );
}

/** `InvalidParameterValueException`, with SQS's own sentence. */
export function invalidValue(message: string): AwsError {
  return error('InvalidParameterValueException', message);
}

/** The same of one parameter. */
export function invalidParameter(name: string, value: unknown, reason: string): AwsError {
  return invalidValue(`Value ${String(value)} for parameter ${name} is invalid. Reason: ${reason}`);
}

/** `MissingRequiredParameterException`. */
export function missingParameter(name: string): AwsError {
  return error('MissingRequiredParameterException', `The request must contain the parameter ${name}.`);
}

/** `InvalidMessageContents`: characters that XML 1.0 does not have. */
export function invalidMessageContents(): AwsError {
  return error('InvalidMessageContents', 'Invalid characters found. Valid unicode characters are');
}

/** `InvalidAttributeName` of a queue's attribute. */
export function unknownAttribute(name: string): AwsError {
  return error('InvalidAttributeName', `Unknown Attribute ${name}.`);
}

/** An error of a whole batch. */
export function batchError(
  type:
    | 'EmptyBatchRequest'
    | 'TooManyEntriesInBatchRequest'
    | 'BatchEntryIdsNotDistinct'
    | 'InvalidBatchEntryId'
    | 'BatchRequestTooLong',
  message: string,
): AwsError {
  return error(type, message);
}

const QUERY_CODES: Readonly<Record<string, string>> = {
  InvalidParameterValueException: 'InvalidParameterValue',
  MissingRequiredParameterException: 'MissingParameter',
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  EmptyBatchRequest: 'AWS.SimpleQueueService.EmptyBatchRequest',
  TooManyEntriesInBatchRequest: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
  BatchEntryIdsNotDistinct: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
  InvalidBatchEntryId: 'AWS.SimpleQueueService.InvalidBatchEntryId',
  BatchRequestTooLong: 'AWS.SimpleQueueService.BatchRequestTooLong',
};

/** The code of an error in the query protocol (`awsQueryError` in the service's model), which failed entries of a batch have too. */
export function queryCode(type: string): string {
  const name = type.replace(/^.*#/, '');
  return QUERY_CODES[name] ?? name;
}
