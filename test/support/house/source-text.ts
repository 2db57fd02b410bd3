/**
 * Reads TypeScript just well enough for house rules: what is code, what is comment, what is text, what is
 * imported and exported. TypeScript 7 has no JavaScript API, and the formatter keeps the sources regular.
 */

export interface Literal {
  at: number;
  /** Content without quotes; `{}` stands for each expression of a template. */
  text: string;
}

export interface SourceText {
  /** As long as the file: comments, contents of literals and regular expressions are spaces, lines stay. */
  code: string;
  comments: Literal[];
  strings: Literal[];
}

export interface Import {
  at: number;
  from: string;
  /** `import type` and `export type … from`: nothing of it is left at run time. */
  typeOnly: boolean;
  /** Names as the other file exports them; `*` for all of them. */
  names: string[];
}

export interface Export {
  at: number;
  name: string;
  typeOnly: boolean;
}

const wordsBeforeRegex = /(?:^|[^\w$.])(?:return|typeof|case|in|of|delete|void|throw|new|await|yield|else)$/;

export function readSource(text: string): SourceText {
  const code = [...text.replace(/[\ud800-\udfff]/g, ' ')];
  const comments: Literal[] = [];
  const strings: Literal[] = [];
  let at = 0;
  let tail = ''; // the code before `at`, spaces dropped, as far as a decision needs it

  const blank = (from: number, to: number): void => {
    for (let i = from; i < to; i++) if (code[i] !== '\n') code[i] = ' ';
  };
  const skipComment = (end: number): void => {
    const to = end === -1 ? text.length : end;
    comments.push({ at, text: text.slice(at, to) });
    blank(at, to);
    at = to;
  };
  const skipString = (quote: string): void => {
    const from = at++;
    while (at < text.length && text[at] !== quote) at += text[at] === '\\' ? 2 : 1;
    strings.push({ at: from, text: text.slice(from + 1, at) });
    blank(from + 1, at++);
    tail = quote;
  };
  const skipRegex = (): void => {
    const from = at++;
    let inClass = false;
    while (at < text.length && text[at] !== '\n' && (inClass || text[at] !== '/')) {
      if (text[at] === '[') inClass = true;
      if (text[at] === ']') inClass = false;
      at += text[at] === '\\' ? 2 : 1;
    }
    blank(from + 1, at++);
    tail = '/';
  };
  const skipTemplate = (): void => {
    const literal = { at, text: '' };
    strings.push(literal);
    let from = ++at;
    const take = (): void => {
      literal.text += text.slice(from, at);
      blank(from, at);
    };
    while (at < text.length && text[at] !== '`') {
      if (text.startsWith('${', at)) {
        take();
        literal.text += '{}';
        at += 2;
        scan(true);
        from = at;
      } else {
        at += text[at] === '\\' ? 2 : 1;
      }
    }
    take();
    at++;
    tail = '`';
  };
  /** Code until the end, or until the `}` that closes an expression in a template. */
  const scan = (inTemplate: boolean): void => {
    let depth = 0;
    tail = '{';
    while (at < text.length) {
      const char = text[at] ?? '';
      if (text.startsWith('//', at) || (at === 0 && text.startsWith('#!'))) {
        skipComment(text.indexOf('\n', at));
      } else if (text.startsWith('/*', at)) {
        const end = text.indexOf('*/', at + 2);
        skipComment(end === -1 ? -1 : end + 2);
      } else if (char === "'" || char === '"') {
        skipString(char);
      } else if (char === '`') {
        skipTemplate();
      } else if (
        char === '/' &&
        text[at - 1] !== '<' &&
        (/[(,=:[!&|?{;+\-*%~^<>]$/.test(tail) || wordsBeforeRegex.test(tail))
      ) {
        skipRegex();
      } else {
        if (inTemplate && char === '}' && depth === 0) {
          at++;
          return;
        }
        if (char === '{') depth++;
        if (char === '}') depth--;
        if (!/\s/.test(char)) tail = tail.slice(-12) + char;
        else if (/[\w$]$/.test(tail) && /[\w$]/.test(text[at + 1] ?? '')) tail += ' ';
        at++;
      }
    }
  };
  scan(false);
  return { code: code.join(''), comments, strings };
}

/** 1-based line of a position. */
export function lineAt(text: string, at: number): number {
  let line = 1;
  for (let i = text.indexOf('\n'); i !== -1 && i < at; i = text.indexOf('\n', i + 1)) line++;
  return line;
}

/** Every import and re-export, also without names, dynamic, and `import('…').Type`. */
export function readImports(text: string, { code }: SourceText): Import[] {
  const found: Import[] = [];
  const specifier = (quoteAt: number): string => {
    const quote = text[quoteAt] ?? "'";
    return text.slice(quoteAt + 1, text.indexOf(quote, quoteAt + 1));
  };
  const add = (match: RegExpExecArray, names: string[], typeOnly: boolean): void => {
    found.push({ at: match.index, from: specifier(match.index + match[0].length - 1), typeOnly, names });
  };
  for (const match of code.matchAll(
    /(?<![\w$.])(?:import|export)\b(\s+type\b(?!\s*(?:,|from)))?([\w$*{},\s]*?)\bfrom\s*['"]/g,
  )) {
    add(match, namesIn(match[2] ?? ''), match[1] !== undefined);
  }
  // For its effect, dynamic, or in a type; of the last two, all names may be used.
  for (const match of code.matchAll(/(?<![\w$.])import\s*(\(?)\s*['"`]/g)) {
    add(match, match[1] === '(' ? ['*'] : [], false);
  }
  return found.sort((a, b) => a.at - b.at);
}

function namesIn(clause: string): string[] {
  const names: string[] = [];
  const [whole, outside = ''] = [clause, clause.replace(/\{[^}]*\}/, '')];
  if (outside.includes('*')) names.push('*');
  else if (/[\w$]/.test(outside)) names.push('default');
  for (const part of /\{([^}]*)\}/.exec(whole)?.[1]?.split(',') ?? []) {
    const name = /^\s*(?:type\s+)?([\w$]+)/.exec(part)?.[1];
    if (name !== undefined) names.push(name);
  }
  return names;
}

/** What a file declares and exports itself; re-exports are imports. */
export function readExports({ code }: SourceText): Export[] {
  const found: Export[] = [];
  for (const match of code.matchAll(
    /(?<![\w$.])export\s+(?:declare\s+)?(default\b|(?:async\s+)?function\*?|(?:abstract\s+)?class|const|let|interface|type)\s*([\w$]*)/g,
  )) {
    const [, keyword, name = ''] = match;
    const typeOnly = keyword === 'interface' || keyword === 'type';
    if (keyword === 'default') found.push({ at: match.index, name: 'default', typeOnly: false });
    else if (name !== '' && !(keyword === 'type' && name === 'from'))
      found.push({ at: match.index, name, typeOnly });
  }
  for (const match of code.matchAll(/(?<![\w$.])export\s+(type\s+)?\{([^}]*)\}(?!\s*from\b)/g)) {
    for (const part of (match[2] ?? '').split(',')) {
      const name = /(?:\bas\s+)?([\w$]+)\s*$/.exec(part)?.[1];
      if (name !== undefined) found.push({ at: match.index, name, typeOnly: match[1] !== undefined });
    }
  }
  return found;
}
