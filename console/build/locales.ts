import type { Plugin } from 'vite';

/**
 * React Aria brings its few words in 34 languages, 40 kB gzipped that nobody here reads: all but the console's own are
 * left out.
 */
export function localesOf(kept: readonly string[]): Plugin {
  return {
    name: 'locales',
    enforce: 'pre',
    load(id) {
      const found =
        /\/react-(?:aria|stately|aria-components)\/.*\/(?:intl|i18n)\/.*?([a-z]{2}-[A-Z]{2})\.m?js$/.exec(id);
      if (found?.[1] === undefined || kept.includes(found[1])) return null;
      return 'export default {};';
    },
  };
}
