import { readConfig, ConfigError } from '../../../src/platform/config.js';
import { cli } from '../../support/programs.js';
import { createProgram } from '../../../src/cli/program.js';
import { routesOf, type Route } from '../../support/routes.js';
import { TEST_NOW } from '../../support/test-app.js';
import { runCommand, type CommandResult } from './command-runner.js';
import { commandsOf, hostileCommand, hostileConfig, type KnownCommand } from './commands.js';
import { Dice } from '../dice.js';
import { hostileUpload } from './files.js';
import type { CommandInput, ConfigInput, Door, HttpInput, Input } from './input.js';
import { NumberFinder } from './numbers.js';
import { hostileRequest } from './requests.js';
import { hostileSocket } from './sockets.js';
import type { Reply, Target } from './target.js';
import { INJECTED_HEADER, MARKUP } from './texts.js';

export interface Loss {
  readonly number: number;
  readonly door: Door | 'end';
  readonly about: string;
  readonly fault: string;
}

/** How often each door is tried. A workbook takes a thread of its own, a password a tenth of a second. */
const WEIGHTS = { http: 84, config: 6, table: 4, socket: 3.5, command: 1.5, workbook: 1 };
/** A process takes a second to start. */
const PROCESS_EVERY = 5_000;
const AT_ONCE = 6;
const WINDOW = 60;
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND']);
/** A sign-in or sign-out, an own token, an own password: all that those may change who only look. */
const OWN = new Set(['app_session', 'api_token', 'app_user']);
const LOOKERS = new Set(['manager', 'leader', 'auditor', 'reading token', 'newcomer', 'nobody']);
const PREVIEW = /^POST (?:\/api\/v1)?\/imports\/[a-z]+$/;

/** Sends input after input and says what no input may ever bring about. */
export class Attack {
  readonly losses: Loss[] = [];
  readonly sent = new Set<string>();
  readonly doors: Record<Door, number> = { http: 0, file: 0, socket: 0, command: 0, config: 0 };
  readonly answers = { accepted: 0, refused: 0, limited: 0, unanswered: 0, notAvailable: 0 };
  private readonly routes: readonly Route[];
  private readonly commands: readonly KnownCommand[];

  constructor(
    private readonly target: Target,
    private readonly seed: number,
  ) {
    this.routes = routesOf(target.city.app);
    const unused = () => Promise.reject(new Error('only its commands are asked for'));
    this.commands = commandsOf(createProgram(unused));
  }

  /** Inputs from `first` up to, not including, `end`. What changes nothing goes side by side, the rest one by one. */
  async run(first: number, end: number, progress: (done: number) => void): Promise<void> {
    for (let start = first; start < end; start += WINDOW) {
      const inputs = Array.from({ length: Math.min(WINDOW, end - start) }, (_, n) => ({
        number: start + n,
        input: this.input(start + n),
      }));
      const [harmless, changing] = [inputs.filter(isHarmless), inputs.filter((one) => !isHarmless(one))];
      await this.sideBySide(harmless);
      for (const { number, input } of changing) await this.oneByOne(number, input);
      progress(start + inputs.length - first);
    }
  }

  private input(number: number): Input {
    const dice = new Dice(this.seed, number);
    if (number % PROCESS_EVERY === PROCESS_EVERY - 1) return this.command(dice, true);
    switch (dice.weighted(WEIGHTS)) {
      case 'table':
        return hostileUpload(dice, false);
      case 'workbook':
        return hostileUpload(dice, true);
      case 'socket':
        return hostileSocket(dice);
      case 'config':
        return hostileConfig(dice);
      case 'command':
        return this.command(dice, false);
      default:
        return hostileRequest(dice, this.routes);
    }
  }

  private command(dice: Dice, apart: boolean): CommandInput {
    return hostileCommand(dice, this.commands, this.target.folders, apart);
  }

