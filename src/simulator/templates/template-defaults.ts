import type { AccountKind } from '../options.ts';
import type { TemplateDefinition } from './templates.ts';

/** The message of the tutorials: keyword1 标题, keyword2 内容, keyword3 时间. */
const tutorialFields = [
  { label: '标题', key: 'keyword1', example: '系统通知' },
  { label: '内容', key: 'keyword2', example: '您的订单已发货' },
  { label: '时间', key: 'keyword3', example: '2026年1月1日 12:00' },
] as const;

const tutorial: TemplateDefinition = {
  family: 'oa',
  title: '消息通知',
  fields: tutorialFields,
  primaryIndustry: 'IT科技',
  deputyIndustry: '互联网|电子商务',
};

const oaOrder: TemplateDefinition = {
  family: 'oa',
  title: '订单发货通知',
  fields: [
    { label: '订单编号', key: 'character_string1', example: 'SF-20260101-1' },
    { label: '商品名称', key: 'thing2', example: '鸿雁牌毛笔' },
    { label: '发货时间', key: 'time3', example: '2026年1月1日 12:00' },
    { label: '订单金额', key: 'amount4', example: '￥100.00' },
    { label: '订单状态', key: 'const5', example: '已发货', values: ['已发货', '已签收', '已取消'] },
  ],
};

const oaSubscribe: TemplateDefinition = {
  family: 'subscribe',
  title: '活动开始提醒',
  fields: [
    { label: '活动名称', key: 'thing1', example: '读书会' },
    { label: '开始时间', key: 'time2', example: '2026年1月1日 12:00' },
  ],
};

const mpOneTime: TemplateDefinition = {
  family: 'subscribe',
  title: '订单发货通知',
  fields: [
    { label: '订单编号', key: 'character_string1', example: 'SF-20260101-1' },
    { label: '商品名称', key: 'thing2', example: '鸿雁牌毛笔' },
    { label: '发货时间', key: 'time3', example: '2026年1月1日 12:00' },
    { label: '收货人', key: 'name4', example: '张三' },
  ],
};

const mpLongTerm: TemplateDefinition = {
  family: 'subscribe',
  title: '洗衣机故障提醒',
  type: 3,
  fields: [
    { label: '完成时间', key: 'time1', example: '2026年1月1日 12:00:00' },
    { label: '所在位置', key: 'enum_string2', example: '客厅', values: ['客厅', '厨房', '卫生间', '阳台'] },
    {
      label: '提示说明',
      key: 'enum_string3',
      example: '设备发生故障，请及时查看',
      values: ['设备发生故障，请及时查看', '洗涤完成'],
    },
  ],
};

const once: TemplateDefinition = {
  family: 'once',
  title: '一次性订阅',
  fields: [{ label: '内容', key: 'content', example: '您关注的内容已更新' }],
};

/** The templates that an account of that kind has at the start, by a short name. */
export function defaultTemplates(kind: AccountKind, legacy: boolean): Record<string, TemplateDefinition> {
  const form: TemplateDefinition = { ...tutorial, family: 'form' };
  switch (kind) {
    case 'service':
      return { tutorial: tutorial, order: oaOrder, event: oaSubscribe, once: once };
    case 'sandbox':
      return { tutorial: tutorial, order: oaOrder, ...(legacy ? { form } : {}) };
    case 'official':
      return { event: oaSubscribe, once: once };
    case 'miniprogram':
      return { order: mpOneTime, fault: mpLongTerm, ...(legacy ? { form } : {}) };
  }
}
