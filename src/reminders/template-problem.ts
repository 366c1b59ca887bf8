import { AppError } from '../platform/errors.js';
import type { TemplateProblem } from './template-markup.js';

/** All problems in one error, for every door. */
export function refusedTemplate(problems: readonly TemplateProblem[]): AppError {
  const sentences = problems.map(({ part, line, reason }) => `${placeOf({ part, line })}: ${reason}`);
  return new AppError(
    'template_refused',
    'refused',
    `文面に直すところが${problems.length}か所あります。${sentences.join(' ')}`,
    { problems },
  );
}

export function placeOf({ part, line }: Pick<TemplateProblem, 'part' | 'line'>): string {
  if (part === 'subject') return '件名';
  return line === null ? '本文' : `本文の${line}行目`;
}
