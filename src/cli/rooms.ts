import type { INestApplicationContext } from '@nestjs/common';
import { AuditChainService } from '../access/audit-chain.service.js';
import { SettingService } from '../access/setting.service.js';
import { TokenService } from '../access/token.service.js';
import { UserAdminService } from '../access/user-admin.service.js';
import { UserService } from '../access/user.service.js';
import { AdoptionService } from '../adoption/adoption.service.js';
import { ChangesService } from '../adoption/changes.service.js';
import { CityService } from '../adoption/city.service.js';
import { DefinitionService } from '../adoption/definition.service.js';
import { LedgerService } from '../adoption/ledger.service.js';
import { CardEventService } from '../ledger/card-event.service.js';
import { ExceptionService } from '../ledger/exception.service.js';
import { PersonExportService } from '../ledger/person-export.service.js';
import { RetentionService } from '../ledger/retention.service.js';
import type { Config } from '../platform/config.js';
import { ImportService } from '../platform/imports/import.service.js';
import { CONFIG } from '../platform/tokens.js';
import { AnswerLinks } from '../reminders/answer-links.service.js';
import { DeliveryWorker } from '../reminders/delivery-worker.service.js';
import { OutcomeService } from '../reminders/outcome.service.js';
import { PolicyService } from '../reminders/policy.service.js';
import { TemplateEditorService } from '../reminders/template-editor.service.js';
import { BounceService } from '../reminders/bounce.service.js';
import { UnitWebhookService } from '../reminders/unit-webhook.service.js';
import { WaveControl } from '../reminders/wave-control.service.js';
import { WaveTestService } from '../reminders/wave-test.service.js';
import { WaveService } from '../reminders/wave.service.js';
import { RenumberService } from '../roster/renumber.service.js';
import { MonthCloseService } from '../reports/month-close.service.js';
import { RestatementService } from '../reports/restatement.service.js';

/**
 * The services that commands call. Commands know their types only: loading them takes longer than most commands, and
 * help or a refused argument should not have to wait for it.
 */
export interface Rooms {
  readonly auditChain: AuditChainService;
  readonly users: UserService;
  readonly admin: UserAdminService;
  readonly tokens: TokenService;
  readonly settings: SettingService;
  readonly config: Config;
  readonly imports: ImportService;
  readonly cardEvents: CardEventService;
  readonly exceptions: ExceptionService;
  readonly personExports: PersonExportService;
  readonly retention: RetentionService;
  readonly adoption: AdoptionService;
  readonly changes: ChangesService;
  readonly cities: CityService;
  readonly definitions: DefinitionService;
  readonly ledger: LedgerService;
  readonly numbers: RenumberService;
  readonly outcomes: OutcomeService;
  readonly policies: PolicyService;
  readonly answerLinks: AnswerLinks;
  readonly deliveryWorker: DeliveryWorker;
  readonly bounces: BounceService;
  readonly webhooks: UnitWebhookService;
  readonly waves: WaveService;
  readonly templates: TemplateEditorService;
  readonly waveTests: WaveTestService;
  readonly waveControl: WaveControl;
  readonly months: MonthCloseService;
  readonly restatements: RestatementService;
}

export function roomsOf(app: INestApplicationContext): Rooms {
  return {
    auditChain: app.get(AuditChainService),
    users: app.get(UserService),
    admin: app.get(UserAdminService),
    tokens: app.get(TokenService),
    settings: app.get(SettingService),
    config: app.get<Config>(CONFIG),
    imports: app.get(ImportService),
    cardEvents: app.get(CardEventService),
    exceptions: app.get(ExceptionService),
    personExports: app.get(PersonExportService),
    retention: app.get(RetentionService),
    adoption: app.get(AdoptionService),
    changes: app.get(ChangesService),
    cities: app.get(CityService),
    definitions: app.get(DefinitionService),
    ledger: app.get(LedgerService),
    numbers: app.get(RenumberService),
    outcomes: app.get(OutcomeService),
    policies: app.get(PolicyService),
    answerLinks: app.get(AnswerLinks),
    deliveryWorker: app.get(DeliveryWorker),
    bounces: app.get(BounceService),
    webhooks: app.get(UnitWebhookService),
    waves: app.get(WaveService),
    templates: app.get(TemplateEditorService),
    waveTests: app.get(WaveTestService),
    waveControl: app.get(WaveControl),
    months: app.get(MonthCloseService),
    restatements: app.get(RestatementService),
  };
}
