import { type Bilingual, type FieldClass, fieldClass } from './fields.ts';

/** One line of a template. */
export interface TemplateField {
  /** The text before the placeholder, without its colon; empty where there is none. */
  label: string;
  /** The key in `data`, e.g. `thing1` or `first`. */
  key: string;
  /** The rule that WeChat enforces; null in free templates. */
  class: FieldClass | null;
}

export interface TemplateContent {
  fields: TemplateField[];
  /**
   * `typed`: every key names its class; WeChat refuses values that break it (subscribe messages, category
   * templates). `free`: old industry templates; WeChat shortens instead of refusing.
   */
  family: 'typed' | 'free';
}

// WeChat's pages print `{ {key.DATA} }`, and people paste from there.
const placeholder = /\{\s*\{\s*([\p{L}\p{N}_]+)\s*\.\s*DATA\s*\}\s*\}/giu;

/**
 * The fields of a template's `content` in the order shown. A key that occurs twice is given once.
 *
 * @param content As in gettemplate or get_all_private_template: `名称:{{thing1.DATA}}` lines, `{{first.DATA}}`
 * without a label, several on one line, half- or full-width colon.
 */
export function parseTemplateContent(content: string): TemplateContent {
  const found = new Map<string, string>();
  let end = 0;
  for (const match of content.matchAll(placeholder)) {
    const key = match[1];
    if (key === undefined) continue;
    if (!found.has(key)) found.set(key, labelOf(content.slice(end, match.index)));
    end = match.index + match[0].length;
  }
  const keys = [...found.keys()];
  const family = keys.length > 0 && keys.every((key) => fieldClass(key) !== null) ? 'typed' : 'free';
  return {
    fields: [...found].map(([key, label]) => ({
      label,
      key,
      class: family === 'typed' ? fieldClass(key) : null,
    })),
    family,
  };
}

/** The label is on the placeholder's own line, or alone on the line before and ends with a colon. */
function labelOf(between: string): string {
  const lines = between.split(/\r?\n/).map((line) => line.replaceAll(/\s+/g, ' ').trim());
  const own = lines.pop() ?? '';
  const before = lines.findLast((line) => line !== '') ?? '';
  const label = own === '' && /[:：]$/.test(before) ? before : own;
  return label.replace(/\s*[:：]$/, '');
}

/** Why a template id cannot be sent with. */
export interface TemplateIdProblem {
  kind: 'empty' | 'surrounding-characters' | 'library-short-id' | 'library-tid' | 'malformed';
  message: Bilingual;
}

const privateTemplateId = /^[A-Za-z0-9_-]{43}$/;

/**
 * Null when `id` looks like an id that can be sent with (43 characters of `A-Z a-z 0-9 _ -`), else what it is
 * instead and what to do. WeChat itself only answers 40036 or 40037.
 */
export function explainTemplateId(id: string): TemplateIdProblem | null {
  if (privateTemplateId.test(id)) return null;
  const bare = id
    .trim()
    .replaceAll(/^["'“‘「]+|["'”’」,，;；]+$/g, '')
    .trim();
  if (bare === '') {
    return { kind: 'empty', message: { en: 'The template id is empty.', zh: '模板 ID 为空。' } };
  }
  if (privateTemplateId.test(bare)) {
    return {
      kind: 'surrounding-characters',
      message: {
        en: 'The template id has spaces, quotes or punctuation around it; remove them.',
        zh: '模板 ID 前后有空格、引号或标点，请去掉。',
      },
    };
  }
  if (/^(OPEN)?TM\d+$/i.test(bare)) {
    return {
      kind: 'library-short-id',
      message: {
        en: `${bare} is the number of a template in WeChat’s library, not of this account. Add it to the account first, then use the 43-character id.`,
        zh: `${bare} 是模板库中的编号，不是该账号的模板 ID。请先把它添加到账号，再使用 43 位的模板 ID。`,
      },
    };
  }
  if (/^\d{1,10}$/.test(bare)) {
    return {
      kind: 'library-tid',
      message: {
        en: `${bare} is the number of a template title (tid) in WeChat’s library. Choose its keywords and add it to the account, then use the 43-character id.`,
        zh: `${bare} 是模板库的标题编号（tid）。请选择关键词并添加到账号，再使用 43 位的模板 ID。`,
      },
    };
  }
  const length = [...bare].length;
  return {
    kind: 'malformed',
    message: {
      en: `The template id has ${length} characters; a template of an account has 43 (A-Z a-z 0-9 _ -). Copy it again from the template list.`,
      zh: `模板 ID 有 ${length} 个字符，正确的为 43 位（字母、数字、_、-）。请从模板列表重新复制。`,
    },
  };
}
