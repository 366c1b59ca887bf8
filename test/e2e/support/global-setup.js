/**
 * Two services on the demo's data: `november` is the demo itself, which tests only look at; `december` is the real
 * service a month later on a second copy, with a mail server, where tests import, send and close.
 */
import { buildIfStale } from '../../../scripts/build-if-stale.mjs';
import { startMailServer } from './mail-server.js';
import { removeFolder, signInsOf, startProgram, temporaryFolder } from './services.js';

export default async function setUp() {
  buildIfStale();
  const started = { folders: [], programs: [], mail: await startMailServer() };
  globalThis.__e2e = started;
  try {
    const demo = async () => {
      const dataDir = await temporaryFolder();
      started.folders.push(dataDir);
      return { dataDir, program: await startProgram('demo', dataDir) };
    };
    const [now, later] = await Promise.all([demo(), demo()]);
    started.programs.push(now.program);
    await later.program.stop();
    const december = await startProgram('main', later.dataDir, {
      NOW: '2022-12-05T09:00:00+09:00',
      SMTP_URL: started.mail.url,
      MAIL_FROM: 'jinji@example.jp',
    });
    started.programs.push(december);
    // Workers are processes of their own: they learn by their environment.
    process.env.E2E_SERVICES = JSON.stringify({
      november: { url: now.program.url, signIns: signInsOf(now.program.output) },
      december: {
        url: december.url,
        signIns: signInsOf(later.program.output),
        dataDir: later.dataDir,
      },
    });
  } catch (error) {
    await tearDown();
    throw error;
  }
}

export async function tearDown() {
  const { folders, programs, mail } = globalThis.__e2e;
  await Promise.all(programs.map((program) => program.stop()));
  await mail.close();
  await Promise.all(folders.map(removeFolder));
}
