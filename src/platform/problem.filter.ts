import { randomUUID } from 'node:crypto';
import { ArgumentsHost, Catch, HttpException, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError, ERROR_ANSWERS, type ErrorKind } from './errors.js';
import { loggable, type Logger } from './logging.js';

/** RFC 9457 problem details; `code` is stable, `reference` finds the log line. */
export interface ProblemDetails {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly reference: string;
  readonly [extension: string]: unknown;
}

/** Turns every error into its answer: problem+json for programs, a page for people. The only place that does. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly logger: Logger,
    private readonly renderPage: (problem: ProblemDetails, request: FastifyRequest) => string,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = toProblem(error);
    if (problem.status >= 500 && problem.status !== 501) {
      this.logger.error(
        { reference: problem.reference, err: loggable(error), route: request.routeOptions?.url },
        'request failed',
      );
    }
    if (reply.sent) return;
    void reply.status(problem.status);
    if (typeof problem.retryAfterSeconds === 'number')
      void reply.header('retry-after', problem.retryAfterSeconds);
    if (isForPeople(request)) {
      if (problem.code === 'sign_in_required' || problem.code === 'password_change_required') {
        const page =
          problem.code === 'sign_in_required'
            ? `/sign-in?next=${encodeURIComponent(pageOf(request))}`
            : '/password';
        void reply.redirect(page, 303);
        return;
      }
      void reply.type('text/html; charset=utf-8').send(this.renderPage(problem, request));
    } else {
      void reply.type('application/problem+json; charset=utf-8').send(problem);
    }
  }
}

export function toProblem(error: unknown): ProblemDetails {
  const known = toAppError(error);
  const answer = ERROR_ANSWERS[known.kind];
  return {
    ...known.details,
    type: 'about:blank',
    title: answer.title,
    status: answer.status,
    detail: known.message,
    code: known.code,
    reference: randomUUID(),
  };
}

const KIND_OF_STATUS: Record<number, ErrorKind> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  413: 'too_large',
  429: 'rate_limited',
};

/** Errors of the framework carry a status; their texts are for developers and may repeat the input, so ours stand instead. */
function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const status =
    error instanceof HttpException ? error.getStatus() : (error as { statusCode?: unknown })?.statusCode;
  if (typeof status !== 'number' || status < 400 || status >= 500) {
    return new AppError(
      'unexpected',
      'unexpected',
      'サーバーで問題が起きました。しばらくしてからもう一度お試しください。続くときは照会番号を添えて情報システム課に知らせてください。',
    );
  }
  const kind = KIND_OF_STATUS[status] ?? 'invalid';
  return new AppError(kind === 'invalid' ? 'bad_request' : kind, kind, `${ERROR_ANSWERS[kind].title}。`);
}

/** Longer than any of ours, and encoded in a header it must stay below what clients take in one, 16 kB. */
const MAX_PAGE_LENGTH = 2_000;

/** Where to come back to; the address of a form is no page. */
function pageOf({ method, url }: FastifyRequest): string {
  return method === 'GET' && url.length <= MAX_PAGE_LENGTH ? url : '/';
}

function isForPeople(request: FastifyRequest): boolean {
  return !/^\/(api|opendata|healthz|readyz|metrics)(\/|\?|$)/.test(request.url);
}
