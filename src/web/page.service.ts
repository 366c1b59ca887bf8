import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import type { Role } from '../access/scope.js';
import { projectRoot } from '../platform/project-root.js';
import { createTemplateEngine, type TemplateEngine } from '../platform/templates/template-engine.js';
import { readAssetUrls, type AssetUrls } from './assets.js';
import { navigationFor, type NavigationKey } from './navigation.js';
import { TEMPLATE_HELPERS } from './template-helpers.js';

/** What surrounds a page's own content. */
export interface Frame {
  /** Without the product's name, which is added. */
  readonly title: string;
  /** Name of the city; empty until it is set. */
  readonly city: string;
  /** Display name of who is signed in; null before sign-in. */
  readonly user: string | null;
  /** Goes into every form; null before sign-in. */
  readonly csrfToken: string | null;
  readonly current: NavigationKey | null;
  /** Everything the reader is, and what of it holds for every unit: for the menu. */
  readonly roles: readonly Role[];
  readonly wholeRoles?: readonly Role[];
  /** From the top to the page itself; the last one has no `href`. */
  readonly crumbs?: readonly Crumb[];
  /** For whoever has no account: nothing leads to pages that ask for one. */
  readonly alone?: boolean;
}

export interface Crumb {
  readonly label: string;
  readonly href?: string;
}

const PRODUCT_NAME = 'マイナンバーカード職員取得状況';

/** Pages are whole without any script: what they need is in the markup and in one style sheet. */
@Injectable()
export class PageService {
  private readonly pages: TemplateEngine;
  private readonly layouts: TemplateEngine;
  private readonly assets: AssetUrls;

  constructor() {
    const templates = join(projectRoot, 'templates');
    const options = { partialsDir: join(templates, 'partials'), helpers: TEMPLATE_HELPERS };
    this.pages = createTemplateEngine({ ...options, root: join(templates, 'pages') });
    this.layouts = createTemplateEngine({ ...options, root: join(templates, 'layouts') });
    this.assets = readAssetUrls();
  }

  /** A whole HTML document. `page` is the name of a file in templates/pages. */
  render(page: string, data: object, frame: Frame): string {
    const content = this.pages.render(page, { ...data, csrfToken: frame.csrfToken });
    return this.layouts.render('page', {
      ...frame,
      product: PRODUCT_NAME,
      title: `${frame.title} | ${PRODUCT_NAME}`,
      crumbs: frame.crumbs ?? [],
      navigation: navigationFor(frame.roles, frame.current, frame.wholeRoles),
      assets: this.assets,
      content,
    });
  }
}
