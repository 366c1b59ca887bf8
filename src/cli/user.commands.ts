import { InvalidArgumentError, Option, type Command } from 'commander';
import { ROLES, type Role } from '../access/scope.js';
import type { TokenAccess } from '../access/token.service.js';
import type { UserAdminService } from '../access/user-admin.service.js';
import type { AccountView, GrantView } from '../access/user-list.query.js';
import { AppError } from '../platform/errors.js';
import { table, type CommandLine } from './command-line.js';

const ONCE = '(この表示は一度だけです。ログインすると新しいパスワードの設定を求めます。期限は7日です)';
const SESSIONS_ENDED = 'ログインは切れました。';

interface AddOptions {
  readonly role: Role;
  readonly unit?: string;
  readonly displayName?: string;
  readonly staff?: string;
}

interface GrantOptions {
  readonly role: Role;
  readonly unit?: string;
  readonly from?: string;
  readonly until?: string;
}

interface TokenOptions {
  readonly access: TokenAccess;
  readonly role?: Role;
  readonly unit?: string;
  readonly days: number;
}

const roleOption = () => new Option('--role <role>', '権限').choices(ROLES);

export function addUserCommands(program: Command, line: CommandLine): void {
  const user = program.command('user').description('利用者');
  user
    .command('add')
    .description('利用者を加える(最初のパスワードを一度だけ表示する)')
    .argument('<name>', 'ログイン名')
    .addOption(roleOption().makeOptionMandatory())
    .option('--unit <code>', '権限の及ぶ所属(省略時は全体)')
    .option('--staff <number>', '職員番号(所属長の権限が名簿に従う)')
    .option('--display-name <name>', '画面に出す名前')
    .action((name: string, options: AddOptions) =>
      line.answer(async ({ users }) => {
        const { user: added, oneTimePassword } = await users.add(
          {
            name,
            role: options.role,
            unitCode: options.unit,
            staffNumber: options.staff,
            displayName: options.displayName,
          },
          line.scope.actor,
        );
        return {
          json: { name: added.name, role: options.role, unit: options.unit ?? null, oneTimePassword },
          text: `${added.name} を加えました。最初のパスワード: ${oneTimePassword}\n${ONCE}`,
        };
      }),
    );
  user
    .command('list')
    .description('利用者と権限の一覧')
    .action(() =>
      line.answer(async ({ admin }) => {
        const users = await admin.list(line.scope);
        const rows = users.map((account) => [
          account.name,
          account.displayName,
          account.disabled ? '停止中' : '',
          account.grants.map(toWord).join(' '),
        ]);
        return { json: { users }, text: table(rows, ['left', 'left', 'left', 'left']) };
      }),
    );
  user
    .command('grant')
    .description('権限を付ける')
    .argument('<name>', 'ログイン名')
    .addOption(roleOption().makeOptionMandatory())
    .option('--unit <code>', '権限の及ぶ所属(省略時は全体)')
    .option('--from <date>', '始まりの日(省略時は今日)')
    .option('--until <date>', '終わりの日(省略時は取り消すまで)')
    .action((name: string, { role, unit, from, until }: GrantOptions) =>
      change(line, name, `${name} に権限を付けました。${SESSIONS_ENDED}`, (admin) =>
        admin.grant(line.scope, name, { role, unitCode: unit, from, until }),
      ),
    );
  user
    .command('revoke')
    .description('権限を取り消す')
    .argument('<name>', 'ログイン名')
    .addOption(roleOption().makeOptionMandatory())
    .option('--unit <code>', '権限が及んでいる所属(省略時は全体)')
    .action((name: string, { role, unit }: { role: Role; unit?: string }) =>
      change(line, name, `${name} の権限を取り消しました。${SESSIONS_ENDED}`, async (admin) => {
        const { grants } = await admin.get(line.scope, name);
        const held = grants.filter(
          (grant) => grant.id !== null && grant.role === role && grant.unitCode === (unit ?? null),
        );
        if (held.length === 0) {
          throw new AppError('grant_not_found', 'not_found', 'この利用者に、その権限は付いていません。');
        }
        for (const grant of held) await admin.revoke(line.scope, name, grant.id!);
      }),
    );
  user
    .command('link')
    .description('職員番号、または庁内の認証基盤の利用者(sub)を結び付ける')
    .argument('<name>', 'ログイン名')
    .option('--staff <number>', '職員番号')
    .option('--subject <sub>', '認証基盤がその利用者に付けた識別子')
    .action((name: string, { staff, subject }: { staff?: string; subject?: string }) =>
      line.answer(async ({ admin, config }) => {
        if (staff === undefined && subject === undefined) {
          throw new AppError('bad_command_line', 'invalid', '--staff か --subject を指定してください。');
        }
        const issuer = config.oidc?.issuer;
        if (subject !== undefined && issuer === undefined) {
          throw new AppError('identity_provider_not_configured', 'conflict', 'OIDC_ISSUER が未設定です。');
        }
        if (staff !== undefined) await admin.linkStaff(line.scope, name, staff);
        if (subject !== undefined) await admin.linkProvider(line.scope, name, issuer!, subject);
        const account = await admin.get(line.scope, name);
        return { json: account, text: `${name} に結び付けました。${SESSIONS_ENDED}` };
      }),
    );
  user
    .command('disable')
    .description('利用者を止める')
    .argument('<name>', 'ログイン名')
    .action((name: string) =>
      change(line, name, `${name} を止めました。${SESSIONS_ENDED}`, (admin) =>
        admin.disable(line.scope, name),
      ),
    );
  user
    .command('enable')
    .description('止めた利用者を再び使えるようにする')
    .argument('<name>', 'ログイン名')
    .action((name: string) =>
      change(line, name, `${name} を使えるようにしました。`, (admin) => admin.enable(line.scope, name)),
    );
  user
    .command('end-sessions')
    .description('利用者のログインをすべて切る')
    .argument('<name>', 'ログイン名')
    .action((name: string) =>
      change(line, name, `${name} の${SESSIONS_ENDED}`, (admin) => admin.endSessions(line.scope, name)),
    );
  user
    .command('reset-password')
    .description('一度だけ使えるパスワードを作り直す')
    .argument('<name>', 'ログイン名')
    .action((name: string) =>
      line.answer(async ({ admin }) => {
        const oneTimePassword = await admin.resetPassword(line.scope, name);
        return {
          json: { name, oneTimePassword },
          text: `${name} の一度だけ使えるパスワード: ${oneTimePassword}\n${ONCE}`,
        };
      }),
    );
  addTokenCommands(program, line);
}

