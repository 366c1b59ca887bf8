import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import { bringUpToDate } from '../../../src/context.setup.js';
import { everything } from '../../../src/access/scope.js';
import { projectRoot } from '../../../src/platform/project-root.js';
import { composeMail } from '../../../src/reminders/mail-composer.js';
import type { OutgoingMessage } from '../../../src/reminders/message-sender.js';
import { openReminders, seedCity, type Reminders } from '../../support/reminder-city.js';
import { startWorkerProcess } from '../../support/wave-process.js';
import { createDatabase, type BenchService } from './bench-service.js';
import { atLeast, atMost, ratio, type Ratio } from './ratio.js';

const ON = '2022-11-10';
const DAYS = [ON, '2022-11-09', '2022-11-08'];
const hr = everything('bench');
const FROM = { name: '人事課', address: 'jinji@example.jp' };
const CONNECTIONS = 10;
const MESSAGES = 10_000;
const FEW = 1_000;
const MANY = 100_000;

/** What a wave costs: the same whatever the size of the organisation, and so measured once. */
export async function waves({ size, databaseUrl: server }: BenchService): Promise<Ratio[]> {
  if (size !== 'S') return [];
  // First: after a hundred thousand rows have changed twice, the server cleans up beside whatever is measured.
  const { bare, wave } = await throughput(server);
  const [few, many] = [await peakMemory(server, FEW), await peakMemory(server, MANY)];
  return [
    ratio(
      `a wave of ${MESSAGES} messages ÷ bare nodemailer (messages a second)`,
      size,
      atLeast(0.8),
      wave / bare,
      {
        'bare/s': bare,
        'wave/s': wave,
      },
    ),
    ratio(`most memory of a process that sends ${MANY} messages ÷ ${FEW}`, size, atMost(1.1), many / few, {
      [`${MANY} (MB)`]: many,
      [`${FEW} (MB)`]: few,
    }),
  ];
}

/** The same messages to the same server in a second: bare, and as a wave from its start to its end on record. */
function throughput(server: string): Promise<{ bare: number; wave: number }> {
  return onSink(async (url) => {
    const databaseUrl = await createDatabase(server, 'bench_waves');
    await bringUpToDate({ databaseUrl });
    const reminders = await openReminders(databaseUrl, {
      SMTP_URL: url,
      MAIL_FROM: `${FROM.name} <${FROM.address}>`,
      MAIL_CONFIRM_ABOVE: String(2 * MESSAGES),
    });
    try {
      await seedCity(reminders.db, sections(MESSAGES));
      await reminders.db.query('ANALYZE');
      let [wave, bare] = [0, 0];
      // In turns, and the best of each: other work on the machine slows down whichever it meets.
      for (const on of DAYS) {
        const began = performance.now();
        const { id, counts } = await reminders.waves.start(hr, 'manager-monthly', on);
        wave = Math.max(wave, (1000 * counts.sent) / (performance.now() - began));
        bare = Math.max(bare, await sendBare(url, await messagesOf(reminders, id)));
      }
      return { bare, wave };
    } finally {
      await reminders.close();
    }
  });
}

/** What a process holds at most that sends a wave of so many, in MB; Linux only. */
function peakMemory(server: string, deliveries: number): Promise<number> {
  return onSink(async (url) => {
    const databaseUrl = await createDatabase(server, `bench_waves_${deliveries}`);
    await bringUpToDate({ databaseUrl });
    const reminders = await openReminders(databaseUrl, { SMTP_URL: url, MAIL_CONFIRM_ABOVE: '1' });
    try {
      await seedCity(reminders.db, sections(2));
      const { id } = await reminders.waves.start(hr, 'manager-monthly', ON);
      await reminders.db.query(
        `INSERT INTO delivery (wave_id, recipient, channel, staff_id, unit_id, address, context, state, message_id)
         SELECT wave_id, 'copy:' || n, channel, staff_id, unit_id, address, context, 'queued', '<' || n || '@bench.example.jp>'
         FROM generate_series(1, $1::int - 2) AS n, (SELECT * FROM delivery ORDER BY id LIMIT 1) AS first`,
        [deliveries],
      );
      const { child } = await startWorkerProcess(databaseUrl, url, {});
      try {
        await reminders.control.act(hr, id, 'confirm');
        while ((await reminders.waves.summary(hr, id)).state !== 'finished') await wait(500);
        const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
        return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)![1]) / 1024);
      } finally {
        const gone = once(child, 'close');
        child.kill('SIGTERM');
        await gone;
      }
    } finally {
      await reminders.close();
    }
  });
}

/** One person a section, who manages it and has no card. */
function sections(count: number) {
  return Array.from({ length: count }, (_, n) => ({ code: String(n + 1), staff: 1, held: 0 }));
}

async function messagesOf({ db, waves }: Reminders, id: number): Promise<OutgoingMessage[]> {
  const rows: { id: number; address: string; message_id: string }[] = await db.query(
    'SELECT id::int, address, message_id FROM delivery WHERE wave_id = $1',
    [id],
  );
  const messages: OutgoingMessage[] = [];
  for (const { id: deliveryId, address, message_id: messageId } of rows) {
    const text = await waves.text(hr, id, deliveryId);
    messages.push({ ...text, deliveryId, to: address, messageId, waveName: '', date: new Date(0) });
  }
  return messages;
}

async function sendBare(url: string, messages: readonly OutgoingMessage[]): Promise<number> {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: CONNECTIONS,
    maxMessages: Infinity,
  });
  const left = messages.values();
  const began = performance.now();
  // As many at a time as keep the connections busy: the library would queue any number.
  await Promise.all(
    Array.from({ length: 2 * CONNECTIONS }, async () => {
      for (const message of left) {
        // As the library writes the same message.
        const { text, html } = message;
        await transport.sendMail({ ...composeMail(message, FROM), text, html, textEncoding: 'base64' });
      }
    }),
  );
  const rate = (1000 * messages.length) / (performance.now() - began);
  transport.close();
  return rate;
}

async function onSink<T>(use: (url: string) => Promise<T>): Promise<T> {
  const child = spawn(process.execPath, [join(projectRoot, 'test', 'support', 'sink.mjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [url] = (await once(child.stdout, 'data')) as [Buffer];
  try {
    return await use(url.toString().trim());
  } finally {
    child.stdin.end();
  }
}
