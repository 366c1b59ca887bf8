import { MAX_PROBLEMS, type Problem, type Warning } from './import-report.js';

/** Collects what is wrong with a file: the first hundred in full, the rest as a count. */
export class ImportProblems {
  readonly problems: Problem[] = [];
  readonly warnings: Warning[] = [];
  problemCount = 0;

  add(problem: Problem): void {
    this.problemCount++;
    if (this.problems.length < MAX_PROBLEMS) this.problems.push(problem);
  }

  warn(warning: Warning): void {
    if (this.warnings.length < MAX_PROBLEMS) this.warnings.push(warning);
  }

  get any(): boolean {
    return this.problemCount > 0;
  }
}
