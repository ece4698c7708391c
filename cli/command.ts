import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { nearest } from './nearest.ts';
import type { Terminal } from './terminal.ts';

/** The command line is wrong: exit code 2, and a word on which help to read. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** How a command is called, for hints. */
export const RUN = 'npm run smsaero --';

/** What came of a command. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** A word after the command that is no option. */
interface Positional {
  /** As in the help: `connector.json`. */
  readonly name: string;
  readonly optional?: boolean;
}

type Values<Options extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: Options; strict: true }>
>['values'];

interface Definition<Options extends ParseArgsOptionsConfig> {
  /** The whole text of `--help`. */
  readonly help: string;
  readonly options: Options;
  readonly positionals?: readonly Positional[];
  /**
   * Does it.
   *
   * @returns the exit code
   * @throws UsageError for options that do not go together, Error with one sentence for whatever fails
   */
  run(values: Values<Options>, positionals: readonly string[], terminal: Terminal): Promise<number>;
}

/** A command, ready to be run with its part of the command line. */
export interface Command {
  readonly help: string;
  /** @throws UsageError for a command line that is not as the help says */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}

/** What every command that talks to AWS takes. */
export const AWS_OPTIONS = {
  stage: { type: 'string', default: 'dev' },
  region: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

/** The lines on {@link AWS_OPTIONS} in a help text. */
export const AWS_HELP = `  --stage dev             the stage: parameters, table, queues and functions of this name
  --region eu-central-1   AWS region, if not AWS_REGION or the profile's`;

/** Makes a command of its definition: `--help`, strict options, the right number of words, stage and region. */
export function defineCommand<const Options extends ParseArgsOptionsConfig>(
  definition: Definition<Options>,
): Command {
  const { help, positionals: expected = [] } = definition;
  const options: ParseArgsOptionsConfig = {
    ...definition.options,
    help: { type: 'boolean', short: 'h', default: false },
  };
  return {
    help,
    async run(args, terminal) {
      const { values, positionals } = parse(args, options);
      if (values['help']) {
        terminal.print(help);
        return EXIT.done;
      }
      const missing = expected.slice(positionals.length).find(({ optional }) => !optional);
      if (missing) {
        throw new UsageError(`${missing.name} is missing`);
      }
      if (positionals.length > expected.length) {
        throw new UsageError(`"${positionals[expected.length]}" is one word too many`);
      }
      await applyStage(values);
      return definition.run(values as Values<Options>, positionals, terminal);
    },
  };
}

function parse(args: readonly string[], options: ParseArgsOptionsConfig) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const given = /'(--?[\w-]+)/.exec(message)?.[1];
    if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' && given) {
      const names = Object.keys(options).map((name) => `--${name}`);
      const close = nearest(given, names);
      throw new UsageError(`There is no option ${given}${close ? `; ${close} is one` : ''}`);
    }
    throw new UsageError(message.split(/\. |\n/, 1)[0]?.replace(/\.$/, '') ?? message);
  }
}

/** The SDK, and all that is made with it, takes the region from the environment; so does what prints commands (./stage-options.ts). */
async function applyStage({ stage, region }: Record<string, unknown>): Promise<void> {
  if (typeof stage !== 'string') return;
  if (!/^[a-z][\w-]*$/i.test(stage)) {
    throw new UsageError(`"${stage}" is no name of a stage`);
  }
  const named = typeof region === 'string' ? region : process.env['AWS_REGION'] || (await regionOfProfile());
  if (named !== undefined) {
    process.env['AWS_REGION'] = named;
  }
}

/** The region of the profile in ~/.aws, as the SDK finds it. */
async function regionOfProfile(): Promise<string | undefined> {
  const { loadConfig, NODE_REGION_CONFIG_FILE_OPTIONS, NODE_REGION_CONFIG_OPTIONS } = await import(
    '@smithy/core/config'
  );
  const ofFile = { ...NODE_REGION_CONFIG_OPTIONS, environmentVariableSelector: () => undefined };
  const read = loadConfig(ofFile, NODE_REGION_CONFIG_FILE_OPTIONS);
  return await read().catch(() => undefined); // whoever needs it says that there is none
}
