import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { SignedInSession } from '../access/access.types.js';
import { AuditService } from '../access/audit.service.js';
import { Costly, CurrentScope, CurrentSession, Permit } from '../access/permission.decorator.js';
import { everything, narrow, type Scope } from '../access/scope.js';
import { AdoptionService } from '../adoption/adoption.service.js';
import type { UnitLine } from '../adoption/adoption.types.js';
import { DefinitionService } from '../adoption/definition.service.js';
import { treeWords, type Tree } from '../adoption/tree.js';
import { EXPIRING_MONTHS } from '../ledger/expiring.query.js';
import { StaffListService } from '../ledger/staff-list.service.js';
import { UnitNamesService } from '../ledger/unit-names.service.js';
import { addMonths, monthOf, type IsoDate } from '../platform/month.js';
import { refuseRestated, seesPublishedOnly } from '../reports/publication.service.js';
import { HTML } from './html.js';
import { FramedPages } from './framed-pages.service.js';
import { PublishedPage } from './published-page.service.js';
import type { Crumb } from './page.service.js';
import { ReferenceDayService } from './reference-day.service.js';
import { textOf } from './request-text.js';
import { renderUnitsCsv } from './units-csv.js';
import { TREND_MONTHS } from './views/published.view.js';
import { unitHref } from './views/unit-rows.view.js';
import { readExpiringFilter, readStatusFilter, toUnitListView, toUnitView } from './views/unit.view.js';

/** Units and what is below them: HR sees people, managers counts of their own units, leaders and auditors closed months. */
@ApiExcludeController()
@Controller('units')
@Permit('hr', 'manager')
export class UnitPagesController {
  constructor(
    private readonly adoption: AdoptionService,
    private readonly definitions: DefinitionService,
    private readonly staff: StaffListService,
    private readonly names: UnitNamesService,
    private readonly audit: AuditService,
    private readonly days: ReferenceDayService,
    private readonly pages: FramedPages,
    private readonly published: PublishedPage,
  ) {}

  @Get()
  async list(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Query('asOf') day: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { asOf, choices } = await this.days.of(textOf(day));
    const [lines, definition] = await Promise.all([
      this.adoption.lines(scope, asOf),
      this.definitions.on(asOf),
    ]);
    const tops = topsOf(lines);
    if (scope.unitIds !== 'all' && tops.length === 1) {
      return void reply.redirect(unitHref(tops[0]!.unit.code, textOf(day)), 303);
    }
    const title = { title: '所属', current: 'units' } as const;
    void reply
      .type(HTML)
      .send(
        await this.pages.render(
          'units',
          toUnitListView(lines, asOf, choices, definition),
          { scope, session },
          title,
        ),
      );
  }

  @Permit('hr', 'leader', 'auditor', 'manager')
  @Get(':code')
  async unit(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Param('code') code: string,
    @Query() query: Record<string, unknown>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { asOf, choices } = await this.days.of(textOf(query.asOf));
    const tree = readTree(query.tree);
    const to = monthOf(asOf);
    const sight = await this.adoption.sightOf(scope, code, asOf, tree);
    if (seesPublishedOnly(sight)) {
      refuseRestated(tree);
      const html = await this.published.render(sight, { scope, session }, code, textOf(query.asOf));
      return void reply.type(HTML).send(html);
    }
    const isHr = sight.roles.includes('hr');
    const adoption = await this.adoption.unit(sight, code, asOf, 0, tree);
    // People are listed where they stood: a list that does not match the figures would mislead.
    const lists = tree === 'then';
    const [lines, children, trends, overall, staff, people] = await Promise.all([
      // Of any day only what is seen as HR or manager.
      this.adoption.lines(narrow(scope, 'hr', 'manager'), this.adoption.dayOf(tree, asOf)),
      this.adoption.children(sight, code, asOf, tree),
      this.adoption.trends(sight, code, addMonths(to, 1 - TREND_MONTHS), to, 1, tree),
      // The rate of the whole is no secret: it stands in the monthly report.
      this.adoption.totals(everything(scope.actor), [asOf]),
      lists && isHr ? this.staffPage(sight, code, asOf, query) : null,
      lists && !isHr ? this.names.ofUnit(sight, code) : null,
    ]);
    const [trend, ...childTrends] = trends;
    const line = lines.find((candidate) => candidate.unit.code === code);
    const isRoot = line?.parentCode === null;
    const view = toUnitView({
      adoption,
      trend: trend!,
      children,
      childTrends,
      path: line?.path ?? [],
      overallRate: isRoot ? null : (overall.get(asOf)?.rate ?? null),
      seesStatuses: isHr,
      asOfChoices: choices,
      staff,
      people,
    });
    const crumbs = crumbsTo(code, lines, textOf(query.asOf), tree);
    const heading = tree === 'now' ? `${adoption.unit.name}(${treeWords(adoption)})` : adoption.unit.name;
    const title = { title: heading, current: 'units' as const, crumbs };
    void reply.type(HTML).send(await this.pages.render('unit', view, { scope, session }, title));
  }

