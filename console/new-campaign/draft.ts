import { useState } from 'react';

/** Everything that is typed here. It stays in the tab until the campaign is planned, whatever page is opened meanwhile. */
export interface Draft {
  templateId: string;
  values: Record<string, string>;
  opens: string;
  audience: 'all' | 'list' | 'upload';
  openids: string;
  uploadId: number | null;
  startAt: string;
  validUntil: string;
  again: boolean;
}

const empty: Draft = {
  templateId: '',
  values: {},
  opens: '',
  audience: 'all',
  openids: '',
  uploadId: null,
  startAt: '',
  validUntil: '',
  again: false,
};

const place = (appid: string): string => `hongyan.draft.${appid}`;

export function useDraft(appid: string, templateId: string): [Draft, (change: Partial<Draft>) => void] {
  const [draft, setDraft] = useState<Draft>(() => {
    const before = { ...empty, ...stored(appid) };
    return templateId === '' || templateId === before.templateId
      ? before
      : { ...before, templateId, values: {} };
  });
  return [
    draft,
    (change) => {
      const next = { ...draft, ...change };
      setDraft(next);
      sessionStorage.setItem(place(appid), JSON.stringify(next));
    },
  ];
}

export function forgetDraft(appid: string): void {
  sessionStorage.removeItem(place(appid));
}

function stored(appid: string): Partial<Draft> {
  const text = sessionStorage.getItem(place(appid));
  // Written above.
  return text === null ? {} : (JSON.parse(text) as Partial<Draft>);
}

/** WeChat's own body, without whom it is for. */
export function messageOf({ templateId, values, opens }: Draft, channel: string): Record<string, unknown> {
  const target = opens.trim();
  return {
    template_id: templateId,
    data: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value }])),
    ...(target === '' ? {} : channel === 'oa-template' ? { url: target } : { page: target }),
  };
}

/** A value for each `{{variable}}` of the message: that of the row that is looked at, else its own name. */
export function variablesOf(
  { values, opens }: Draft,
  row: Readonly<Record<string, string>>,
): Record<string, string> {
  const names = [...Object.values(values), opens].flatMap((text) =>
    [...text.matchAll(/\{\{([^{}]+)\}\}/g)].map(([, name = '']) => name.trim()),
  );
  return Object.fromEntries(names.map((name) => [name, row[name] ?? name]));
}

/** The draft as one person gets it. */
export function withRow(draft: Draft, row: Readonly<Record<string, string>>): Draft {
  const variables = variablesOf(draft, row);
  const filled = (text: string): string =>
    text.replaceAll(/\{\{([^{}]+)\}\}/g, (whole, name: string) => variables[name.trim()] ?? whole);
  const values = Object.fromEntries(Object.entries(draft.values).map(([key, text]) => [key, filled(text)]));
  return { ...draft, values, opens: filled(draft.opens) };
}
