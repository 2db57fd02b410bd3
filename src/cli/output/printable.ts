/**
 * Text as a terminal may be given it: control characters and changes of the reading direction are written as `\u001b`.
 *
 * WeChat's words, template titles, file names and cells come from elsewhere and would otherwise move the cursor, repaint
 * lines or retitle the window. The spelling is also JSON's, so JSON lines keep their meaning.
 */
export function printable(text: string): string {
  return text.replace(unprintable, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

// Tab and line end stay; a carriage return only before a line end.
const unprintable =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is its job
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|\r(?!\n)/g;
