import type { ErrorEntry } from '../../../src/texts/catalogue.ts';
import { errorSections } from '../../../src/texts/errors.ts';

/** docs/errors.md with the rows of its tables of codes as the catalogue has them; its prose stays. */
export function errorsPage(page: string): string {
  const parts = page.split(/^(?=## )/m);
  return parts
    .map((part) => {
      const section = errorSections.find(([title]) => part.startsWith(`## ${title} ·`));
      if (section === undefined) return part;
      const lines = part.split('\n').filter((line) => !/^\| `[A-Z][A-Z0-9_]*` \|/.test(line));
      const under = lines.findIndex((line) => /^\|---/.test(line));
      if (under === -1) throw new Error(`the section ${section[0]} has no table`);
      // The first table of a section is the one of codes.
      const entries: [string, ErrorEntry][] = Object.entries(section[1]);
      lines.splice(under + 1, 0, ...entries.map(([code, entry]) => row(code, entry)));
      return lines.join('\n');
    })
    .join('');
}

function row(code: string, { about, remedy }: ErrorEntry): string {
  const cell = ({ en, zh }: { en: string; zh: string }): string => (en === zh ? en : `${en}<br>${zh}`);
  return `| \`${code}\` | ${cell(about)} | ${cell(remedy)} |`;
}
