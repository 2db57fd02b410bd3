import type { TemplateDefinition } from './templates.ts';

/** What `api_add_template` can add: an old industry template and a category template, by short id. */
export const oaLibrary: Readonly<Record<string, TemplateDefinition>> = {
  TM00015: {
    family: 'oa',
    title: '订单支付成功',
    primaryIndustry: 'IT科技',
    deputyIndustry: '互联网|电子商务',
    fields: [
      { label: '支付金额', key: 'orderMoneySum', example: '30.00元' },
      { label: '商品信息', key: 'orderProductName', example: '我是商品名字' },
    ],
  },
  47123: {
    family: 'oa',
    title: '预约成功通知',
    fields: [
      { label: '预约项目', key: 'thing1', example: '体检' },
      { label: '预约时间', key: 'time2', example: '2026年1月1日 12:00' },
      { label: '预约人', key: 'thing3', example: '张三' },
      { label: '预约编号', key: 'character_string4', example: 'A-1001' },
      { label: '联系电话', key: 'phone_number5', example: '020-81167888' },
    ],
  },
};

/** One title of the public library of subscribe templates. */
export interface LibraryTitle {
  tid: number;
  title: string;
  type: 2 | 3;
  categoryId: string;
  keywords: readonly {
    kid: number;
    name: string;
    example: string;
    rule: string;
    values?: readonly string[];
  }[];
}

export const categoryList = [
  { id: 616, name: '公交' },
  { id: 2, name: '工具' },
] as const;

export const subscribeLibrary: readonly LibraryTitle[] = [
  {
    tid: 99,
    title: '付款成功通知',
    type: 2,
    categoryId: '616',
    keywords: [
      { kid: 1, name: '物品名称', example: '名称', rule: 'thing' },
      { kid: 2, name: '付款金额', example: '￥100.00', rule: 'amount' },
      { kid: 3, name: '付款时间', example: '2026年1月1日 12:00', rule: 'time' },
      { kid: 4, name: '单号', example: 'SF-20260101-1', rule: 'character_string' },
      { kid: 5, name: '备注', example: '感谢惠顾', rule: 'thing' },
      { kid: 6, name: '付款人', example: '张三', rule: 'name' },
    ],
  },
  {
    tid: 401,
    title: '报名结果通知',
    type: 2,
    categoryId: '2',
    keywords: [
      { kid: 1, name: '会议地点', example: 'TIT会议室', rule: 'thing' },
      { kid: 2, name: '会议时间', example: '2026年1月1日', rule: 'date' },
      { kid: 3, name: '报名结果', example: '已通过', rule: 'phrase' },
    ],
  },
  {
    tid: 1501,
    title: '线路变更提醒',
    type: 3,
    categoryId: '616',
    keywords: [
      { kid: 1, name: '线路', example: '1路', rule: 'thing' },
      { kid: 2, name: '生效时间', example: '2026年1月1日 12:00', rule: 'time' },
      { kid: 3, name: '原因', example: '道路施工', rule: 'enum_string', values: ['道路施工', '恶劣天气'] },
    ],
  },
];
