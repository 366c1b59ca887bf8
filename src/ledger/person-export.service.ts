import { join } from 'node:path';
import { DateTime } from 'luxon';
import type { DataSource } from 'typeorm';
import { findAuditEvents } from '../access/audit-log.query.js';
import type { AuditService } from '../access/audit.service.js';
import type { Scope } from '../access/scope.js';
import type { Clock } from '../platform/clock.js';
import { formatDate } from '../platform/japanese-format.js';
import { isIsoDate, ZONE } from '../platform/month.js';
import { projectRoot } from '../platform/project-root.js';
import { createTemplateEngine } from '../platform/templates/template-engine.js';
import { formerNumbersOf } from '../roster/renumber.query.js';
import { toSections } from './person-sections.js';
import type { ExportSection, ExportValue, PersonalDataHolder } from './personal-data.types.js';
import { findExceptions } from './exception.query.js';
import { assignmentsOf, cardEventsOf, profilesOf } from './staff-record.query.js';
import type { StaffRecordService } from './staff-record.service.js';

export interface PersonExport {
  readonly fileName: string;
  readonly bytes: Buffer;
}

/** Of rows about one person; far more than a working life leaves. */
const MAX_TRAIL = 10_000;

/**
 * All that is kept of a person as one HTML file, for a disclosure request (開示請求): tables to read and print, and the
 * same data as JSON in its `<script type="application/json">` for programs. It needs no network and no style sheet.
 */
export class PersonExportService {
  private readonly templates = createTemplateEngine({ root: join(projectRoot, 'templates', 'exports') });

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditService,
    private readonly records: StaffRecordService,
    private readonly holders: readonly PersonalDataHolder[],
  ) {}

  /** Throws `role_required`, `staff_not_found`. The export is on record before it is written, and in it. */
  async write(scope: Scope, number: string): Promise<PersonExport> {
    const person = await this.records.find(scope, number);
    const target = `staff:${person.id}`;
    await this.audit.record(null, { actor: scope.actor, action: 'staff_record_exported', target });
    // One snapshot, so that the tables agree with each other.
    const sections = await this.dataSource.transaction('REPEATABLE READ', async (em) => {
      const own = toSections({
        profiles: await profilesOf(em, person.id),
        formerNumbers: await formerNumbersOf(em, person.id),
        assignments: await assignmentsOf(em, person.id),
        events: await cardEventsOf(em, person.id),
        exceptions: await findExceptions(em, { staffId: person.id, as: 'export' }, this.clock.today()),
        trail: await findAuditEvents(em, { target, limit: MAX_TRAIL }),
      });
      for (const holder of this.holders) own.push(...(await holder.collect(em, person.id)));
      return own;
    });
    const madeAt = this.clock.now();
    const data = {
      kind: 'person-export',
      number: person.number,
      madeAt: madeAt.toISOString(),
      sections: Object.fromEntries(sections.map(({ key, rows }) => [key, rows])),
    };
    const html = this.templates.render('person', {
      name: person.name,
      number: person.number,
      madeAt: readable(madeAt),
      sections: sections.map(toTable),
      // Inside a script element nothing is an entity; only `<` could end it.
      json: JSON.stringify(data).replaceAll('<', '\\u003c'),
    });
    return { fileName: `kaiji-${this.clock.today()}.html`, bytes: Buffer.from(html, 'utf8') };
  }
}

function toTable({ title, columns, rows }: ExportSection) {
  return {
    title,
    labels: columns.map(({ label }) => label),
    rows: rows.map((row) => columns.map(({ key }) => readable(row[key] ?? null))),
  };
}

function readable(value: ExportValue): string {
  if (value === null || value === '') return '-';
  if (typeof value === 'boolean') return value ? '○' : '-';
  if (value instanceof Date)
    return DateTime.fromJSDate(value, { zone: ZONE }).toFormat("yyyy'年'M'月'd'日' HH:mm");
  const text = String(value);
  return isIsoDate(text) ? formatDate(text) : text;
}
