import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { narrowToWhole } from '../access/scope.js';
import type { ProblemDetails } from '../platform/problem.filter.js';
import { PageService } from './page.service.js';
import { toErrorPageView } from './views/error.view.js';

/** The page that stands in for one that failed; it works whatever failed, so it asks no other service. */
@Injectable()
export class ErrorPage {
  constructor(private readonly pages: PageService) {}

  render(problem: ProblemDetails, request: FastifyRequest): string {
    const view = toErrorPageView(problem);
    const rights = request.access?.session.rights;
    return this.pages.render('error', view, {
      title: view.heading,
      city: '',
      user: request.access?.session.displayName ?? null,
      csrfToken: request.access?.session.csrfToken ?? null,
      current: null,
      roles: rights?.roles ?? [],
      wholeRoles: rights ? narrowToWhole(rights).roles : [],
    });
  }
}
