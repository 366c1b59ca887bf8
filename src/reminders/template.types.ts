import type { DifferenceLine } from '../platform/line-difference.js';
import type { RenderedMessage } from './message-template.js';
import type { TemplateCondition } from './template-kind.js';
import type { TemplateProblem, TemplateText } from './template-markup.js';

/** Why a version holds, or held. */
export interface ChoiceView {
  readonly reason: string;
  readonly at: Date;
  readonly by: string;
}

export interface TemplateVersionView {
  readonly version: number;
  /** Null where it was not yet written as one text: it can be read in its waves, and not be taken back. */
  readonly written: TemplateText | null;
  readonly inUse: boolean;
  /** The text that comes with the program. */
  readonly shipped: boolean;
  /** Null as long as no wave has used it and nobody has chosen it. */
  readonly recordedAt: Date | null;
  readonly waves: number;
  /** Newest first. */
  readonly choices: readonly ChoiceView[];
}

export interface TemplateSummary {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly version: number;
  readonly shipped: boolean;
  /** Null where nobody has chosen a text yet. */
  readonly changed: ChoiceView | null;
}

export interface TemplateView extends TemplateSummary {
  /** The text in use. */
  readonly written: TemplateText;
  readonly names: readonly (TemplateCondition & { readonly example: string; readonly only: string | null })[];
  readonly conditions: readonly TemplateCondition[];
  readonly parts: readonly { readonly name: string; readonly description: string }[];
  /** True where authors write `[ボタン: …]`; else the action is one of the parts, or asked for in words. */
  readonly ownButton: boolean;
  /** True as long as the text is a proposal that has to be rewritten before anything goes out. */
  readonly draft: boolean;
  /** Newest first. */
  readonly versions: readonly TemplateVersionView[];
}

export interface TemplateChange extends TemplateText {
  readonly reason: string;
  /** The version the author had before them; another one in use meanwhile refuses the change. */
  readonly basedOn?: number;
}

/** A version beside another: beside the one in use, or for that one beside the version before. */
export interface TemplateComparison {
  readonly version: TemplateVersionView;
  readonly other: number | null;
  /** From the other to this one. */
  readonly difference: readonly DifferenceLine[];
}

export interface TemplatePreview {
  readonly problems: readonly TemplateProblem[];
  /** Null where there are problems. */
  readonly message: RenderedMessage | null;
  /** Whose data it shows; null for invented data, where nobody would be written to. */
  readonly unit: { readonly code: string; readonly name: string } | null;
  /** Whether somebody of the unit reads it, rather than whoever leads the unit. */
  readonly toPersons: boolean;
}
