/** Called for the elements of a part that stand where the vocabulary has them. */
export interface XmlHandlers {
  /**
   * `path` is the element's place below the root: `sheetData/row/c`. Attributes keep their prefixes, and `namespaces`
   * says what these stand for.
   */
  open?(path: string, attributes: Record<string, string>, namespaces: Readonly<Record<string, string>>): void;
  /** Text directly inside the element. */
  text?(path: string, text: string): void;
  close?(path: string): void;
}

/** The elements of a kind of part. */
export interface XmlVocabulary {
  root: string;
  /** Transitional and strict files differ in it. */
  namespaces: readonly string[];
  /** Places below the root, parents included. Everything else is skipped, whatever it is called. */
  paths: readonly string[];
}

interface Place {
  path: string;
  parent: Place | undefined;
  children: Map<string, Place>;
}

// The deepest element of a cell is the fifth; pictures and extensions, which are skipped, have some twenty more.
const maxDepth = 256;
/** Namespaces that may be declared at one place, those of the elements around it included. */
const maxPrefixes = 1000;

/** The places of a vocabulary, under one that stands for the document. */
function placesOf({ root, paths }: XmlVocabulary): Place {
  const document: Place = { path: '', parent: undefined, children: new Map() };
  const top: Place = { path: '', parent: document, children: new Map() };
  document.children.set(root, top);
  for (const path of paths) {
    let place = top;
    for (const name of path.split('/')) {
      let child = place.children.get(name);
      if (child === undefined) {
        child = { path: place === top ? name : `${place.path}/${name}`, parent: place, children: new Map() };
        place.children.set(name, child);
      }
      place = child;
    }
  }
  return document;
}

/**
 * Follows a stream of tags and tells only of the elements that count: of the part's own namespace, in their places.
 * `numFmt` in `dxfs` is no `numFmt` in `numFmts`, and `x14:row` is no row.
 */
export class ElementPaths {
  private readonly vocabulary: XmlVocabulary;
  private readonly handlers: XmlHandlers;
  private place: Place;
  private depth = 0;
  /** Elements that are open inside one that does not count, that one included. */
  private skipped = 0;
  /** The root's namespace. */
  private namespace = '';
  /** Namespaces by prefix, the empty one too; those of the elements around it are its prototypes. */
  private scope: Record<string, string> = Object.create(null);
  private prefixes = 0;
  /** Scopes to go back to, with the depth of the element that declared another one. */
  private readonly outer: { depth: number; scope: Record<string, string>; prefixes: number }[] = [];

  constructor(vocabulary: XmlVocabulary, handlers: XmlHandlers) {
    this.vocabulary = vocabulary;
    this.handlers = handlers;
    this.place = placesOf(vocabulary);
  }

  open(name: string, attributes: Record<string, string>): 'depth' | 'root' | undefined {
    this.depth += 1;
    if (this.depth > maxDepth) return 'depth';
    if (this.skipped > 0) {
      this.skipped += 1;
      return undefined;
    }
    for (const key in attributes)
      if (key.startsWith('xmlns') && !this.addNamespace(key, attributes)) return 'depth';
    const colon = name.indexOf(':');
    const namespace = this.scope[colon < 0 ? '' : name.slice(0, colon)] ?? '';
    if (this.depth === 1) {
      // Some programs leave the namespace out, and spreadsheet programs do not mind.
      if (namespace !== '' && !this.vocabulary.namespaces.includes(namespace)) return 'root';
      this.namespace = namespace;
    }
    const place =
      namespace === this.namespace
        ? this.place.children.get(colon < 0 ? name : name.slice(colon + 1))
        : undefined;
    if (place === undefined) {
      if (this.depth === 1) return 'root';
      this.skipped = 1;
      return undefined;
    }
    this.place = place;
    this.handlers.open?.(place.path, attributes, this.scope);
    return undefined;
  }

  private addNamespace(key: string, attributes: Record<string, string>): boolean {
    const last = this.outer.at(-1);
    if (this.prefixes >= maxPrefixes) return false;
    if (last?.depth !== this.depth) {
      this.outer.push({ depth: this.depth, scope: this.scope, prefixes: this.prefixes });
      this.scope = Object.create(this.scope);
    }
    this.prefixes += 1;
    if (key === 'xmlns') this.scope[''] = attributes[key] ?? '';
    else if (key[5] === ':') this.scope[key.slice(6)] = attributes[key] ?? '';
    return true;
  }

  text(text: string): void {
    if (this.skipped === 0) this.handlers.text?.(this.place.path, text);
  }

  close(): void {
    if (this.skipped > 0) this.skipped -= 1;
    else {
      this.handlers.close?.(this.place.path);
      if (this.place.parent !== undefined) this.place = this.place.parent;
    }
    const last = this.outer.at(-1);
    if (last?.depth === this.depth) {
      this.scope = last.scope;
      this.prefixes = last.prefixes;
      this.outer.pop();
    }
    this.depth -= 1;
  }
}