  @Costly()
  @Get(':code/children.csv')
  async csv(
    @CurrentScope() scope: Scope,
    @Param('code') code: string,
    @Query() query: Record<string, unknown>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { asOf } = await this.days.of(textOf(query.asOf));
    const tree = readTree(query.tree);
    const lines = await this.adoption.children(scope, code, asOf, tree);
    await this.audit.record(null, {
      actor: scope.actor,
      action: 'export_downloaded',
      target: `unit:${code}`,
      details: { format: 'csv', asOf, ...(tree === 'now' && { tree }) },
    });
    void reply
      .header(
        'content-disposition',
        `attachment; filename="units-${asOf}${tree === 'now' ? '-restated' : ''}.csv"`,
      )
      .type('text/csv; charset=utf-8')
      .send(
        renderUnitsCsv(lines, asOf, {
          definition: await this.definitions.on(asOf),
          treeAsOf: this.adoption.dayOf(tree, asOf),
        }),
      );
  }

  private async staffPage(scope: Scope, code: string, asOf: IsoDate, query: Record<string, unknown>) {
    const filters = {
      status: readStatusFilter(textOf(query.status)),
      q: textOf(query.q),
      expiring: readExpiringFilter(textOf(query.expiring)),
    };
    const from = Math.max(1, Number.parseInt(textOf(query.from) ?? '1', 10) || 1);
    const page = await this.staff.page(scope, {
      unitCode: code,
      asOf,
      status: filters.status,
      query: filters.q,
      expiring: filters.expiring,
      cursor: textOf(query.cursor),
    });
    const search = (extra: Record<string, string>) => {
      const chosen = Object.entries({ asOf, ...filters, ...extra }).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, String(value)] as [string, string]],
      );
      return new URLSearchParams(chosen).toString();
    };
    const next = page.nextCursor;
    return {
      rows: page.items.map((item) => ({ ...item, effectiveOn: item.since, exempt: item.isExempt })),
      total: page.total,
      expiring: page.expiring,
      expiringQuery: new URLSearchParams({ asOf, expiring: String(EXPIRING_MONTHS) }).toString(),
      from,
      filters,
      first: from > 1 ? search({}) : null,
      next: next === null ? null : search({ cursor: next, from: String(from + page.items.length) }),
    };
  }
}

function readTree(given: unknown): Tree {
  return textOf(given) === 'now' ? 'now' : 'then';
}

function topsOf(lines: readonly UnitLine[]): UnitLine[] {
  const codes = new Set(lines.map((line) => line.unit.code));
  return lines.filter((line) => line.parentCode === null || !codes.has(line.parentCode));
}

/** From the topmost unit the reader may see down to this one. */
function crumbsTo(code: string, lines: readonly UnitLine[], asOf: IsoDate | undefined, tree: Tree): Crumb[] {
  const byCode = new Map(lines.map((line) => [line.unit.code, line]));
  const crumbs: Crumb[] = [];
  for (let line = byCode.get(code); line; line = byCode.get(line.parentCode ?? '')) {
    const { name, code: lineCode } = line.unit;
    crumbs.unshift(
      lineCode === code ? { label: name } : { label: name, href: unitHref(lineCode, asOf, tree) },
    );
  }
  return crumbs.length > 1 ? crumbs : [];
}