  private async sideBySide(inputs: readonly { number: number; input: Input }[]): Promise<void> {
    const waiting = [...inputs];
    const lane = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) await this.try(next.number, next.input);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    const changed = await this.target.journal.changed();
    if (changed.length === 0) return;
    // Once more, each by itself: one of them has done it.
    for (const { number, input } of inputs) {
      await this.try(number, input);
      const again = await this.target.journal.changed();
      if (again.length > 0) this.lose(number, input, `a request that only asks changed ${again.join(', ')}`);
    }
    if (this.losses.length === 0)
      this.lose(
        inputs[0]!.number,
        inputs[0]!.input,
        `one of the next ${inputs.length} changed ${changed.join(', ')}`,
      );
  }

  private async oneByOne(number: number, input: Input): Promise<void> {
    const wasAccepted = await this.try(number, input);
    const changed = await this.target.journal.changed();
    if (changed.length === 0) return;
    const listed = changed.join(', ');
    if (!wasAccepted) this.lose(number, input, `refused, but ${listed} changed`);
    if (wasAccepted && (input.door === 'http' || input.door === 'file')) {
      const path = `${input.method} ${input.url.split('?')[0]}`;
      if (PREVIEW.test(path) && listed !== 'import_batch')
        this.lose(number, input, `a preview changed ${listed}`);
      if (LOOKERS.has(input.actor) && changed.some((table) => !OWN.has(table)))
        this.lose(number, input, `${input.actor} changed ${listed}`);
    }
    if (changed.some((table) => table.startsWith('app_'))) {
      await this.target.signInAgain();
      await this.target.journal.changed();
    }
  }

  /** Answers whether the input was taken. */
  private async try(number: number, input: Input): Promise<boolean> {
    this.doors[input.door]++;
    for (const one of input.numbers) this.sent.add(one);
    try {
      switch (input.door) {
        case 'socket':
          return this.judgeSocket(number, input, await this.target.sendRaw(input));
        case 'config':
          return this.tryConfig(number, input);
        case 'command':
          return this.judgeCommand(number, input, await this.runCommand(input));
        default:
          return await this.judgeReply(number, input, await this.target.send(input, number));
      }
    } catch (error) {
      this.lose(number, input, `the trial got ${error instanceof Error ? error.message : typeof error}`);
      return false;
    }
  }

  private async judgeReply(number: number, input: HttpInput, reply: Reply): Promise<boolean> {
    const { status, headers, text } = reply;
    const location = String(headers.location ?? '');
    const type = String(headers['content-type'] ?? '');
    if (status === 501 && text.includes('"not_available"')) this.answers.notAvailable++;
    else if (status >= 500) this.lose(number, input, `answered ${status}: ${this.target.lastError()}`);
    if (status === 0 && (input.body?.length ?? 0) < 60_000)
      this.lose(number, input, 'cut off without an answer');
    if (this.echoes(input, text + JSON.stringify(headers)))
      this.lose(number, input, 'repeats the individual number');
    if (/html/.test(type) && text.includes(MARKUP))
      this.lose(number, input, 'markup stands in the page as it was sent');
    if (INJECTED_HEADER in headers) this.lose(number, input, 'a header was injected');
    if (location !== '' && !/^\/(?![/\\])/.test(location)) this.lose(number, input, 'leads to another site');
    if (/\n\s+at .+:\d+:\d+|SELECT .+ FROM|QueryFailed/.test(text) && !/javascript|json.*openapi/.test(type))
      this.lose(number, input, 'tells of its inside');

    const toSignIn = status === 303 && /^\/(sign-in\?next|password$)/.test(location);
    const accepted = status >= 100 && status < 400 && !toSignIn;
    if (accepted && input.mustRefuse && !(input.preview && (await this.isRefusedPreview(text))))
      this.lose(number, input, 'took an individual number');
    if (status === 429) this.answers.limited++;
    else if (status === 0) this.answers.unanswered++;
    else this.answers[accepted ? 'accepted' : 'refused']++;
    return accepted;
  }

  /** A preview answers a report: over the API at once, over the page as the newest import. */
  private async isRefusedPreview(text: string): Promise<boolean> {
    if (text.startsWith('{')) return (JSON.parse(text) as { canBeApplied: boolean }).canBeApplied === false;
    const [row] = await this.target.db.query<{ problems: number }[]>(
      `SELECT (report ->> 'problemCount')::int AS problems FROM import_batch ORDER BY id DESC LIMIT 1`,
    );
    return (row?.problems ?? 0) > 0;
  }

  private judgeSocket(number: number, input: Input, answer: string): boolean {
    const statuses = [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
    if (statuses.some((status) => status >= 500)) this.lose(number, input, `answered ${statuses.join(' ')}`);
    if (this.echoes(input, answer)) this.lose(number, input, 'repeats the individual number');
    this.answers[
      statuses.length === 0 ? 'unanswered' : statuses.every((s) => s < 400) ? 'accepted' : 'refused'
    ]++;
    return false;
  }

  private tryConfig(number: number, input: ConfigInput): boolean {
    try {
      readConfig({ ...input.env });
      this.answers.accepted++;
    } catch (error) {
      this.answers.refused++;
      if (!(error instanceof ConfigError))
        this.lose(
          number,
          input,
          `${error instanceof Error ? error.name : typeof error} instead of ConfigError`,
        );
      else if (/himitsu/.test(error.message) || this.echoes(input, error.message))
        this.lose(number, input, 'repeats a secret');
    }
    return false;
  }

  private async runCommand(input: CommandInput): Promise<CommandResult> {
    const { city } = this.target;
    if (!input.apart) return runCommand(city.app, input.args);
    const { databaseUrl, dataDir } = city;
    const env = { DATABASE_URL: databaseUrl, DATA_DIR: dataDir, NOW: TEST_NOW };
    const { code, stdout, stderr } = await cli(env, ...input.args);
    const outcome = code === 0 ? 'done' : code === 2 || code === 3 ? 'refused' : 'failed';
    return { outcome, code: `exit ${code}`, output: stdout + stderr };
  }

  private judgeCommand(
    number: number,
    input: CommandInput,
    { outcome, code, output }: CommandResult,
  ): boolean {
    if (outcome === 'failed') this.lose(number, input, `failed: ${code}`);
    if (this.echoes(input, output)) this.lose(number, input, 'repeats the individual number');
    if (input.mustRefuse && outcome === 'done') this.lose(number, input, 'took an individual number');
    this.answers[outcome === 'done' ? 'accepted' : 'refused']++;
    return outcome === 'done';
  }

  private echoes(input: Input, text: string): boolean {
    return input.numbers.length > 0 && new NumberFinder(new Set(input.numbers)).isIn(text);
  }

  lose(number: number, { door, about }: Pick<Input, 'about'> & { door: Loss['door'] }, fault: string): void {
    this.losses.push({ number, door, about, fault });
  }
}

function isHarmless({ input }: { input: Input }): boolean {
  if (input.door === 'socket' || input.door === 'config') return true;
  return input.door === 'http' && SAFE_METHODS.has(input.method);
}
