import { everything, type Scope } from '../access/scope.js';
import { columnsOf } from '../platform/columns.js';
import type { Rooms } from './rooms.js';

export interface Started {
  readonly rooms: Rooms;
  stop(): Promise<void>;
  /** What to do before a signal cuts the command off. */
  onInterrupt(leave: () => Promise<void>): void;
}

/** What a command answers: a document for `--json`, lines for people, and whether input was refused. */
export interface Answer {
  readonly json: unknown;
  readonly text: string;
  readonly refused?: boolean;
  /** What a command found, where that is no success. */
  readonly exitCode?: number;
}

/** Starts the application for one command, prints its answer and sets the exit code. */
export class CommandLine {
  constructor(
    private readonly start: () => Promise<Started>,
    private readonly asJson: () => boolean,
  ) {}

  /** The operator works with every right; what is done is recorded under this name. */
  readonly scope: Scope = everything('cli:operator');

  async answer(
    command: (rooms: Rooms, onInterrupt: Started['onInterrupt']) => Promise<Answer>,
  ): Promise<void> {
    const { rooms, stop, onInterrupt } = await this.start();
    try {
      const { json, text, refused, exitCode } = await command(rooms, onInterrupt);
      const output = this.asJson() ? JSON.stringify(json) : text;
      process.stdout.write(`${output}\n`);
      if (exitCode !== undefined) process.exitCode = exitCode;
      if (refused) process.exitCode = 2;
    } finally {
      await stop();
    }
  }
}

/** Columns for people at a terminal: full-width characters count as two. */
export function table(rows: readonly (readonly string[])[], align: readonly ('left' | 'right')[]): string {
  const widths = align.map((_, column) => Math.max(...rows.map((row) => columnsOf(row[column] ?? ''))));
  const pad = (cell: string, column: number) => {
    const space = ' '.repeat(widths[column]! - columnsOf(cell));
    return align[column] === 'right' ? space + cell : cell + space;
  };
  return rows.map((row) => row.map(pad).join('  ').trimEnd()).join('\n');
}
