import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

/** WCAG's relative luminance of `#rrggbb`. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

/** What is written on what. */
const pairs: readonly (readonly [ink: string, ...grounds: string[]])[] = [
  ['ink', 'bg', 'surface', 'sunken', 'hover', 'accent-soft', 'danger-soft', 'warn-soft', 'info-soft'],
  ['ink-2', 'bg', 'surface', 'sunken', 'hover'],
  ['accent', 'bg', 'surface', 'hover', 'accent-soft'],
  ['danger', 'bg', 'surface', 'hover', 'danger-soft'],
  ['warn', 'bg', 'surface', 'hover', 'warn-soft'],
  ['info', 'bg', 'surface', 'hover', 'info-soft'],
  ['held', 'bg', 'surface', 'hover'],
  ['on-accent', 'accent', 'accent-hover'],
  ['on-danger', 'danger'],
];

test('every text can be read on every ground that it stands on, light and dark', async () => {
  const css = await readFile(new URL('../../console/parts/tokens.css', import.meta.url), 'utf8');
  const tokens = new Map(
    [...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(([, name = '', light, dark]) => [
      name,
      [light ?? '', dark ?? ''],
    ]),
  );
  const weak: string[] = [];
  for (const [ink, ...grounds] of pairs) {
    for (const ground of grounds) {
      for (const [mode, name] of ['light', 'dark'].entries()) {
        const [one, other] = [tokens.get(ink)?.[mode], tokens.get(ground)?.[mode]];
        assert.ok(one !== undefined && other !== undefined, `${ink} on ${ground} is not in tokens.css`);
        const ratio = contrast(one, other);
        if (ratio < 4.5) weak.push(`${ink} on ${ground}, ${name}: ${ratio.toFixed(2)}`);
      }
    }
  }
  assert.deepEqual(weak, []);
});
