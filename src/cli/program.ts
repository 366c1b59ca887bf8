import { Command, CommanderError } from 'commander';
import { fail } from '../process.js';
import { addAdoptionCommands } from './adoption.commands.js';
import { addAnswerCommands } from './answer.commands.js';
import { addChatCommands } from './chat.commands.js';
import { CommandLine, type Started } from './command-line.js';
import { addDefinitionCommands } from './definition.commands.js';
import { addExceptionCommands } from './exception.commands.js';
import { addImportCommands } from './import.commands.js';
import { addLaterCommands } from './later.commands.js';
import { addOperationCommands } from './operation.commands.js';
import { addPolicyCommands } from './policy.commands.js';
import { addPrivacyCommands } from './privacy.commands.js';
import { addReorganisationCommands } from './reorganisation.commands.js';
import { addReminderCommands } from './reminder.commands.js';
import { addReportCommands } from './report.commands.js';
import { addTemplateCommands } from './template.commands.js';
import { addUserCommands } from './user.commands.js';
import { refuseIndividualNumbers, toUsageError } from './usage.js';
import { addVerifyCommand } from './verify.commands.js';

/** One command line, from what was typed to the exit code; of what goes wrong it says one sentence. */
export async function runProgram(args: readonly string[], start: () => Promise<Started>): Promise<void> {
  try {
    refuseIndividualNumbers(args);
    await createProgram(start).parseAsync(args, { from: 'user' });
  } catch (error) {
    // Help that was asked for is no failure.
    if (error instanceof CommanderError && error.exitCode === 0) return;
    await fail(
      error instanceof CommanderError ? toUsageError(error) : error,
      ({ code, message, details }) => {
        if (args.includes('--json'))
          process.stdout.write(`${JSON.stringify({ ...details, code, detail: message })}\n`);
      },
    );
  }
}

/** Every command; `start` is called by those that need the rooms, once their arguments are understood. */
export function createProgram(start: () => Promise<Started>): Command {
  const program = new Command('cli')
    .description('マイナンバーカード職員取得状況 コマンド')
    .option('--json', '結果を1つのJSONで標準出力に書く')
    .helpOption('-h, --help', '使い方を表示する')
    .helpCommand('help [command]', '使い方を表示する')
    .configureHelp({ styleTitle })
    .exitOverride()
    // Its own sentences are English and repeat what was typed; ours stand instead.
    .configureOutput({ outputError: () => {} });

  const line = new CommandLine(start, () => program.opts<{ json?: boolean }>().json === true);
  addImportCommands(program, line);
  addReorganisationCommands(program, line);
  addAdoptionCommands(program, line);
  addDefinitionCommands(program, line);
  addExceptionCommands(program, line);
  addPolicyCommands(program, line);
  addReminderCommands(program, line);
  addAnswerCommands(program, line);
  addChatCommands(program, line);
  addTemplateCommands(program, line);
  addReportCommands(program, line);
  addUserCommands(program, line);
  addOperationCommands(program, line);
  addPrivacyCommands(program, line);
  addVerifyCommand(program, line);
  addLaterCommands(program);
  return program;
}

function styleTitle(title: string): string {
  const titles: Record<string, string> = {
    'Usage:': '使い方:',
    'Arguments:': '引数:',
    'Options:': 'オプション:',
    'Commands:': 'コマンド:',
  };
  return titles[title] ?? title;
}
