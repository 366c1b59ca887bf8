import { pino } from 'pino';
import { DataSource } from 'typeorm';
import { ACCESS_ENTITIES } from '../../src/access/access.entities.js';
import { AuditService } from '../../src/access/audit.service.js';
import { SettingService } from '../../src/access/setting.service.js';
import { AdoptionService } from '../../src/adoption/adoption.service.js';
import { CitizenComparisonService } from '../../src/adoption/citizen-comparison.service.js';
import { DefinitionService } from '../../src/adoption/definition.service.js';
import { CityService } from '../../src/adoption/city.service.js';
import { Clock } from '../../src/platform/clock.js';
import { readConfig } from '../../src/platform/config.js';
import { dataSourceOptions } from '../../src/platform/database/data-source-options.js';
import { AnswerLinks } from '../../src/reminders/answer-links.service.js';
import { AbandonedDeliveries } from '../../src/reminders/abandoned-deliveries.service.js';
import { BounceService } from '../../src/reminders/bounce.service.js';
import { DeliveryPace } from '../../src/reminders/delivery-pace.service.js';
import { DeliveryWorker } from '../../src/reminders/delivery-worker.service.js';
import { DigestPlanner } from '../../src/reminders/digest-planner.service.js';
import { DispatcherService } from '../../src/reminders/dispatcher.service.js';
import {
  ExceptionDecidedPlanner,
  ExceptionEndingPlanner,
  ExceptionFacts,
} from '../../src/reminders/exception-planner.service.js';
import { EscalationPlanner } from '../../src/reminders/escalation-planner.service.js';
import { ManagerPlanner } from '../../src/reminders/manager-planner.service.js';
import { MessageSenders } from '../../src/reminders/message-senders.service.js';
import { MessageTemplateService } from '../../src/reminders/message-template.service.js';
import { OutcomeService } from '../../src/reminders/outcome.service.js';
import { StaffPlanner } from '../../src/reminders/staff-planner.service.js';
import { PolicyService } from '../../src/reminders/policy.service.js';
import { TemplateEditorService } from '../../src/reminders/template-editor.service.js';
import { ThanksPlanner } from '../../src/reminders/thanks-planner.service.js';
import { UnitFacts } from '../../src/reminders/unit-facts.service.js';
import { UnitWebhookService } from '../../src/reminders/unit-webhook.service.js';
import { WaveControl } from '../../src/reminders/wave-control.service.js';
import { WaveCreation } from '../../src/reminders/wave-creation.service.js';
import { WaveEnd } from '../../src/reminders/wave-end.service.js';
import { WavePlanner } from '../../src/reminders/wave-planner.service.js';
import { WaveScheduler } from '../../src/reminders/wave-scheduler.service.js';
import { WaveTestService } from '../../src/reminders/wave-test.service.js';
import { WaveService } from '../../src/reminders/wave.service.js';
import { deriveAll } from './derive-all.js';

/** The day and the answer to "today" of these tests. */
export const NOW = '2022-11-10T10:00:00+09:00';

export interface Section {
  readonly code: string;
  readonly staff: number;
  readonly held: number;
  /** Of the first person, who manages the section; `m<code>@example.jp` unless given. */
  readonly managerEmail?: string | null;
  readonly unitEmail?: string | null;
  /** 第1001課 and the like unless given. */
  readonly name?: string;
  /** Code of the section it is below; the city's top unless given. */
  readonly under?: string;
  /** Code of another section whose manager manages this one, too. */
  readonly managedBy?: string;
  /** Its first day and the first after its last; since 1 April without end unless given. */
  readonly from?: string;
  readonly to?: string;
}

export interface Reminders {
  readonly db: DataSource;
  readonly waves: WaveService;
  readonly outcomes: OutcomeService;
  readonly scheduler: WaveScheduler;
  readonly editor: TemplateEditorService;
  readonly tests: WaveTestService;
  readonly bounces: BounceService;
  readonly control: WaveControl;
  readonly abandoned: AbandonedDeliveries;
  readonly worker: DeliveryWorker;
  readonly webhooks: UnitWebhookService;
  readonly policies: PolicyService;
  readonly pace: DeliveryPace;
  readonly links: AnswerLinks;
  close(): Promise<void>;
}

