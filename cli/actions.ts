import type { Command, OutputConfiguration } from 'commander';
import { shown } from './format.ts';
import { useLocalStack, useRegion } from './stage-options.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage.ts';

/**
 * What a command does, with its options, where it prints, and its arguments.
 *
 * @returns the exit code
 * @throws UsageError for options that do not go together, Error with one sentence for whatever fails
 */
type Run = (options: never, terminal: Terminal, ...args: string[]) => Promise<number>;

/** Makes the action of a command. What it needs is loaded when it runs: the AWS SDK takes its time. */
type MakeAction = (load: () => Promise<Run>) => (this: Command) => Promise<void>;

export interface Actions {
  readonly run: MakeAction;
  /** The same for a command that talks to AWS. */
  readonly runOnStage: MakeAction;
}

/** Makes the actions of a program's commands. @param exit is given the exit code of the command that ran */
export function createActions(program: Command, terminal: Terminal, exit: (code: number) => void): Actions {
  const run: MakeAction = (load) =>
    async function (this: Command): Promise<void> {
      try {
        terminal.json = program.opts()['json'] === true;
        const action = await load();
        exit(await action(this.optsWithGlobals() as never, terminal, ...this.processedArgs));
      } catch (error) {
        if (error instanceof UsageError) this.error(`error: ${error.message}`);
        throw error;
      }
    };
  const runOnStage: MakeAction = (load) =>
    run(async () => {
      const { local, region } = program.opts();
      if (local) program.setOptionValue('stage', await useLocalStack());
      else useRegion(region, program.getOptionValueSource('region') === 'cli', terminal);
      return load();
    });
  return { run, runOnStage };
}

/** The width of help in columns, where a terminal is not narrower. */
const HELP_WIDTH = 80;

/** Where commander prints help, and what is wrong with the command line. */
export function outputTo({ io: { stdout, stderr } }: Terminal): OutputConfiguration {
  return {
    writeOut: (text) => stdout.write(text),
    writeErr: (text) => stderr.write(text),
    outputError(text, write) {
      const sentence = text.replace(/missing required argument '(.*)'/, 'name the $1');
      write(sentence.split('\n').map(shown).join('\n')); // it quotes what was typed, which may be a phone number
    },
    getOutHelpWidth: () => Math.min(stdout.columns ?? HELP_WIDTH, HELP_WIDTH),
    getErrHelpWidth: () => Math.min(stderr.columns ?? HELP_WIDTH, HELP_WIDTH),
  };
}

/** Ends each error of a command and of those below it with the help to read. @param called how the command is called */
export function addHint(command: Command, called: string): void {
  command.showHelpAfterError(`Help: ${called} --help`);
  for (const nested of command.commands) addHint(nested, `${called} ${nested.name()}`);
}
