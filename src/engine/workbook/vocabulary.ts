import type { XmlVocabulary } from './paths.ts';

/** Namespaces of SpreadsheetML, transitional and strict. */
const namespaces = [
  'http://schemas.openxmlformats.org/spreadsheetml/2006/main',
  'http://purl.oclc.org/ooxml/spreadsheetml/main',
];

/** Elements of a part of a workbook. */
export function spreadsheet(root: string, paths: readonly string[]): XmlVocabulary {
  return { root, namespaces, paths };
}

/** The list of parts that a part refers to. */
export const relationshipPart: XmlVocabulary = {
  root: 'Relationships',
  namespaces: [
    'http://schemas.openxmlformats.org/package/2006/relationships',
    'http://purl.oclc.org/ooxml/package/relationships',
  ],
  paths: ['Relationship'],
};
