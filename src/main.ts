import { UserService } from './access/user.service.js';
import { createApp } from './app.setup.js';
import { fail, listen, run } from './process.js';

try {
  const { app, config, logger, stop } = await run(createApp, { onSignal: 'finish' });
  try {
    const first = await app.get(UserService).ensureFirstAdministrator();
    // At once: the password is kept nowhere, and what comes next can fail.
    if (first) {
      process.stdout.write(
        `最初の管理者 ${first.name} の一度だけ使えるパスワード: ${first.oneTimePassword}\n` +
          '(この表示は一度だけです。ログインすると新しいパスワードの設定を求めます)\n',
      );
    }
    const port = await listen(app, config);
    process.stdout.write(`${config.baseUrl} で利用できます。\n`);
    logger.info({ host: config.host, port }, 'listening');
  } catch (error) {
    await stop();
    throw error;
  }
} catch (error) {
  await fail(error);
  process.exit();
}
