import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { projectRoot } from '../../../src/platform/project-root.js';
import type { Dice } from '../dice.js';
import type { CommandInput, ConfigInput } from './input.js';
import { disguised, individualNumber } from './numbers.js';
import { hostileText, nearText } from './texts.js';

export const IMPORT_FIXTURES = 'test/fixtures/import';

/** Replaces the whole database: what it is for. */
const LEFT_OUT = new Set(['restore', 'help']);

export interface KnownCommand {
  /** `user add` */
  readonly path: readonly string[];
  readonly values: readonly string[];
  readonly options: readonly { readonly flag: string; readonly name: string; readonly takesValue: boolean }[];
}

/** What the command line knows: a new command is attacked by itself. */
export function commandsOf(parent: Command, path: readonly string[] = []): KnownCommand[] {
  return parent.commands
    .filter((command) => !LEFT_OUT.has(command.name()))
    .flatMap((command) => {
      const own = [...path, command.name()];
      if (command.commands.length > 0) return commandsOf(command, own);
      return [
        {
          path: own,
          values: command.registeredArguments.map((argument) => argument.name()),
          options: command.options.map((option) => ({
            flag: option.long ?? option.short ?? '',
            name: option.attributeName(),
            takesValue: option.required || option.optional,
          })),
        },
      ];
    });
}

const FIXTURES = ['ok', 'not-ok'].flatMap((folder) =>
  readdirSync(join(projectRoot, IMPORT_FIXTURES, folder)).map((name) => join(folder, name)),
);

export function hostileCommand(
  dice: Dice,
  commands: readonly KnownCommand[],
  folders: { readonly inputs: string; readonly commands: string },
  apart: boolean,
): CommandInput {
  const numbers: string[] = [];
  const valueOf = (name: string): string => {
    if (dice.chance(0.08)) {
      numbers.push(individualNumber(dice));
      return disguised(dice, numbers.at(-1)!);
    }
    // Files are written where they do no harm.
    if (/out|dir|file/i.test(name) && !dice.chance(0.3))
      return dice.chance(0.5)
        ? join(folders.inputs, dice.pick(FIXTURES))
        : join(folders.commands, `out-${dice.below(50)}`);
    const text = dice.chance(0.6) ? nearText(dice, name) : hostileText(dice);
    return /out|dir|file/i.test(name)
      ? join(folders.commands, text.replace(/[./\\:]/g, '_').slice(0, 80))
      : text;
  };
  const command = dice.pick(commands);
  const options = command.options
    .filter(() => dice.chance(0.45))
    .flatMap(({ flag, name, takesValue }) => (takesValue ? [flag, valueOf(name)] : [flag]));
  const values = command.values.filter(() => dice.chance(0.95)).map(valueOf);
  const odd = dice.chance(0.1)
    ? [dice.pick(['--', '-', '--nope', '-x', '--__proto__', '--json=1', hostileText(dice)])]
    : [];
  const asJson = dice.chance(0.5) ? ['--json'] : [];
  // A process takes no U+0000 in its arguments.
  const args = [...command.path, ...values, ...options, ...odd, ...asJson].map((arg) =>
    arg.replaceAll('\0', '').slice(0, 20_000),
  );
  return {
    door: 'command',
    about: command.path.join(' '),
    args,
    apart,
    numbers,
    mustRefuse: numbers.length > 0,
  };
}

/** Every variable that the operator's guide or the example names. */
const VARIABLES = [
  ...new Set(
    ['docs/operations.md', '.env.example'].flatMap((path) =>
      [...readFileSync(join(projectRoot, path), 'utf8').matchAll(/\b[A-Z][A-Z_]{2,}\b/g)].map(
        ([name]) => name,
      ),
    ),
  ),
];
const SETTINGS = [
  'postgresql://user:himitsu@db.example.jp:5432/tracker',
  'postgresql:///tracker?host=/run',
  'postgres://',
  'smtp://mail.example.jp',
  'smtps://user:himitsu@mail.example.jp:465',
  'jinji@example.jp',
  '人事課 <jinji@example.jp>',
  'https://card.example.jp',
  'http://localhost',
  '127.0.0.1,10.0.0.0/8',
  '10.0.0.0/99',
  'true',
  'production',
  '2022-12-05T09:00:00+09:00',
  '2022-13-05T09:00:00+09:00',
  '65536',
  '-1',
  '3000',
  'card-hr=hr,card-leader=leader',
  'a=b=c@d,,,=',
  'http://[::1',
  'javascript:alert(1)',
  'silent',
];

export function hostileConfig(dice: Dice): ConfigInput {
  const numbers: string[] = [];
  const entries = dice.times(1, 6, () => {
    let value = dice.chance(0.6) ? dice.pick(SETTINGS) : hostileText(dice);
    if (dice.chance(0.05)) {
      numbers.push(individualNumber(dice));
      value = disguised(dice, numbers.at(-1)!);
    }
    return [dice.pick(VARIABLES), value] as const;
  });
  return {
    door: 'config',
    about: entries.map(([name]) => name).join(' '),
    env: Object.fromEntries(entries),
    numbers,
    mustRefuse: false,
  };
}
