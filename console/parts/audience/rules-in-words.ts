import { filtersWords } from '../../../src/texts/console/filters.ts';
import type { Account } from '../account.tsx';
import { useRead } from '../api.ts';
import { useLanguage, useWords } from '../language.tsx';
import { useMay } from '../session.ts';
import { formatTime, useZone } from '../time.tsx';
import type { Rules } from './filter-rules.ts';

/** Says what a filter asks for, in one line; tags and templates by name where they may be seen, else by number. */
export function useRulesInWords({ appid, kind }: Pick<Account, 'appid' | 'kind'>): (rules: Rules) => string {
  const say = useWords(filtersWords);
  const { lang } = useLanguage();
  const zone = useZone();
  const may = useMay();
  const params = { appid };
  const tags = useRead('GET /v1/accounts/{appid}/tags', { params }, { isOn: kind !== 'miniprogram' });
  const templates = useRead('GET /v1/accounts/{appid}/templates', { params }, { isOn: may('template.read') });
  const listed = (all: readonly string[]): string => all.join(lang === 'zh' ? '、' : ', ');
  const tagName = (id: number): string => tags.data?.data.find((tag) => tag.id === id)?.name ?? `#${id}`;
  const title = (id: string): string =>
    templates.data?.data.find(({ templateId }) => templateId === id)?.title ?? id;
  return ({ tags: ofTags, subscribedSince, subscribedWithinDays, credit, campaigns = [], suppressed }) => {
    const ofCampaigns = (got: boolean): string[] =>
      campaigns.filter((one) => one.got === got).map(({ id }) => `#${id}`);
    const [got, notGot] = [ofCampaigns(true), ofCampaigns(false)];
    const said = [
      ofTags && say('said.tags', { tags: listed(ofTags.map(tagName)) }),
      subscribedSince && say('said.since', { time: formatTime(new Date(subscribedSince), zone, 'minute') }),
      subscribedWithinDays && say('said.days', { days: subscribedWithinDays }),
      credit && say(`said.credit.${credit.is}`, { template: title(credit.templateId) }),
      got.length > 0 && say('said.got', { campaigns: listed(got) }),
      notGot.length > 0 && say('said.notGot', { campaigns: listed(notGot) }),
      suppressed !== undefined && say(suppressed ? 'said.suppressed' : 'said.notSuppressed'),
    ];
    return said.filter((one) => typeof one === 'string').join(lang === 'zh' ? '；' : '; ');
  };
}
