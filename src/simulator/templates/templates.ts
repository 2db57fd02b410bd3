import type { UncertainSwitches } from '../options.ts';
import { digest } from '../random.ts';
import { type FieldRule, fieldClass, fieldRule } from './field-rules.ts';

/**
 * Which interface a template belongs to: `oa` template/send, `subscribe` subscribe/send and bizsend,
 * `form` the retired wxopen/template/send, `once` template/subscribe.
 */
export type TemplateFamily = 'oa' | 'subscribe' | 'form' | 'once';

/** What a template says; the lines of its content are made from `fields`. */
export interface TemplateDefinition {
  family: TemplateFamily;
  title: string;
  /** Line by line: what people read, the key that messages fill, a sample. */
  fields: readonly { label: string; key: string; example: string; values?: readonly string[] }[];
  /** Of the family `subscribe`: 2 one-time, 3 long-term. Default 2. */
  type?: 2 | 3;
  primaryIndustry?: string;
  deputyIndustry?: string;
}

interface CompiledField {
  key: string;
  name: string;
  rule: FieldRule;
}

export class Template {
  readonly id: string;
  readonly family: TemplateFamily;
  readonly title: string;
  readonly content: string;
  readonly example: string;
  readonly type: 2 | 3;
  readonly definition: TemplateDefinition;
  /** Every key has a parameter class, so values are checked. Industry and sandbox templates have free keys. */
  readonly typed: boolean;
  banned = false;
  readonly #fields: CompiledField[] = [];
  readonly #limit: number;

  constructor(id: string, definition: TemplateDefinition, switches: UncertainSwitches) {
    this.id = id;
    this.definition = definition;
    this.family = definition.family;
    this.title = definition.title;
    this.type = definition.type ?? 2;
    // Lines of subscribe templates and category templates each end with a line feed, those of older ones do not.
    this.typed =
      definition.family !== 'once' && definition.fields.every((field) => fieldClass(field.key) !== undefined);
    const end = this.typed ? '\n' : '';
    const separator = this.typed ? ':' : '：';
    const lines = (value: (field: TemplateDefinition['fields'][number]) => string): string =>
      definition.fields.map((field) => `${field.label}${separator}${value(field)}`).join('\n') + end;
    this.content = lines((field) => `{{${field.key}.DATA}}`);
    this.example = lines((field) => field.example);
    this.#limit = switches.argumentTextLimit;
    for (const field of definition.fields) {
      const name = fieldClass(field.key);
      if (name === undefined || !this.typed) continue;
      this.#fields.push({ key: field.key, name, rule: fieldRule(name, field.values ?? [], switches) });
    }
  }

  /** The errmsg of 47003 for the first bad field, or undefined. */
  check(data: unknown): string | undefined {
    for (const { key, name, rule } of this.#fields) {
      const value = dataValue(data, key);
      const missing = value === undefined || value === null || (value === '' && name !== 'const');
      if (missing) return this.#argument(key, 'is empty');
      if (typeof value !== 'string' || !rule(value)) return this.#argument(key, 'invalid');
    }
    return undefined;
  }

  #argument(key: string, what: string): string {
    const text = `argument invalid! data.${key}.value ${what}`;
    return this.#limit > 0 ? text.slice(0, this.#limit) : text;
  }
}

function dataValue(data: unknown, key: string): unknown {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return undefined;
  // An object that came out of JSON.parse.
  const field = (data as Record<string, unknown>)[key];
  if (typeof field !== 'object' || field === null) return undefined;
  // As above.
  return (field as Record<string, unknown>).value;
}

/** 43 characters, always the same for the same account and name. */
export function templateId(seed: number | string, appid: string, name: string): string {
  return digest('template', seed, appid, name).toString('base64url');
}
