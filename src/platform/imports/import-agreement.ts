/** What a person who has seen the preview of an import agrees to by applying it. */
import { isDeepStrictEqual } from 'node:util';
import { isRefused, type ImportReport } from './import-report.js';

/** A large number of departures is the one problem that is answered at the button instead of in the file. */
export function canBeApplied(report: ImportReport): boolean {
  return !isRefused(report) || asksForConfirmationOnly(report);
}

export function asksForConfirmationOnly(report: ImportReport): boolean {
  return report.problemCount === 1 && report.problems[0]?.code === 'confirm_departures';
}

export function sameCounts(previewed: ImportReport, now: ImportReport): boolean {
  // The preview has been through jsonb, which knows neither undefined nor the order of keys.
  return isDeepStrictEqual(countsOf(previewed), JSON.parse(JSON.stringify(countsOf(now))));
}

/**
 * What a person agreed to: every number and list of the report but its own state and problems, and the figures of units,
 * which any card that is recorded meanwhile changes.
 */
function countsOf({ dryRun, problems, problemCount, warnings, figures, ...counts }: ImportReport) {
  return counts;
}
