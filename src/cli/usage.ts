import type { CommanderError } from 'commander';
import { AppError } from '../platform/errors.js';
import { containsIndividualNumber } from '../platform/individual-number.js';

/** An argument ends up in shell histories and process lists; at least it goes no further. */
export function refuseIndividualNumbers(args: readonly string[]): void {
  // Together as well: a number typed with spaces arrives in pieces.
  if ([...args, args.join(' ')].some(containsIndividualNumber)) {
    throw new AppError(
      'individual_number',
      'refused',
      '引数に個人番号(マイナンバー)と読める12桁の数字が含まれているため、実行していません。端末の履歴からも消してください。',
    );
  }
}

const HINT = '使い方は --help で表示します。';

/** A command line that cannot be understood, in Japanese; of what was typed it repeats names only. */
export function toUsageError(error: CommanderError): AppError {
  const name = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  const sentences: Record<string, string> = {
    'commander.unknownCommand': `${name} というコマンドはありません。`,
    'commander.unknownOption': `${name} というオプションはありません。`,
    'commander.missingArgument': `引数 ${name} がありません。`,
    'commander.excessArguments': '引数が多すぎます。空白を含む値は引用符で囲んでください。',
    'commander.missingMandatoryOptionValue': `オプション ${name} を指定してください。`,
    'commander.optionMissingArgument': `オプション ${name} の値がありません。`,
    'commander.invalidArgument': `${name} の値が正しくありません。${ownHint(error.message)}`,
    'commander.help': 'コマンドを指定してください。',
  };
  const sentence = sentences[error.code] ?? 'コマンドの書き方が正しくありません。';
  return new AppError('bad_command_line', 'invalid', sentence + HINT);
}

/** What our own checks of an argument say stands behind the library's sentence. */
function ownHint(message: string): string {
  const own = /is invalid\. (.+)$/s.exec(message)?.[1] ?? '';
  const choices = /^Allowed choices are (.+)\.$/.exec(own)?.[1];
  return choices === undefined ? own : `${choices} のどれかを指定してください。`;
}
