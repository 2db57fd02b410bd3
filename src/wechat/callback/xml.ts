import { SaxesParser } from 'saxes';
import { setOwn } from '../../base/set-own.ts';
import type { CallbackFields, CallbackValue } from './event.ts';
import { maxDepth, maxValues } from './limits.ts';

interface OpenElement {
  name: string;
  text: string;
  /** Null until the first child: then the element is fields, and the blanks between them are nothing. */
  fields: CallbackFields | null;
}

/**
 * The children of `<xml>` by name; what occurs twice is a list. Undefined for what is not well-formed, and for what WeChat
 * never sends: a DOCTYPE, entities beyond the five predefined and character references, processing instructions,
 * another root, more than 16 levels or 10,000 elements. Never throws.
 */
export function parseCallbackXml(text: string): CallbackFields | undefined {
  try {
    return parse(text);
  } catch {
    // Whatever the parser or a limit says quotes the text, which is a user's.
    return undefined;
  }
}

function parse(text: string): CallbackFields | undefined {
  const parser = new SaxesParser({ position: false });
  const open: OpenElement[] = [];
  let root: CallbackFields | undefined;
  let count = 0;
  const refuse = (): never => {
    throw new Error('refused');
  };
  const addText = (more: string): void => {
    const top = open.at(-1);
    if (top !== undefined) top.text += more;
  };
  parser.on('error', refuse);
  parser.on('doctype', refuse);
  parser.on('processinginstruction', refuse);
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('opentag', ({ name }) => {
    count++;
    if (count > maxValues || open.length >= maxDepth) refuse();
    if (open.length === 0 && name !== 'xml') refuse();
    open.push({ name, text: '', fields: null });
  });
  parser.on('closetag', () => {
    const element = open.pop();
    if (element === undefined) return;
    const parent = open.at(-1);
    if (parent === undefined) root = element.fields ?? {};
    else {
      parent.fields ??= {};
      add(parent.fields, element.name, element.fields ?? element.text);
    }
  });
  parser.write(text).close();
  return root;
}

function add(fields: CallbackFields, name: string, value: CallbackValue): void {
  if (!Object.hasOwn(fields, name)) {
    setOwn(fields, name, value);
    return;
  }
  const known = fields[name];
  // An element is never a list by itself, so a list is one that was begun here.
  if (Array.isArray(known)) known.push(value);
  else if (known !== undefined) setOwn(fields, name, [known, value]);
}
