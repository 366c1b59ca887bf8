import { Injectable } from '@nestjs/common';
import { narrowToWhole } from '../access/scope.js';
import type { Access } from '../access/access.types.js';
import { CityService } from '../adoption/city.service.js';
import { PageService, type Frame } from './page.service.js';

/** What a page says of itself; the rest of its frame follows from who looks at it. */
export type PageTitle = Pick<Frame, 'title' | 'current' | 'crumbs'>;

/** Pages for people who are signed in. */
@Injectable()
export class FramedPages {
  constructor(
    private readonly pages: PageService,
    private readonly city: CityService,
  ) {}

  async render(page: string, view: object, { session }: Access, title: PageTitle): Promise<string> {
    const { name } = await this.city.current();
    return this.pages.render(page, view, {
      ...title,
      city: name,
      user: session.displayName,
      csrfToken: session.csrfToken,
      roles: session.rights.roles,
      wholeRoles: narrowToWhole(session.rights).roles,
    });
  }
}
