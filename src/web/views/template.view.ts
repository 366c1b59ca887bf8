import { formatCount } from '../../platform/japanese-format.js';
import type { TemplateProblem, TemplateText } from '../../reminders/template-markup.js';
import { placeOf } from '../../reminders/template-problem.js';
import type {
  ChoiceView,
  TemplateComparison,
  TemplateSummary,
  TemplateVersionView,
  TemplateView,
} from '../../reminders/template.types.js';
import { formatMoment } from '../template-helpers.js';
import { actorLabel } from './staff.view.js';

export function templateHref(name: string): string {
  return `/settings/templates/${encodeURIComponent(name)}`;
}

export function toTemplateListView(templates: readonly TemplateSummary[]): object {
  return {
    rows: templates.map(({ name, title, version, shipped, changed }) => ({
      href: templateHref(name),
      title,
      version: versionName({ version, shipped }),
      reason: changed?.reason ?? '-',
      changed: changed ? momentAndActor(changed) : '-',
    })),
  };
}

/** What the author typed, where it was not saved. */
export interface TypedTemplate extends TemplateText {
  readonly reason: string;
  readonly unit: string;
  /** The version it was written over; missing where the form did not say. */
  readonly basedOn?: number;
  readonly refusal: string;
  readonly problems: readonly TemplateProblem[];
}

export function toTemplatePageView(template: TemplateView, typed?: TypedTemplate): object {
  const { name, title, description, version, written, names, conditions, parts, versions } = template;
  const { subject, body } = typed ?? written;
  const href = templateHref(name);
  return {
    href,
    title,
    description,
    // Not the newest: what others have saved meanwhile is not what this text was written over.
    basedOn: typed?.basedOn ?? version,
    now: versionName(template),
    subject,
    body,
    reason: typed?.reason ?? '',
    unit: typed?.unit ?? '',
    refusal: typed?.refusal ?? '',
    problems: toProblems(typed?.problems ?? [], body),
    conditions: conditions.map(({ name: condition, description: when }) => ({
      lines: [opening(condition), '{{そうでなければ}}', '{{/もし}}'],
      description: when,
    })),
    parts,
    ownButton: template.ownButton,
    draft: template.draft,
    names: names.map(({ name: word, only, ...rest }) => ({
      ...rest,
      written: `{{${word}}}`,
      only: only && opening(only),
    })),
    versions: versions.map((one) => ({
      name: versionName(one),
      href: `${href}/versions/${one.version}`,
      note: one.inUse ? '使用中' : '',
      reasons: one.choices.map(({ reason }) => reason).join('、') || '-',
      recorded: one.choices.map(momentAndActor).join(' / ') || '-',
      waves: one.waves,
    })),
  };
}

export function toVersionPageView(title: string, name: string, comparison: TemplateComparison): object {
  const { version, other, difference } = comparison;
  const href = templateHref(name);
  const marks = { same: ['', ''], added: ['+', '加わった行: '], removed: ['−', 'なくなった行: '] } as const;
  return {
    title,
    heading: `${versionName(version)}${version.inUse ? ' 使用中' : ''}`,
    about: aboutVersion(version),
    textHeading:
      other === null
        ? '文面'
        : `第${other}版${version.inUse ? '' : '(使用中)'}から第${version.version}版への違い`,
    lines:
      version.written &&
      difference.map(({ kind, text }) => ({ kind, mark: marks[kind][0], label: marks[kind][1], text })),
    restoreHref: version.written && !version.inUse ? `${href}/versions/${version.version}/restore` : null,
    backHref: href,
  };
}

/** A line of the list of problems; the line itself is shown where it does not spread what it must not say. */
export function toProblems(problems: readonly TemplateProblem[], body: string): object[] {
  const lines = body.split('\n');
  const silent = ['individual_number', 'naming', 'leaking'];
  return problems.map((problem) => ({
    place: placeOf(problem),
    reason: problem.reason,
    quoted:
      problem.part === 'body' && problem.line !== null && !silent.includes(problem.code)
        ? shortened(lines[problem.line - 1]?.trim() ?? '')
        : '',
  }));
}

const LONGEST_QUOTE = 40;

function shortened(text: string): string {
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
}

function opening(condition: string): string {
  return `{{#もし ${condition}}}`;
}

function versionName({ version, shipped }: Pick<TemplateVersionView, 'version' | 'shipped'>): string {
  return `第${version}版${shipped ? '(製品の文面)' : ''}`;
}

function aboutVersion({ recordedAt, waves, choices }: TemplateVersionView): string {
  const used = `この版で送った配信回は${formatCount(waves)}回です。`;
  if (choices.length > 0)
    return `${used}${choices.map((choice) => `${momentAndActor(choice)}: ${choice.reason}`).join('。')}`;
  return recordedAt === null ? `${used}まだ使ったことがありません。` : used;
}

function momentAndActor({ at, by }: ChoiceView): string {
  return `${formatMoment(at.toISOString())}、${actorLabel(by, null)}`;
}
