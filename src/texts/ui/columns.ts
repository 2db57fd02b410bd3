import type { Words } from '../catalogue.ts';

/** Heads of the tables of campaigns and schedules. */
export const columnTexts = {
  'column.id': { en: 'id', zh: '编号' },
  'column.account': { en: 'account', zh: '账号' },
  'column.channel': { en: 'channel', zh: '渠道' },
  'column.audience': { en: 'audience', zh: '推送对象' },
  'column.planned': { en: 'planned', zh: '计划人数' },
  'column.state': { en: 'state', zh: '状态' },
  'column.created': { en: 'created', zh: '创建时间' },
  'column.next': { en: 'next', zh: '下一步' },
  'column.cron': { en: 'cron', zh: 'cron 表达式' },
  'column.template': { en: 'template', zh: '模板' },
  'column.validFor': { en: 'may be late by', zh: '最多可晚' },
  'column.nextRun': { en: 'next run', zh: '下次执行' },
  'column.lastCampaign': { en: 'last campaign', zh: '最近的任务' },
  'column.lastMissed': { en: 'last missed', zh: '最近错过' },
  'column.name': { en: 'name', zh: '名称' },
  'column.revision': { en: 'revision', zh: '版本' },
  'column.changedBy': { en: 'changed by', zh: '修改人' },
  'column.rules': { en: 'rules', zh: '规则' },
  'column.createdBy': { en: 'created by', zh: '创建人' },
} as const satisfies Record<string, Words>;
