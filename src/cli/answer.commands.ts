import type { Command } from 'commander';
import type { CommandLine } from './command-line.js';

export function addAnswerCommands(program: Command, line: CommandLine): void {
  program
    .command('answer-links')
    .description('職員が回答するためのリンク')
    .command('retire')
    .description('送ったリンクをすべて使えなくする(回答の記録は残る)')
    .action(() =>
      line.answer(async ({ answerLinks }) => ({
        json: await answerLinks.retire(line.scope),
        text: 'これまでに送った回答用のリンクは、すべて使えなくなりました。回答の記録は変わりません。次に送る案内から、新しいリンクになります。いま配信中の案内があるときは、数秒の間に送られた分のリンクも使えません。',
      })),
    );
}
