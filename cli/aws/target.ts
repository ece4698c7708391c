import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { explain } from '../explain.ts';
import type { Terminal } from '../terminal.ts';
import { CLIENT_TIMEOUTS } from './client.ts';

/** Where a command writes, and as whom. */
export interface Target {
  readonly account: string;
  /** ARN of the user or the assumed role. */
  readonly caller: string;
  readonly region: string;
  readonly stage: string;
}

/**
 * Asks AWS whose credentials these are, which needs no permission: no policy can deny it.
 *
 * @throws Error with one sentence, if STS cannot be asked
 */
export async function targetOf(stage: string): Promise<Target> {
  const client = new STSClient(CLIENT_TIMEOUTS);
  const region = await client.config.region();
  try {
    const { Account = '', Arn = '' } = await client.send(new GetCallerIdentityCommand({}));
    return { account: Account, caller: Arn, region, stage };
  } catch (error) {
    throw new Error(`AWS does not say whose account this is: ${explain(error)}`, { cause: error });
  } finally {
    client.destroy();
  }
}

export const describeTarget = ({ account, caller, region, stage }: Target): string =>
  `account ${account}, caller ${caller}, region ${region}, stage ${stage}`;

/**
 * Shows where a command is about to write, and asks. A command that cannot say where it writes does not write: with `--yes` too, since
 * what runs in a script has nobody who would notice the wrong account.
 *
 * @param otherwise what to say where nothing is done: `Nothing was written`
 * @returns the target; undefined for a no
 * @throws Error if STS cannot be asked, UsageError without a terminal and `--yes`
 */
export async function confirmTarget(
  question: string,
  otherwise: string,
  { stage, yes }: { readonly stage: string; readonly yes?: boolean | undefined },
  terminal: Terminal,
): Promise<Target | undefined> {
  const target = await targetOf(stage).catch((error: Error) => {
    throw new Error(`${otherwise}: ${error.message}`, { cause: error });
  });
  terminal.print(`In ${describeTarget(target)}`);
  if (yes || (await terminal.confirm(question, otherwise))) return target;
  terminal.print(`${otherwise}.`);
  return undefined;
}
