import { createHash } from 'node:crypto';

// No script, and no request that leaves the machine.
const style = `:root{color-scheme:light dark}body{font:15px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
code,pre{font:13px/1.5 ui-monospace,monospace}pre{overflow:auto;padding:.75rem;border:1px solid #8884;border-radius:6px}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #8884;padding:.4rem;text-align:left;vertical-align:top}
h3{margin-top:2.5rem}summary{cursor:pointer}nav a{margin-right:1rem}td p{margin:0}`;

/** Content-Security-Policy of these pages: the one style is allowed by its hash, and nothing else is. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** A page to read; `parts` are HTML, made by the functions below. */
export function htmlPage(lang: string, title: string, parts: string[]): string {
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${style}</style>`;
  return `<!doctype html><html lang="${lang}">${head}<h1>${escaped(title)}</h1>${parts.join('\n')}</html>`;
}

export function heading(title: string, anchor?: string): string {
  return `<h3${anchor === undefined ? '' : ` id="${anchor}"`}>${text(title)}</h3>`;
}

export function paragraph(words: string): string {
  return `<p>${text(words)}</p>`;
}

export function links(list: readonly (readonly [href: string, title: string])[]): string {
  return `<nav>${list.map(([href, title]) => `<a href="${href}">${escaped(title)}</a>`).join('')}</nav>`;
}

/** The first cell of a row is also its anchor. */
export function tableOfCodes(
  head: readonly string[],
  rows: readonly (readonly [string, ...string[]])[],
): string {
  const shown = rows.map(
    ([code, ...cells]) =>
      `<tr id="${code}"><td><code>${code}</code></td>${cells.map((cell) => `<td>${text(cell)}</td>`).join('')}</tr>`,
  );
  return `<table><tr>${head.map((cell) => `<th>${escaped(cell)}</th>`).join('')}</tr>${shown.join('')}</table>`;
}

/** A value that opens on a click; nothing where there is none. */
export function folded(title: string, value: unknown): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return '';
  return `<details><summary>${escaped(title)}</summary><pre>${escaped(JSON.stringify(value, null, 2))}</pre></details>`;
}

/** Text with `code` in backticks. */
function text(words: string): string {
  return escaped(words).replace(/`([^`]+)`/g, '<code>$1</code>');
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(words: string): string {
  return words.replace(/[&<>"]/g, (one) => entities[one] ?? one);
}
