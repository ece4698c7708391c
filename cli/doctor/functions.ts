import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-lambda';
import { parseObject } from '../../lib/json.ts';
import { CLIENT_TIMEOUTS } from '../aws/client.ts';
import { explain } from '../explain.ts';
import { deployCommand } from '../stage-options.ts';
import { readDiagnosis } from './diagnosis.ts';
import { type Finding, findingsOf } from './finding.ts';

/** A monitor has 30 s at most; its answer is waited for. */
const INVOCATION = { requestHandler: { ...CLIENT_TIMEOUTS.requestHandler, requestTimeout: 60_000 } };

/** Looks whether the stage is deployed, and how. @returns with the environment of `sms-hook`, if it could be read */
export async function examineFunctions(
  stage: string,
): Promise<{ finding: Finding; environment?: Readonly<Record<string, string>> }> {
  const name = `smsaero-${stage}-sms-hook`;
  const of = findingsOf('functions');
  try {
    const command = new GetFunctionConfigurationCommand({ FunctionName: name });
    const { State, Environment } = await new LambdaClient(CLIENT_TIMEOUTS).send(command);
    const environment = Environment?.Variables ?? {};
    const isReady = State === undefined || State === 'Active' || State === 'Inactive';
    const finding = isReady
      ? of.pass(`${name} is deployed`)
      : of.fail(`${name} is ${State}`, deployCommand(stage));
    return { finding, environment };
  } catch (error) {
    return error instanceof ResourceNotFoundException
      ? { finding: of.fail(`${name} does not exist`, deployCommand(stage)) }
      : { finding: of.skip(`${name} cannot be looked at: ${explain(error)}`) };
  }
}

/** Has the deployed monitor look at gates, balance, sender name and configuration: the same from Lambda. */
export async function examineFromLambda(stage: string, lowBalance: number): Promise<Finding[]> {
  const name = `smsaero-${stage}-account-monitor`;
  const of = findingsOf('from Lambda');
  try {
    const command = new InvokeCommand({ FunctionName: name, Payload: JSON.stringify({ diagnose: true }) });
    const { FunctionError, Payload } = await new LambdaClient(INVOCATION).send(command);
    const answer = parseObject(Payload?.transformToString() ?? '');
    if (FunctionError !== undefined || !answer) {
      return [
        of.fail(`${name} failed (${FunctionError ?? 'no answer'})`, `look at the log: /aws/lambda/${name}`),
      ];
    }
    return readDiagnosis(answer, lowBalance);
  } catch (error) {
    return error instanceof ResourceNotFoundException
      ? [of.skip(`${name} is not deployed`)]
      : [of.skip(`${name} cannot be invoked: ${explain(error)}`)];
  }
}

/** Time for an answer, in ms: a cold start included. */
const REPORT_TIMEOUT_MS = 10_000;

/** Looks whether SMS Aero's reports would arrive: GET on a wrong token has to answer 200 and nothing. */
export async function examineReports(reportUrl: string | undefined): Promise<Finding> {
  const of = findingsOf('reports');
  if (reportUrl === undefined || reportUrl === '') {
    return of.warn(
      'SMS Aero sends none, so delivery statuses arrive minutes later',
      'deploy with the parameter reportUrl, or without it for the URL of the API',
    );
  }
  try {
    const response = await fetch(`${reportUrl.replace(/\/+$/, '')}/doctor`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(REPORT_TIMEOUT_MS),
    });
    const body = await response.text();
    if (response.status === 200 && body === '') return of.pass(`${reportUrl} answers`);
    return of.fail(
      `${reportUrl} answers ${response.status}${body === '' ? '' : ' with a body'}, where 200 and nothing is right`,
      'check that the domain leads to the API, and that delivery-report is deployed',
    );
  } catch (error) {
    const { cause, name } = error as Error & { cause?: NodeJS.ErrnoException };
    return of.fail(
      `${reportUrl} cannot be reached (${cause?.code ?? name})`,
      'check the domain, and that delivery-report is deployed',
    );
  }
}
