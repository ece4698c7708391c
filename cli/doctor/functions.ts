import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-lambda';
import { parseObject } from '../../lib/json.ts';
import { PATIENT } from '../aws/client.ts';
import { explain } from '../explain.ts';
import { deployCommand } from '../stage-options.ts';
import { readDiagnosis } from './diagnosis.ts';
import { type Finding, findingsOf } from './finding.ts';

/** A monitor has 30 s at most; its answer is waited for. */
const INVOCATION = { requestHandler: { ...PATIENT.requestHandler, requestTimeout: 60_000 } };

/** What is known of the deployed functions. */
export interface ExaminedFunctions {
  readonly finding: Finding;
  /** The environment of `sms-hook`; undefined if it could not be read. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

/** Looks whether the stage is deployed, and how. */
export async function examineFunctions(stage: string): Promise<ExaminedFunctions> {
  const name = `smsaero-${stage}-sms-hook`;
  const of = findingsOf('functions');
  try {
    const command = new GetFunctionConfigurationCommand({ FunctionName: name });
    const { State, Environment } = await new LambdaClient(PATIENT).send(command);
    const environment = Environment?.Variables ?? {};
    return State === undefined || State === 'Active' || State === 'Inactive'
      ? { finding: of.pass(`${name} is deployed`), environment }
      : {
          finding: of.fail(`${name} is ${State}`, deployCommand(stage)),
          environment,
        };
  } catch (error) {
    return error instanceof ResourceNotFoundException
      ? { finding: of.fail(`${name} does not exist`, deployCommand(stage)) }
      : { finding: of.skip(`${name} cannot be looked at: ${explain(error)}`) };
  }
}

/**
 * Has the deployed monitor look at gates, balance, sender name and configuration: the same from Lambda.
 *
 * @param lowBalance roubles below which to warn
 */
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
