import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditService } from '../access/audit.service.js';
import { requireWholeOrganisation, type Scope } from '../access/scope.js';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import { refuseIn } from '../platform/request-text.js';
import { lineDifference } from '../platform/line-difference.js';
import { compileTemplate } from './message-template.js';
import { MessageTemplateService } from './message-template.service.js';
import { firstOf, type PlannedMessage } from './planned-wave.js';
import { POLICIES, speaksToPersons } from './policy.js';
import { masked, TEMPLATE_KINDS, templateKind, valueAt } from './template-kind.js';
import { normalTemplate, templateFile, type TemplateProblem, type TemplateText } from './template-markup.js';
import { refusedTemplate } from './template-problem.js';
import {
  addChoice,
  choicesOf,
  lockTemplates,
  recordedVersions,
  staffNamesIn,
  type TemplateVersion,
} from './template.query.js';
import type {
  TemplateChange,
  TemplateComparison,
  TemplatePreview,
  TemplateSummary,
  TemplateVersionView,
  TemplateView,
} from './template.types.js';
import { WavePlanner } from './wave-planner.service.js';

const LONGEST_REASON = 500;

/** For HR of the whole organisation: reading, trying and changing what messages say. */
@Injectable()
export class TemplateEditorService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditService,
    private readonly templates: MessageTemplateService,
    private readonly planner: WavePlanner,
  ) {}

  async list(scope: Scope): Promise<TemplateSummary[]> {
    requireWholeOrganisation(scope, 'hr');
    return Promise.all(TEMPLATE_KINDS.map(async ({ name }) => this.summary(name, await this.versions(name))));
  }

  /** Throws `template_not_found`. */
  async show(scope: Scope, name: string): Promise<TemplateView> {
    requireWholeOrganisation(scope, 'hr');
    const kind = templateKind(name);
    const versions = await this.versions(name);
    return {
      ...this.summary(name, versions),
      written: versions.find(({ inUse }) => inUse)!.written!,
      names: kind.names.map(({ name: word, path, description, only = null }) => ({
        name: word,
        path,
        description,
        only,
        example: String(valueAt(kind.examples[0]!, path)),
      })),
      conditions: kind.conditions,
      parts: kind.parts.map(({ name: part, description }) => ({ name: part, description })),
      ownButton: kind.action === undefined,
      draft: await this.templates.isDraft(this.dataSource.manager, name),
      versions,
    };
  }

  /** Throws `template_not_found`, `version_not_found`. */
  async compare(scope: Scope, name: string, version: number): Promise<TemplateComparison> {
    requireWholeOrganisation(scope, 'hr');
    const versions = await this.versions(name);
    const shown = versionIn(versions, version);
    const before = versions.find((one) => one.version < shown.version && one.written !== null);
    const other = shown.inUse ? before : versions.find(({ inUse }) => inUse);
    const text = shown.written ? templateFile(shown.written) : '';
    return {
      version: shown,
      other: other?.version ?? null,
      difference: lineDifference(other?.written ? templateFile(other.written) : text, text),
    };
  }

  /**
   * Puts a text into use from the next wave on. Throws `template_refused` with every problem, `template_unchanged`,
   * `template_changed`, `bad_reason`, `individual_number`.
   */
  async save(scope: Scope, name: string, change: TemplateChange): Promise<TemplateVersion> {
    const { actor } = requireWholeOrganisation(scope, 'hr');
    templateKind(name);
    const written = normalTemplate(change);
    const reason = toReason(change.reason);
    const { problems, source } = await this.checked(name, written);
    if (!source) throw refusedTemplate(problems);
    return this.dataSource.transaction(async (em) => {
      await lockTemplates(em);
      const shipped = await this.templates.shipped(name);
      const inUse = (await this.versions(name, em)).find((version) => version.inUse)!;
      refuseStale(inUse, change.basedOn);
      if (same(inUse.written!, written)) {
        throw new AppError('template_unchanged', 'conflict', 'いま使っている文面と同じです。');
      }
      // The text that ships is the first version, whether it was ever sent or not.
      const ships = this.templates.translate(name, shipped).source;
      if (ships) await this.templates.record(em, name, ships);
      const version = await this.templates.record(em, name, source);
      await addChoice(em, name, {
        version: version.version,
        shipped: same(written, shipped),
        reason,
        at: this.clock.now(),
        by: actor,
      });
      await this.audit.record(em, {
        actor,
        action: 'template_set',
        target: `template:${name}`,
        details: { version: version.version, before: inUse.version },
      });
      return version;
    });
  }

  /** The same as saving its text again: today's rules hold for it. Throws `version_not_found` and what `save` throws. */
  async restore(scope: Scope, name: string, version: number, reason: string): Promise<TemplateVersion> {
    requireWholeOrganisation(scope, 'hr');
    const { written } = versionIn(await this.versions(name), version);
    if (written) return this.save(scope, name, { ...written, reason });
    throw new AppError(
      'version_without_text',
      'conflict',
      '以前の形式の版のため、戻せません。文面を書き直して保存してください。',
    );
  }

  /**
   * How a text reads to the managers of a unit today, or to the first who would be written to; without a draft the text
   * in use. Nobody's address is shown and names are masked, so it is no look at anybody. Throws `unit_without_message`.
   */
  async preview(
    scope: Scope,
    name: string,
    draft?: TemplateText,
    unitCode?: string,
  ): Promise<TemplatePreview> {
    requireWholeOrganisation(scope, 'hr');
    const kind = templateKind(name);
    const written = normalTemplate(draft ?? (await this.templates.inUse(this.dataSource.manager, name)));
    const { problems, source } = await this.checked(name, written);
    const toPersons = POLICIES.some((policy) => policy.template === name && speaksToPersons(policy));
    if (!source) return { problems, message: null, unit: null, toPersons };
    const found = await this.planned(scope, name, unitCode);
    const message = compileTemplate(source)(masked(kind, found?.context ?? kind.examples[0]!));
    return {
      problems: [],
      message,
      unit: found && { code: found.unit.code, name: found.unit.name },
      toPersons,
    };
  }

  /** By the rules, and by the names of the people who work here. */
  private async checked(name: string, written: TemplateText) {
    const translated = this.templates.translate(name, written);
    if (translated.problems.some(({ code }) => code === 'too_long')) return translated;
    const named = await this.namedPeople(written);
    if (named.length === 0) return translated;
    return { source: null, problems: [...translated.problems, ...named] };
  }

  private async namedPeople({ subject, body }: TemplateText): Promise<TemplateProblem[]> {
    const lines = [subject, ...body.split('\n')];
    const found = await staffNamesIn(this.dataSource.manager, unspaced(lines.join('\n')));
    return found.map((person) => {
      // Nowhere where the name is broken over lines.
      const line = lines.findIndex((text) => unspaced(text).includes(person));
      return {
        code: 'naming',
        part: line === 0 ? 'subject' : 'body',
        line: line === 0 ? 1 : line < 0 ? null : line,
        reason: '職員の氏名と同じ文字が入っています。個人を名指しする文は書けません。',
      };
    });
  }

  /** What would be said today: to the first, or about the unit. */
  private async planned(
    scope: Scope,
    name: string,
    unitCode: string | undefined,
  ): Promise<PlannedMessage | null> {
    const policy = POLICIES.find(({ template }) => template === name)!;
    const { messages } = await this.planner
      .plan(scope, policy, this.clock.today())
      .catch((error: unknown) => {
        if (error instanceof AppError && error.code === 'no_organisation') return { messages: [] };
        throw error;
      });
    const message = await firstOf(messages, ({ unit }) => unitCode === undefined || unit.code === unitCode);
    if (message) return message;
    if (unitCode === undefined) return null;
    throw new AppError(
      'unit_without_message',
      'not_found',
      'この所属コードの所属には、今日の時点で送る文面がありません(目標に届いている、上の所属の所属長に届く、など)。別の所属コードを入れてください。',
    );
  }

  /** Newest first; with what ships and what is in use, where they have not been recorded yet. */
  private async versions(name: string, em = this.dataSource.manager): Promise<TemplateVersionView[]> {
    const [shipped, inUse, choices] = [
      await this.templates.shipped(name),
      normalTemplate(await this.templates.inUse(em, name)),
      await choicesOf(em, name),
    ];
    const recorded = await recordedVersions(em, name);
    const texts = recorded.map(({ written }) => written && normalTemplate(written));
    // Of one text in several looks the newest version is the one in use.
    const usedIndex = texts.findIndex((text) => text !== null && same(text, inUse));
    const versions: TemplateVersionView[] = recorded.map(({ version, recordedAt, waves }, index) => ({
      version,
      written: texts[index]!,
      inUse: index === usedIndex,
      shipped: texts[index] !== null && same(texts[index]!, shipped),
      recordedAt,
      waves,
      choices: choices.filter((choice) => choice.version === version),
    }));
    const unrecorded = [shipped, inUse].filter(
      (text, index, all) =>
        all.findIndex((one) => same(one, text)) === index && !texts.some((one) => one && same(one, text)),
    );
    for (const written of unrecorded) {
      versions.unshift({
        version: (versions[0]?.version ?? 0) + 1,
        written,
        inUse: same(written, inUse),
        shipped: same(written, shipped),
        recordedAt: null,
        waves: 0,
        choices: [],
      });
    }
    return versions;
  }

  private summary(name: string, versions: readonly TemplateVersionView[]): TemplateSummary {
    const policy = POLICIES.find(({ template }) => template === name);
    const { version, shipped, choices } = versions.find(({ inUse }) => inUse)!;
    return {
      name,
      title: policy?.title ?? name,
      description: policy?.description ?? '',
      version,
      shipped,
      changed: choices[0] ?? null,
    };
  }
}

