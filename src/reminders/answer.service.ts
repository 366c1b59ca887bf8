import { Injectable } from '@nestjs/common';
import { SettingService } from '../access/setting.service.js';
import { CityService } from '../adoption/city.service.js';
import { CardEventService } from '../ledger/card-event.service.js';
import { SELF_STATUSES } from '../ledger/card-status.js';
import { OwnExceptionService, type OwnRequest } from '../ledger/own-exception.service.js';
import { StaffRecordService, type Look, type OwnRecord } from '../ledger/staff-record.service.js';
import { AppError } from '../platform/errors.js';
import type { IsoDate } from '../platform/month.js';
import { contactOf } from './message-contact.js';
import { AnswerLinks, type OpenLink } from './answer-links.service.js';

/** What the page behind a link shows to whoever has it. */
export interface AnswerPage {
  readonly city: string;
  readonly contact: string;
  readonly own: OwnRecord;
  /** Last day of the link. */
  readonly expiresOn: IsoDate;
  /** Whether the city lets managers see names. */
  readonly managersSeeNames: boolean;
}

export interface AnswerReceipt extends AnswerPage {
  readonly looks: readonly Look[];
}

/** People answer by the link of a message, without an account: the link is their right to it. */
@Injectable()
export class AnswerService {
  constructor(
    private readonly links: AnswerLinks,
    private readonly events: CardEventService,
    private readonly records: StaffRecordService,
    private readonly exceptions: OwnExceptionService,
    private readonly cities: CityService,
    private readonly settings: SettingService,
  ) {}

  /** Reads only. Throws like `AnswerLinks.open`. */
  async page(token: string): Promise<AnswerPage> {
    return this.pageOf(await this.links.open(token));
  }

  /** Reads only: to see the own record is no look at it. */
  async receipt(token: string): Promise<AnswerReceipt> {
    const link = await this.links.open(token);
    const [page, looks] = await Promise.all([this.pageOf(link), this.records.looks(link.staffId)]);
    return { ...page, looks };
  }

  /** False where it was known already. Throws like `page`, and `bad_status`, `not_on_roster`. */
  async answer(token: string, answer: string | undefined): Promise<boolean> {
    const link = await this.links.open(token);
    const status = SELF_STATUSES.find((known) => known === answer);
    if (!status) throw new AppError('bad_status', 'invalid', '4つのうち1つを選んでください。');
    return this.events.reportSelf(link, status);
  }

  /** A request that HR decides like any other; false where one waits. Throws like `page` and `OwnExceptionService.askByLink`. */
  async askException(token: string, request: OwnRequest): Promise<boolean> {
    return this.exceptions.askByLink(await this.links.open(token), request);
  }

  private async pageOf({ staffId, expiresOn }: OpenLink): Promise<AnswerPage> {
    const [own, { name, contact }, managersSeeNames] = await Promise.all([
      this.records.own(staffId),
      this.cities.current(),
      this.settings.managersSeeNames(),
    ]);
    if (!own) throw this.links.invalid();
    return { city: name, contact: contactOf({ name, contact }), own, expiresOn, managersSeeNames };
  }
}
