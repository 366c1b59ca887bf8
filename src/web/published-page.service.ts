import { Injectable } from '@nestjs/common';
import type { Access } from '../access/access.types.js';
import type { Scope } from '../access/scope.js';
import { CityService } from '../adoption/city.service.js';
import type { IsoDate } from '../platform/month.js';
import { PublicationService } from '../reports/publication.service.js';
import { FramedPages } from './framed-pages.service.js';
import type { Crumb } from './page.service.js';
import { toPublishedView } from './views/published.view.js';
import { unitHref } from './views/unit-rows.view.js';

/** Units as leaders and auditors see them, from the whole down to the smallest that is shown. */
@Injectable()
export class PublishedPage {
  constructor(
    private readonly publication: PublicationService,
    private readonly city: CityService,
    private readonly pages: FramedPages,
  ) {}

  /**
   * `sight`: the caller as leader or auditor; `access`: the whole of what the caller is, for the frame. Without a code the
   * top of what may be seen. Throws like `PublicationService.unit`.
   */
  async render(sight: Scope, access: Access, code?: string, asked?: IsoDate): Promise<string> {
    const unit = await this.publication.unit(sight, code, asked);
    const [days, series, city] = await Promise.all([
      this.publication.days(sight),
      this.publication.series(sight, unit.asOf),
      this.city.current(),
    ]);
    const view = toPublishedView({ unit, days, series, cityCode: city.areaCode });
    const crumbs: Crumb[] = unit.above.map(({ code: above, name }) => ({
      label: name,
      href: unitHref(above, asked),
    }));
    return this.pages.render('dashboard', view, access, {
      title: unit.above.length === 0 ? '全体' : unit.unit.name,
      current: 'overview',
      ...(crumbs.length > 0 && { crumbs: [...crumbs, { label: unit.unit.name }] }),
    });
  }
}
