import { UserService } from './access/user.service.js';
import { createApp } from './app.setup.js';
import { explainFailure, run, stopOnSignals } from './process.js';

try {
  const { app, config, logger, stop } = await run(createApp);
  stopOnSignals(stop);
  try {
    const first = await app.get(UserService).ensureFirstAdministrator();
    await app.listen(config.port, config.host);
    if (first) {
      process.stdout.write(
        `最初の管理者 ${first.name} の一度だけ使えるパスワード: ${first.oneTimePassword}\n` +
          '(この表示は一度だけです。ログインすると新しいパスワードの設定を求めます)\n',
      );
    }
    process.stdout.write(`${config.baseUrl} で利用できます。\n`);
    logger.info({ host: config.host, port: config.port }, 'listening');
  } catch (error) {
    await stop();
    throw error;
  }
} catch (error) {
  const { message, exitCode } = explainFailure(error);
  process.stderr.write(`${message}\n`);
  process.exit(exitCode);
}