function addTokenCommands(program: Command, line: CommandLine): void {
  const token = program.command('token').description('APIトークン');
  token
    .command('add')
    .description('利用者のAPIトークンを作る(一度だけ表示する)')
    .argument('<name>', 'ログイン名')
    .argument('<purpose>', '用途')
    .addOption(
      new Option('--access <access>', '読み取りか読み書きか').choices(['read', 'write']).default('read'),
    )
    .addOption(roleOption())
    .option('--unit <code>', 'この所属に限る')
    .option('--days <days>', '有効な日数(365まで)', toDays, 90)
    .action((name: string, purpose: string, { access, role, unit, days }: TokenOptions) =>
      line.answer(async ({ admin, tokens }) => {
        const account = await admin.get(line.scope, name);
        const made = await tokens.addFor(line.scope.actor, account.id, {
          name: purpose,
          access,
          role,
          unitCode: unit,
          days,
        });
        return {
          json: { name: account.name, ...made },
          text: `${account.name} のAPIトークン: ${made.token}\n(この表示は一度だけです)`,
        };
      }),
    );
  token
    .command('list')
    .description('利用者のAPIトークンの一覧')
    .argument('<name>', 'ログイン名')
    .action((name: string) =>
      line.answer(async ({ admin, tokens }) => {
        const account = await admin.get(line.scope, name);
        const made = await tokens.list(account.id);
        const rows = made.map((item) => [String(item.id), item.name, item.access, item.state]);
        return { json: { tokens: made }, text: table(rows, ['right', 'left', 'left', 'left']) };
      }),
    );
  token
    .command('revoke')
    .description('APIトークンを取り消す')
    .argument('<name>', 'ログイン名')
    .argument('<id>', 'トークンの番号', toId)
    .action((name: string, id: number) =>
      line.answer(async ({ admin, tokens }) => {
        const account = await admin.get(line.scope, name);
        await tokens.revoke(line.scope.actor, account.id, id);
        return { json: { name: account.name, id, revoked: true }, text: '取り消しました。' };
      }),
    );
}

function change(
  line: CommandLine,
  name: string,
  text: string,
  act: (admin: UserAdminService) => Promise<void>,
): Promise<void> {
  return line.answer(async ({ admin }) => {
    await act(admin);
    const account: AccountView = await admin.get(line.scope, name);
    return { json: account, text };
  });
}

function toWord({ role, unitCode, source }: GrantView): string {
  const where = unitCode === null ? '' : `@${unitCode}`;
  return source === 'roster' ? `${role}${where}(名簿)` : `${role}${where}`;
}

function toDays(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError('日数は 90 のように指定してください。');
  return Number(text);
}

function toId(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('番号は token list で確かめてください。');
  return Number(text);
}
