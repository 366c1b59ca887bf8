import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { narrowToWhole } from '../access/scope.js';
import type { ProblemDetails } from '../platform/problem.filter.js';
import { ANSWER_PATH } from '../reminders/answer-token.js';
import { PageService } from './page.service.js';
import { toErrorPageView } from './views/error.view.js';

/** The page that stands in for one that failed; it works whatever failed, so it asks no other service. */
@Injectable()
export class ErrorPage {
  constructor(private readonly pages: PageService) {}

  render(problem: ProblemDetails, request: FastifyRequest): string {
    // Whoever came by the link of a message.
    const alone = request.url.startsWith(ANSWER_PATH);
    const view = toErrorPageView(problem, alone);
    const rights = request.access?.session.rights;
    return this.pages.render('error', view, {
      title: view.heading,
      city: '',
      alone,
      user: request.access?.session.displayName ?? null,
      csrfToken: request.access?.session.csrfToken ?? null,
      current: null,
      roles: rights?.roles ?? [],
      wholeRoles: rights ? narrowToWhole(rights).roles : [],
    });
  }
}
