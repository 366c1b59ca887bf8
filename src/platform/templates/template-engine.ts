import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import Handlebars from 'handlebars';

export type TemplateHelpers = Record<string, (...args: never[]) => unknown>;

export interface TemplateEngineOptions {
  /** Folder of the templates: trusted files that come with the program. */
  readonly root: string;
  /** Folder of the partials, each called by its file name. */
  readonly partialsDir?: string;
  /** The only helpers a template may call, besides `if`, `unless`, `each`, `with` and `lookup`. */
  readonly helpers?: TemplateHelpers;
}

export interface TemplateEngine {
  /** `name` is the path below the root without `.hbs`. Throws where the template names something the data lacks. */
  render(name: string, data: object): string;
  readonly names: readonly string[];
}

const EXTENSION = '.hbs';

/**
 * Reads every template once, so that a file that cannot be parsed stops the start. Each engine has a Handlebars of its
 * own: helpers and partials of pages never reach messages.
 * Limits of `strict`: a missing name inside #if, #each or a helper's argument reads as absent instead of throwing.
 */
export function createTemplateEngine(options: TemplateEngineOptions): TemplateEngine {
  const handlebars = Handlebars.create();
  const helpers = options.helpers ?? {};
  for (const [name, helper] of Object.entries(helpers)) {
    // The last argument Handlebars passes is its own bookkeeping: helpers here are plain functions.
    handlebars.registerHelper(name, (...args: unknown[]) => helper(...(args.slice(0, -1) as never[])));
  }
  const compileOptions: CompileOptions = {
    strict: true,
    noEscape: false,
    knownHelpersOnly: true,
    knownHelpers: Object.fromEntries(Object.keys(helpers).map((name) => [name, true])),
  };
  if (options.partialsDir !== undefined) {
    for (const [name, source] of readTemplates(options.partialsDir)) {
      handlebars.registerPartial(name, handlebars.compile(handlebars.parse(source), compileOptions));
    }
  }
  const templates = new Map<string, HandlebarsTemplateDelegate>();
  for (const [name, source] of readTemplates(options.root)) {
    templates.set(name, handlebars.compile(handlebars.parse(source), compileOptions));
  }
  return {
    names: [...templates.keys()],
    render(name, data) {
      const template = templates.get(name);
      if (!template) throw new Error(`no template ${name}`);
      return template(data);
    },
  };
}

function readTemplates(folder: string): [name: string, source: string][] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(EXTENSION))
    .toSorted()
    .map((file) => [
      file.slice(0, -EXTENSION.length).split(sep).join('/'),
      readFileSync(join(folder, file), 'utf8'),
    ]);
}