/** The room as the application puts it together, on a database of the test. */
export async function openReminders(
  url: string,
  env: Record<string, string>,
  logger = pino({ level: 'silent' }),
): Promise<Reminders> {
  const db = await new DataSource(dataSourceOptions(url, ACCESS_ENTITIES)).initialize();
  const config = readConfig({
    BASE_URL: 'https://card.example.jp',
    NOW,
    MAIL_FROM: '人事課 <jinji@example.jp>',
    ...env,
  });
  const clock = new Clock(config.now);
  const city = new CityService(db, clock);
  const citizens = new CitizenComparisonService(db, city);
  const audit = new AuditService(db, clock);
  const definitions = new DefinitionService(db, clock, audit);
  const adoption = new AdoptionService(db, clock, city, definitions, citizens);
  const templates = new MessageTemplateService(clock);
  const senders = new MessageSenders(config, db);
  const pace = new DeliveryPace();
  const ends = new WaveEnd(db, clock, audit);
  const settings = new SettingService(db, clock, audit);
  const policies = new PolicyService(settings, clock);
  const links = new AnswerLinks(db, clock, audit, config);
  const dispatcher = new DispatcherService(
    db,
    clock,
    templates,
    senders,
    ends,
    pace,
    policies,
    links,
    config,
    logger,
  );
  const abandoned = new AbandonedDeliveries(db, clock, senders, pace, ends, logger);
  const worker = new DeliveryWorker(db, dispatcher, abandoned, senders, pace, logger);
  const creation = new WaveCreation(db, clock, audit, templates, senders, ends, config);
  const facts = new UnitFacts(db, clock, config, adoption, citizens, city, settings);
  const exceptionFacts = new ExceptionFacts(db, config, city);
  const planner = new WavePlanner(
    new ManagerPlanner(facts),
    new ThanksPlanner(facts),
    new DigestPlanner(facts),
    new EscalationPlanner(facts),
    new StaffPlanner(db, clock, config, city, settings, policies),
    new ExceptionDecidedPlanner(db, exceptionFacts),
    new ExceptionEndingPlanner(db, exceptionFacts),
  );
  const waves = new WaveService(db, clock, planner, audit, templates, senders, creation, worker);
  const editor = new TemplateEditorService(db, clock, audit, templates, planner);
  return {
    db,
    waves,
    policies,
    outcomes: new OutcomeService(db, clock),
    scheduler: new WaveScheduler(db, clock, policies, planner, creation, logger),
    editor,
    tests: new WaveTestService(db, clock, planner, audit, templates, senders),
    bounces: new BounceService(db, clock, audit),
    control: new WaveControl(db, clock, audit),
    abandoned,
    worker,
    webhooks: new UnitWebhookService(db, clock, audit, senders, config),
    pace,
    links,
    close: async () => {
      await worker.stop();
      await db.destroy();
    },
  };
}

/** A city with one level of sections, unless they say otherwise: `held` of each section's people hold a card since 1 April. */
export async function seedCity(db: DataSource, sections: readonly Section[]): Promise<void> {
  const rows = sections.map(({ managerEmail, unitEmail = null, managedBy, ...section }) => ({
    ...section,
    unit_email: unitEmail,
    managed_by: managedBy,
    manager_email: managerEmail === undefined ? `m${section.code}@example.jp` : managerEmail,
  }));
  await db.query(
    `WITH given AS (
       SELECT s.*, coalesce(s."from", '2022-04-01') AS begins, coalesce(s."to", 'infinity') AS ends
       FROM jsonb_to_recordset($1::jsonb)
         AS s (code text, name text, staff int, held int, manager_email text, unit_email text, under text, managed_by text, "from" date, "to" date)
     ), root AS (
       INSERT INTO unit (code) VALUES ('0') RETURNING id
     ), added AS (
       INSERT INTO unit (code) SELECT code FROM given RETURNING id, code
     ), periods AS (
       INSERT INTO unit_period (unit_id, parent_id, name, kind, email, valid_from, valid_to, recorded_at)
       SELECT id, NULL::int, '金沢市', '市', NULL, date '2022-04-01', 'infinity', now() FROM root
       UNION ALL
       SELECT added.id, coalesce(above.id, root.id), coalesce(given.name, '第' || given.code || '課'), '課', unit_email, begins, ends, now()
       FROM added JOIN given USING (code) CROSS JOIN root LEFT JOIN added above ON above.code = given.under
     ), person AS (
       SELECT added.id AS unit_id, code || '-' || n AS number, n = 1 AND managed_by IS NULL AS is_manager, begins, ends, n <= held AS has_card,
              CASE WHEN n = 1 THEN manager_email END AS email
       FROM given JOIN added USING (code) CROSS JOIN LATERAL generate_series(1, given.staff) AS n
     ), people AS (
       INSERT INTO staff (number) SELECT number FROM person RETURNING id, number
     ), profiles AS (
       INSERT INTO staff_profile (staff_id, name, email, recorded_at)
       SELECT people.id, '見本 ' || number, email, now() FROM people JOIN person USING (number)
     ), assignments AS (
       INSERT INTO assignment (staff_id, unit_id, is_primary, is_manager, valid_from, valid_to, recorded_at)
       SELECT people.id, unit_id, true, is_manager, begins, ends, now() FROM people JOIN person USING (number)
       UNION ALL
       SELECT people.id, added.id, false, true, begins, ends, now()
       FROM given JOIN added USING (code) JOIN people ON people.number = managed_by || '-1'
     )
     INSERT INTO card_event (staff_id, status, effective_on, evidence, recorded_at, recorded_by)
     SELECT people.id, 'held', '2022-04-01', 'import', now(), 'test' FROM people JOIN person USING (number) WHERE has_card`,
    [JSON.stringify(rows)],
  );
  await deriveAll(db);
}

/** `count` sections of ten people each, all below the goal. */
export function manySections(count: number): Section[] {
  return Array.from({ length: count }, (_, n) => ({ code: String(1001 + n), staff: 10, held: 5 }));
}

/** How many deliveries of the only wave are in each state. */
export async function statesOf(db: DataSource): Promise<Record<string, number>> {
  const rows: { state: string; count: number }[] = await db.query(
    `SELECT state, count(*)::int FROM delivery GROUP BY state ORDER BY state`,
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}
