import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-lambda';
import { asNumber, asObject, type Fields, parseObject } from '../../lib/smsaero/fields.ts';
import { PATIENT } from '../aws/client.ts';
import { RUN } from '../command.ts';
import { explain } from '../explain.ts';
import { roubles } from '../format.ts';
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
      : { finding: of.fail(`${name} is ${State}`, `npx serverless deploy --stage ${stage}`), environment };
  } catch (error) {
    return error instanceof ResourceNotFoundException
      ? { finding: of.fail(`${name} does not exist`, `npx serverless deploy --stage ${stage}`) }
      : { finding: of.skip(`${name} cannot be looked at: ${explain(error)}`) };
  }
}

/** Has the deployed monitor look at gates, balance, sender name and configuration: the same from Lambda. */
export async function examineFromLambda(stage: string): Promise<Finding[]> {
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
    return readDiagnosis(answer);
  } catch (error) {
    return error instanceof ResourceNotFoundException
      ? [of.skip(`${name} is not deployed`)]
      : [of.skip(`${name} cannot be invoked: ${explain(error)}`)];
  }
}

/** Reads what the monitor says: `AccountReport` of lib/account/report.ts, of this version or another. */
export function readDiagnosis(answer: Fields): Finding[] {
  const { configuration, balance, senderName } = answer;
  const list: readonly unknown[] = Array.isArray(answer['gates']) ? answer['gates'] : [];
  const gates = list.flatMap((entry): Fields[] => {
    const gate = asObject(entry);
    return gate ? [gate] : [];
  });
  const working = gates.some((gate) => gate['ok'] === true);
  const name = (gate: Fields) =>
    findingsOf(`from Lambda: gate ${String(gate['gate']).replace(/^https?:\/\/|\/v2$/g, '')}`);
  const findings = gates.map((gate): Finding => {
    const ms = asNumber(gate['ms']);
    if (gate['ok'] === true)
      return name(gate).pass(`takes the credentials${ms === undefined ? '' : `, ${Math.round(ms)} ms`}`);
    const detail = `does not work (${String(gate['cause'] ?? 'no cause')})`;
    return working
      ? name(gate).warn(`${detail}; another gate does`, 'nothing, while others work')
      : name(gate).fail(detail, 'check the parameter gates of the deployment, and SMS Aero');
  });
  const settings = findingsOf('from Lambda: configuration');
  const amount = asNumber(balance);
  const approved = asObject(senderName)?.['approved'];
  const unanswered = Object.entries(asObject(answer['problems']) ?? {}).map(([question, cause]) =>
    findingsOf(`from Lambda: ${question === 'senderName' ? 'sender name' : question}`).warn(
      `SMS Aero did not say (${String(cause)})`,
      'see the gates',
    ),
  );
  return [
    configuration === 'ok'
      ? settings.pass('read and valid')
      : settings.fail(
          String(configuration ?? 'the monitor said nothing of it'),
          `${RUN} config push, and the role of the function`,
        ),
    ...findings,
    ...(amount === undefined ? [] : [findingsOf('from Lambda: balance').pass(roubles(amount))]),
    ...(Array.isArray(approved) && approved.length > 0
      ? [findingsOf('from Lambda: sender name').pass(`approved for ${approved.map(String).join(', ')}`)]
      : []),
    ...unanswered,
  ];
}
