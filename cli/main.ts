import { EXIT, RUN, UsageError } from './command.ts';
import { COMMANDS } from './commands.ts';
import { explain } from './explain.ts';
import { columns } from './format.ts';
import { nearest } from './nearest.ts';
import { Terminal } from './terminal.ts';

const HELP = `Usage: ${RUN} <command> [--stage dev] [--region eu-central-1]

${columns(Object.values(COMMANDS).map(({ usage, summary }) => [`  ${usage}`, summary])).join('\n')}

${RUN} doctor --help says all about a command.
The region and the credentials are those of the AWS CLI: AWS_REGION, AWS_PROFILE, or a file in ~/.aws.
Exit code: 0 done, 1 failed, 2 the command line is wrong.`;

const terminal = new Terminal(process.stdin, process.stdout, process.stderr);
// Who reads no further, such as head, has all that he wanted; what the command writes elsewhere has to come to its end all the same.
let unwritten = false;
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    unwritten ||= code !== 'EPIPE';
  });
}
const exitCode = await main(process.argv.slice(2));
process.exitCode = unwritten && exitCode === EXIT.done ? EXIT.failed : exitCode;

async function main(args: readonly string[]): Promise<number> {
  const { name, rest } = findCommand(args);
  const command = COMMANDS[name];
  if (!command) {
    return withoutCommand(args);
  }
  try {
    return await (await command.load()).run(rest, terminal);
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.note(`${error.message}. Help: ${RUN} ${name} --help`);
      return EXIT.usage;
    }
    terminal.note(explain(error));
    return EXIT.failed;
  } finally {
    terminal.live(undefined);
  }
}

/** Finds the command, which may stand behind options: `--stage prod config push connector.json`. */
function findCommand(args: readonly string[]): { name: string; rest: readonly string[] } {
  const last = args[0]?.startsWith('-') ? args.length : 1;
  for (let index = 0; index < last; index += 1) {
    for (const length of [2, 1]) {
      const name = args.slice(index, index + length).join(' ');
      if (Object.hasOwn(COMMANDS, name)) {
        return { name, rest: args.toSpliced(index, length) };
      }
    }
  }
  return { name: '', rest: args };
}

function withoutCommand(args: readonly string[]): number {
  const words = args.filter((word) => !word.startsWith('-'));
  if (words.length === 0) {
    const wrong = args.find((word) => word !== '--help');
    if (wrong === undefined) terminal.print(HELP);
    else terminal.note(`There is no command. Help: ${RUN} --help`);
    return wrong === undefined ? EXIT.done : EXIT.usage;
  }
  const group = Object.values(COMMANDS).filter(({ usage }) => usage.startsWith(`${words[0]} `));
  const given = words.slice(0, 2).join(' ');
  const names = Object.keys(COMMANDS);
  const close = nearest(given, names) ?? nearest(words[0] ?? '', names);
  const others = group.length > 0 ? group.map(({ usage }) => usage).join(', ') : close;
  terminal.note(
    `There is no command "${group.length > 0 ? given : words[0]}"${others ? `; did you mean: ${others}?` : '.'} Help: ${RUN} --help`,
  );
  return EXIT.usage;
}
