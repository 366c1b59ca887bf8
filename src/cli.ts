import { Command, CommanderError } from 'commander';
import { addAdoptionCommands } from './cli/adoption.commands.js';
import { addImportCommands } from './cli/import.commands.js';
import { addLaterCommands } from './cli/later.commands.js';
import { addOperationCommands } from './cli/operation.commands.js';
import { addReminderCommands } from './cli/reminder.commands.js';
import { addReportCommands } from './cli/report.commands.js';
import { CommandLine } from './cli/command-line.js';
import { createContext } from './app.setup.js';
import { explainFailure, run } from './process.js';

const program = new Command('cli')
  .description('マイナンバーカード職員取得状況 コマンド')
  .option('--json', '結果を1つのJSONで標準出力に書く')
  .exitOverride()
  .configureOutput({ writeErr: (text) => process.stderr.write(text) });

const line = new CommandLine(() => run(createContext, {}, 'warn'), program);
addImportCommands(program, line);
addAdoptionCommands(program, line);
addReminderCommands(program, line);
addReportCommands(program, line);
addOperationCommands(program, line);
addLaterCommands(program);

try {
  await program.parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    const { message, exitCode } = explainFailure(error);
    process.stderr.write(`${message}\n`);
    process.exitCode = exitCode;
  }
}