/** Without spaces, and once more without signs: some names have a 「・」. */
function unspaced(text: string): string {
  const plain = text.normalize('NFKC').replace(/\s/g, '');
  return `${plain}\n${plain.replace(/[\p{P}\p{S}]/gu, '')}`;
}

function versionIn(versions: readonly TemplateVersionView[], version: number): TemplateVersionView {
  const found = versions.find((one) => one.version === version);
  if (found) return found;
  throw new AppError('version_not_found', 'not_found', 'この版は見つかりません。');
}

function same(one: TemplateText, other: TemplateText): boolean {
  return one.subject === other.subject && one.body === other.body;
}

function refuseStale(inUse: TemplateVersionView, basedOn: number | undefined): void {
  if (basedOn === undefined || basedOn === inUse.version) return;
  throw new AppError(
    'template_changed',
    'conflict',
    `書いている間に、ほかの人が第${inUse.version}版に変えました。書いた文面を手元に写してから、開き直してください。`,
    { version: inUse.version },
  );
}

function toReason(reason: string): string {
  const text = reason.trim();
  if (text === '' || text.length > LONGEST_REASON)
    throw new AppError('bad_reason', 'invalid', `変える理由を${LONGEST_REASON}字までで書いてください。`);
  refuseIn(text, 'reason');
  return text;
}
