import { Command, CommanderError } from 'commander';
import { addAdoptionCommands } from './cli/adoption.commands.js';
import { CommandLine } from './cli/command-line.js';
import { addImportCommands } from './cli/import.commands.js';
import { addLaterCommands } from './cli/later.commands.js';
import { addOperationCommands } from './cli/operation.commands.js';
import { addReminderCommands } from './cli/reminder.commands.js';
import { addReportCommands } from './cli/report.commands.js';
import { addPrivacyCommands } from './cli/privacy.commands.js';
import { addUserCommands } from './cli/user.commands.js';
import { refuseIndividualNumbers, toUsageError } from './cli/usage.js';
import { addVerifyCommand } from './cli/verify.commands.js';
import { fail, run } from './process.js';

const args = process.argv.slice(2);
const program = new Command('cli')
  .description('マイナンバーカード職員取得状況 コマンド')
  .option('--json', '結果を1つのJSONで標準出力に書く')
  .helpOption('-h, --help', '使い方を表示する')
  .helpCommand('help [command]', '使い方を表示する')
  .configureHelp({ styleTitle })
  .exitOverride()
  // Its own sentences are English and repeat what was typed; ours stand instead.
  .configureOutput({ outputError: () => {} });

const line = new CommandLine(startRooms, () => program.opts<{ json?: boolean }>().json === true);
addImportCommands(program, line);
addAdoptionCommands(program, line);
addReminderCommands(program, line);
addReportCommands(program, line);
addUserCommands(program, line);
addOperationCommands(program, line);
addPrivacyCommands(program, line);
addVerifyCommand(program, line);
addLaterCommands(program);

// Whoever reads our output may stop early, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  refuseIndividualNumbers(args);
  await program.parseAsync(process.argv);
} catch (error) {
  // Help that was asked for is no failure.
  if (!(error instanceof CommanderError && error.exitCode === 0)) {
    await fail(
      error instanceof CommanderError ? toUsageError(error) : error,
      ({ code, message, details }) => {
        if (args.includes('--json'))
          process.stdout.write(`${JSON.stringify({ ...details, code, detail: message })}\n`);
      },
    );
  }
}

/** Loads the rooms while the database starts: neither needs the other. */
async function startRooms() {
  const loading = Promise.all([import('./context.setup.js'), import('./cli/rooms.js')]);
  const { app, stop } = await run(async (options) => (await loading)[0].createContext(options), {
    logLevel: 'warn',
    onSignal: 'abandon',
  });
  return { rooms: (await loading)[1].roomsOf(app), stop };
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
