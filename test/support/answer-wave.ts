import { readdir, readFile } from 'node:fs/promises';
import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { simpleParser, type ParsedMail } from 'mailparser';
import type { DataSource, EntityManager } from 'typeorm';
import { enqueueWave } from '../../src/reminders/delivery-queue.query.js';
import { addVersion, versionOf } from '../../src/reminders/template.query.js';

/** A message that says nothing but where to answer. */
const TEMPLATE = {
  subject: '取得状況を教えてください',
  text: '{{city}}\n{{answerUrl}}\n',
  html: '<html><head></head><body><p>{{city}}</p><a href="{{answerUrl}}">回答する</a></body></html>',
};

export interface AnswerWave {
  readonly staffNumbers: readonly string[];
  readonly on?: string;
  /** When it was started; on its day unless given. */
  readonly startedOn?: string;
  readonly policy?: string;
  readonly baseUrl?: string;
  /** More of the context, and what is not as usual. */
  readonly context?: Record<string, unknown>;
  readonly masked?: string;
}

/** A wave of messages by which people can answer, handed to whichever worker there is; answers its id. */
export async function enqueueAnswerWave(db: DataSource, wave: AnswerWave): Promise<number> {
  const { staffNumbers, on = '2022-11-10', startedOn = on, policy = 'staff-monthly', context = {} } = wave;
  const masked = wave.masked ?? `${wave.baseUrl ?? 'http://localhost:3000'}/answer/●●●`;
  const sha256 = createHash('sha256').update(JSON.stringify(TEMPLATE)).digest('hex');
  return db.transaction(async (em) => {
    await addVersion(em, policy, sha256, TEMPLATE, new Date());
    const template = (await versionOf(em, policy, sha256))!;
    const [{ id }]: [{ id: number }] = await em.query(
      `INSERT INTO wave (policy, on_date, as_of, template_id, state, planned_at, planned_by, active_at)
       VALUES ($1, $2, $2, $3, 'sending', $4, 'test', $4) RETURNING id::int`,
      [policy, on, template.id, new Date(`${startedOn}T10:00:00+09:00`)],
    );
    for (const number of staffNumbers) {
      await em.query(
        `INSERT INTO delivery (wave_id, recipient, channel, staff_id, unit_id, address, personal, context, state, message_id)
         SELECT $1, 'staff:' || s.id, 'outbox', s.id, t.unit_id, 'p' || s.number || '@example.jp', true, $2, 'queued', $3
         FROM staff s JOIN timeline t ON t.staff_id = s.id AND t.valid_from <= $4 AND $4 < t.valid_to WHERE s.number = $5`,
        [id, { city: '見本市', answerUrl: masked, ...context }, `<${randomUUID()}@example.jp>`, on, number],
      );
    }
    await enqueueWave(em, id);
    return id;
  });
}

/** The mails that lie in the outbox of a wave, by the address they go to. */
export async function outboxOf(
  dataDir: string,
  policy = 'staff-monthly',
  on = '2022-11-10',
): Promise<Map<string, ParsedMail>> {
  const folder = join(dataDir, 'outbox', `${policy}-${on}`);
  const mails = await Promise.all(
    (await readdir(folder)).map(async (name) => simpleParser(await readFile(join(folder, name)))),
  );
  return new Map(mails.map((mail) => [[mail.to!].flat()[0]!.text, mail]));
}

/** The path that a mail's link leads to. */
export function answerPathOf(mail: ParsedMail | undefined): string {
  return /https?:\/\/\S+?(\/answer\/[\w-]+)\s/.exec(mail?.text ?? '')![1]!;
}

/** Everything in which an answer could have left a trace. */
export function recordedAnswers(em: EntityManager): Promise<object[]> {
  return em.query(
    `SELECT st.number, e.status, e.evidence, e.effective_on AS "on", e.recorded_by AS by
     FROM card_event e JOIN staff st ON st.id = e.staff_id WHERE e.evidence = 'self' ORDER BY e.id`,
  );
}
